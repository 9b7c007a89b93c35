// An agent's reply: judged, stored with its place in the outbox, and awaited for a moment.
#pragma once

#include <chrono>
#include <string>

#include "base/async.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "flow/graph_tokens.hpp"
#include "flow/outbox_worker.hpp"
#include "flow/reply_content.hpp"
#include "media/link_fetcher.hpp"
#include "store/conversations.hpp"
#include "store/messages.hpp"

namespace parley::flow {

/// The form in which an address is stored: the digits of a phone number, or a user id ("US.1349...").
/// Errc::invalid_argument for anything else.
Result<std::string> normalise_address(std::string_view to);

class Composer {
  public:
    Composer(store::Pool& pool, OutboxWorker& worker, GraphTokens& tokens, media::LinkFetcher& links,
             const Clock& clock)
        : pool_(pool), worker_(worker), tokens_(tokens), links_(links), clock_(clock) {}

    /// Stores the reply and waits up to `kPatience` for Meta's answer. The same client_message_id is the same message:
    /// nothing is stored or sent again. Errors (nothing is stored then): invalid_argument, not_found,
    /// recipient_mismatch, window_closed, idempotency_conflict, newer_messages.
    awaitable<Result<store::SendState>> reply(AccountId account, ReplyRequest request);

    /// Sends a failed or unsent message of ours again. Errors: not_found, wrong_state, window_closed.
    awaitable<Result<store::MessageOverview>> retry(AccountId account, MessageId id);
    /// What an agent knows of a message whose outcome is unknown: it arrived, or it is to be sent again. The errors are
    /// those of `retry`.
    awaitable<Result<store::MessageOverview>> settle(AccountId account, MessageId id, bool arrived);

    static constexpr std::chrono::seconds kPatience{4};

  private:
    awaitable<Result<store::MessageOverview>> send_again(AccountId account, MessageId id,
                                                         std::vector<MessageStatus> from);
    awaitable<Result<store::ConversationOverview>> place(AccountId account, ReplyRequest request);
    /// Stores what `request` says; nullopt when its key was taken meanwhile or newer messages came.
    awaitable<Result<std::optional<MessageId>>> store_reply(AccountId account, store::ConversationOverview conversation,
                                                            ReplyRequest request, std::optional<ReplyContent> content,
                                                            std::string hash, bool sendable);
    awaitable<Result<ReplyContent>> prepare(AccountId account, std::string phone_number_id, ReplyRequest request);
    awaitable<Result<MediaId>> fetch_link(AccountId account, ReplyRequest request);
    awaitable<Result<store::MessageOverview>> reaction_target(AccountId account, ConversationId conversation,
                                                              json::value reaction);

    store::Pool& pool_;
    OutboxWorker& worker_;
    GraphTokens& tokens_;
    media::LinkFetcher& links_;
    const Clock& clock_;
};

}  // namespace parley::flow

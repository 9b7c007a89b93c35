// An agent's reply: judged, stored with its place in the outbox, and awaited for a moment.
#pragma once

#include <chrono>
#include <string>

#include "base/async.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "flow/graph_tokens.hpp"
#include "flow/outbox_worker.hpp"
#include "store/conversations.hpp"
#include "store/messages.hpp"

namespace parley::flow {

struct ReplyRequest {
    ConversationId conversation;  ///< 0: found or created from phone_number_id and to
    std::string phone_number_id;  ///< empty with a conversation: its own
    std::string to;               ///< empty with a conversation: its customer
    std::string text;             ///< body, or caption of media
    std::string kind = "text";
    std::string media_url;
    std::string client_message_id;  ///< empty: none
    std::string sent_by;            ///< user uuid
    std::optional<MessageId> seen;  ///< the newest message that the agent had seen; empty: whatever there is
};

/// Meta's limit for a text body and for a caption, in code points (reference, section 10.2).
inline constexpr std::size_t kTextLimit = 4096;
inline constexpr std::size_t kCaptionLimit = 1024;

/// The form in which an address is stored: the digits of a phone number, or a user id ("US.1349...").
/// Errc::invalid_argument for anything else.
Result<std::string> normalise_address(std::string_view to);

class Composer {
  public:
    Composer(store::Pool& pool, OutboxWorker& worker, GraphTokens& tokens, const Clock& clock)
        : pool_(pool), worker_(worker), tokens_(tokens), clock_(clock) {}

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

    store::Pool& pool_;
    OutboxWorker& worker_;
    GraphTokens& tokens_;
    const Clock& clock_;
};

}  // namespace parley::flow

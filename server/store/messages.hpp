// Messages of a thread, and replies on their way out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/message.hpp"
#include "store/media.hpp"
#include "store/pool.hpp"

namespace parley::store {

struct MessageOverview {
    MessageId id;
    ConversationId conversation;
    std::string sender;
    std::string message;
    std::string message_type;
    std::optional<std::string> media_url;
    bool is_read = false;
    std::optional<std::string> whatsapp_message_id;
    TimePoint created_at;
    std::string status;
    std::optional<std::string> payload;    ///< JSON: Meta's message object
    std::optional<std::string> reactions;  ///< JSON array of {sender, emoji, at}
    std::optional<std::string> reply_to_whatsapp_message_id;
    std::optional<std::string> client_message_id;
    std::optional<TimePoint> queued_at, sent_at, delivered_at, read_at, played_at, failed_at;
    std::optional<MessageError> error;
    std::optional<TimePoint> edited_at, revoked_at;
    std::optional<MediaOverview> media;
};

/// A row of the view message_overview.
MessageOverview read_message(const Row& row);

struct MessageQuery {
    ConversationId conversation;
    std::optional<MessageId> before;  ///< older than this message
    std::optional<MessageId> after;   ///< newer than this message
    std::int64_t limit = 100;
    std::int64_t offset = 0;
    bool mark_read = true;  ///< in the same transaction: nothing that is not in the answer's snapshot is marked
};

struct MessagePage {
    std::vector<MessageOverview> messages;  ///< oldest first
    bool has_more = false;                  ///< older ones (newer ones with `after`) exist
};

/// Errc::invalid_argument when `before` or `after` is no message of the conversation.
awaitable<Result<MessagePage>> list_messages(Pool& pool, AccountId account, MessageQuery query, bool has_unread);

/// What became of a message that was to be sent.
struct SendState {
    MessageId id;
    ConversationId conversation;
    MessageStatus status = MessageStatus::queued;
    std::string whatsapp_message_id;
    std::optional<MessageError> error;
};

struct OutgoingReply {
    ConversationId conversation;
    std::string phone_number_id;
    std::string recipient;  ///< the conversation's customer_phone
    std::string text;
    std::string kind;     ///< Meta's word: "text", "image", "location", ...
    std::string payload;  ///< JSON: {"type":kind, kind:{...}}; empty for text and for files
    std::optional<MediaId> media;
    std::string reply_to;           ///< wamid of the quoted message; empty: none
    std::string client_message_id;  ///< empty: none
    std::string request_hash;       ///< tells the same request from another one under the same client_message_id
    std::string sent_by;            ///< user uuid
    bool sendable = true;           ///< false: stored as not_sent, without an outbox row
    std::optional<MessageId> seen;  ///< stored only when nobody else's message of this conversation is newer
};

/// The message stored earlier under this client_message_id; Errc::idempotency_conflict when it was another request.
awaitable<Result<std::optional<SendState>>> find_by_client_id(Pool& pool, AccountId account,
                                                              std::string client_message_id, std::string request_hash);
/// Stores the reply with its outbox row and event; nullopt when its client_message_id was taken meanwhile, or when
/// there are messages newer than `seen`.
awaitable<std::optional<MessageId>> store_outgoing(Pool& pool, AccountId account, OutgoingReply reply);
/// An agent's reaction on a message: sent like a message, shown on its target at once. Empty emoji takes it away.
struct OutgoingReaction {
    ConversationId conversation;
    std::string phone_number_id;
    std::string recipient;
    MessageId target;
    std::string target_wamid;
    std::string emoji;
    std::string client_message_id;
    std::string request_hash;
    std::string sent_by;
    bool sendable = true;
};
/// nullopt when its client_message_id was taken meanwhile.
awaitable<std::optional<MessageId>> store_reaction(Pool& pool, AccountId account, OutgoingReaction reaction);

/// Earlier content of a message that was edited or taken back.
struct MessageVersion {
    std::string message;
    TimePoint replaced_at;
};
/// Oldest first; empty for a message that is not there as well.
awaitable<std::vector<MessageVersion>> message_versions(Pool& pool, AccountId account, MessageId id);

/// Errc::not_found.
awaitable<Result<MessageOverview>> find_message(Pool& pool, AccountId account, MessageId id);
/// A message of ours that has one of `statuses` is to be sent (again). False when it has another, or is not ours.
awaitable<bool> requeue(Pool& pool, AccountId account, MessageId id, std::vector<MessageStatus> statuses);
/// A message of unknown outcome was sent after all. False when its status is another.
awaitable<bool> confirm_sent(Pool& pool, AccountId account, MessageId id);

/// The message must exist.
awaitable<SendState> send_state(Pool& pool, AccountId account, MessageId id);

/// The conversation with a customer, made if it is not there. `address` is the digits of a phone number or a user id;
/// whoever is known by another spelling of the number is that customer, and known by this one as well from now on.
/// Errc::not_found when the number is not one of the account's.
awaitable<Result<ConversationId>> ensure_conversation(Pool& pool, AccountId account, std::string phone_number_id,
                                                      std::string address, TimePoint now);

}  // namespace parley::store

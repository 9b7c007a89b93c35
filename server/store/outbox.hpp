// The outbox: what is to be sent, who is sending it, and what became of it. Every step names the lease under which a
// row was claimed; a worker whose lease ran out changes nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/message.hpp"
#include "store/pool.hpp"

namespace parley::store {

struct OutboxItem {
    AccountId account;
    OutboxId id;
    MessageId message;
    ConversationId conversation;
    std::string phone_number_id;
    std::string recipient;
    std::string lease;
    std::int64_t attempts = 0;  ///< made before this claim
    TimePoint created_at;
    std::string text;
    std::string kind;
    std::string media_url;
    std::string payload;  ///< JSON of a message with structure; empty for text and for files
    std::string reply_to;
    std::optional<MediaId> media;
};

/// Claims up to `limit` due rows, at most the oldest open one of each conversation; rows of `paused_numbers` are left.
awaitable<std::vector<OutboxItem>> claim(Pool& pool, std::vector<std::string> paused_numbers, std::int64_t limit);
/// When the next pending row becomes due; empty when none is pending.
awaitable<std::optional<TimePoint>> next_due(Pool& pool);

/// Records that the request is about to be written. Empty when the lease is lost: then it must not be.
awaitable<std::optional<std::int64_t>> start_attempt(Pool& pool, const OutboxItem& item);

/// Keeps a claim while the file of the message is on its way. False when the lease is lost.
awaitable<bool> extend_claim(Pool& pool, OutboxItem item);

awaitable<void> settle_accepted(Pool& pool, const OutboxItem& item, std::int64_t attempt, std::string wamid);
awaitable<void> settle_refused(Pool& pool, const OutboxItem& item, std::int64_t attempt, MessageError error);
awaitable<void> settle_unknown(Pool& pool, const OutboxItem& item, std::int64_t attempt, std::string reason);
/// Back to pending. `attempt` 0: none was started. An error is shown at the message while it waits.
awaitable<void> put_back(Pool& pool, const OutboxItem& item, std::int64_t attempt, TimePoint available_at,
                         std::optional<MessageError> error);

/// Claims that ended without a request become pending again; requests whose worker vanished become unknown.
awaitable<void> rescue_expired(Pool& pool);

}  // namespace parley::store

// Reading the event log: what agents' screens replay. An event is thin, so it is read together with the rows that it
// names, as they are by then; replaying an event twice, or late, therefore only repeats the present.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/conversations.hpp"
#include "store/messages.hpp"
#include "store/pool.hpp"

namespace parley::store {

struct Event {
    std::int64_t offset = 0;
    std::string name;  ///< "message.created", "conversation.read", ...
    std::optional<ConversationId> conversation;
    std::optional<MessageId> message;
    TimePoint at;  ///< when the transaction that told it began
};

/// Events in order, without a gap, and what they name.
struct EventPage {
    std::vector<Event> events;
    std::unordered_map<MessageId, MessageOverview> messages;
    /// By the id that an event names. One that was folded into another since is that other.
    std::unordered_map<ConversationId, ConversationOverview> conversations;
};

struct EventPosition {
    AccountId account;
    std::string epoch;        ///< another one: offsets of before mean nothing any more
    std::int64_t offset = 0;  ///< of the newest event; 0 before the first
    std::int64_t oldest = 0;  ///< of the oldest event that is still there; offset + 1 when there is none
};

/// The `limit` events after `offset`.
awaitable<EventPage> events_after(Pool& pool, AccountId account, std::int64_t offset, std::int64_t limit);
/// Of the accounts that exist.
awaitable<std::vector<EventPosition>> event_positions(Pool& pool, std::vector<AccountId> accounts);

struct Member {
    AccountId account;
    std::string user_id;
};
/// For each whether the user still belongs to the account.
awaitable<std::vector<bool>> still_members(Pool& pool, std::vector<Member> members);

/// Sends `payload` (under 8,000 bytes) to every process that listens to "parley_presence".
awaitable<void> tell_presence(Pool& pool, std::string payload);

}  // namespace parley::store

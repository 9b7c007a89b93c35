// Conversations as lists and threads need them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/message.hpp"
#include "store/pool.hpp"

namespace parley::store {

struct ConversationOverview {
    ConversationId id;
    ContactId contact;
    std::string phone_number_id;
    std::string customer_phone;  ///< the address to reply to: a wa_id, a user id, or a group id
    std::string customer_name;   ///< what agents call the customer, else what they call themselves
    TimePoint last_message_at;
    TimePoint created_at;
    std::int64_t unread_count = 0;
    std::string status;
    std::optional<TimePoint> last_incoming_at;
    bool is_group = false;
    std::string preview;  ///< of the newest message, at most 200 characters; empty when there is none
    std::optional<std::string> last_message_type;
    std::optional<std::string> last_message_sender;
    std::optional<std::string> last_message_status;
    bool blocked = false;          ///< Meta takes nothing from this customer any more
    bool receipts_behind = false;  ///< the customer wrote since a message was last marked as read at Meta
};

/// A row of the view conversation_overview.
ConversationOverview read_conversation(const Row& row);

/// A place in the list: rows strictly after it, newest activity first.
struct ConversationPosition {
    TimePoint last_message_at;
    ConversationId id;
};

struct ConversationQuery {
    std::string phone_number_id;  ///< empty: all numbers
    bool unread_only = false;
    std::string search;  ///< a part of the name or number; empty: no search
    std::optional<ConversationPosition> after;
    std::int64_t limit = 50;
    std::int64_t offset = 0;
};

awaitable<std::vector<ConversationOverview>> list_conversations(Pool& pool, AccountId account, ConversationQuery query);

/// Also finds a conversation by the id that it had before it was merged. Errc::not_found.
awaitable<Result<ConversationOverview>> find_conversation(Pool& pool, AccountId account, ConversationId id);

/// Everything received so far counts as read. Does nothing for an unknown conversation.
awaitable<void> mark_read(Pool& pool, AccountId account, ConversationId id);

}  // namespace parley::store

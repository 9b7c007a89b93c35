// How far customers' messages are marked as read at Meta.
#pragma once

#include <optional>
#include <string>

#include "base/ids.hpp"
#include "store/pool.hpp"

namespace parley::store {

/// The newest message of a conversation's customer that Meta takes a mark for.
struct NewestIncoming {
    MessageId id;
    std::string wamid;
    std::string phone_number_id;
    std::string policy;  ///< of its business number: "on_open", "on_reply" or "never"
    bool send_typing = false;
    TimePoint last_incoming_at;
    bool due = false;  ///< not marked yet
};

/// Empty when there is none, or no such conversation in the account.
awaitable<std::optional<NewestIncoming>> newest_incoming(Pool& pool, AccountId account, ConversationId conversation);
/// It is marked, and with it all that came before.
awaitable<void> note_receipt(Pool& pool, AccountId account, ConversationId conversation, NewestIncoming marked);

}  // namespace parley::store

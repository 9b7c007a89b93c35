// Stores webhook deliveries: everything that a set of them says, in one transaction.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/async.hpp"
#include "domain/delivery.hpp"
#include "flow/directory.hpp"
#include "store/pool.hpp"

namespace parley::flow {

/// A delivery on its way into the database.
struct PendingDelivery {
    std::string body;   ///< the raw bytes
    Delivery delivery;  ///< what they say
    TimePoint received_at;
    std::optional<DeliveryId> replay_of;  ///< set: its journal row is updated rather than added
    std::string problem;                  ///< what went wrong with some of its items so far; empty when nothing did
    bool journal_only = false;            ///< its items were stored, or refused, one by one already
    std::size_t items_refused = 0;        ///< by the database; then journal_only is set
    /// The accounts whose app secret signed it: what it says of others is not believed. Empty: a secret of the server's
    /// own configuration did, which speaks for all.
    std::vector<AccountId> vouched_by = {};
};

/// The raw bodies, contacts, conversations, messages, counters, statuses and events of all `deliveries`, committed
/// together. Storing the same delivery again changes nothing but the journal. Deliveries for numbers that no account
/// has, and what they say of accounts that did not vouch for them, are journaled as dead letters; a number of a known
/// WABA is added to that WABA's account.
/// Throws DbError; then nothing is stored.
awaitable<void> ingest(store::Pool& pool, std::span<const PendingDelivery> deliveries);

/// The same in one round trip when `directory` knows all numbers and customers and nothing waits for these messages;
/// customers that it does not know are looked up first. Whatever else there is goes the longer way.
awaitable<void> ingest(store::Pool& pool, Directory& directory, std::span<const PendingDelivery> deliveries);

/// What biz_opaque_callback_data says about a message of ours.
std::string callback_data_of(AccountId account, MessageId message);
struct OwnMessage {
    AccountId account;
    MessageId message;
};
std::optional<OwnMessage> read_callback_data(std::string_view data);

}  // namespace parley::flow

// The journal of webhook deliveries, for its readers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/delivery.hpp"
#include "store/pool.hpp"

namespace parley::store {

struct JournaledDelivery {
    DeliveryId id;
    AccountId account;
    TimePoint received_at;
    std::string state;
    std::string problem;
    std::string fields;
    std::int64_t items = 0;
    std::int64_t bytes = 0;
    std::optional<TimePoint> replayed_at;
};

/// Newest first; without `all` only those that are not wholly stored.
awaitable<std::vector<JournaledDelivery>> list_deliveries(Pool& pool, bool all, std::int64_t limit);
awaitable<std::vector<DeliveryId>> problem_deliveries(Pool& pool);

struct RawDelivery {
    DeliveryId id;
    TimePoint received_at;
    std::string body;
    std::vector<AccountId> vouched_by;  ///< accounts whose app secret signed it; empty: not one of theirs
};
awaitable<std::optional<RawDelivery>> raw_delivery(Pool& pool, DeliveryId id);

/// What an account may see of the journal: its own deliveries, and those of nobody when it is the only account.
struct DeliveryFilter {
    std::string state;                 ///< "stored", "partial" or "dead"; empty: all
    std::optional<DeliveryId> before;  ///< older than this one
    std::int64_t limit = 50;
};
/// Newest first.
awaitable<std::vector<JournaledDelivery>> deliveries_of(Pool& pool, AccountId account, DeliveryFilter filter);

struct DeliveryWithBody {
    JournaledDelivery row;
    std::string body;
};
awaitable<std::optional<DeliveryWithBody>> find_delivery(Pool& pool, AccountId account, DeliveryId id);

/// Whether one of these numbers, or WABAs where the number is not named, belongs to another account alone.
awaitable<bool> names_other_account(Pool& pool, AccountId account, std::vector<BusinessNumber> numbers);

/// How many messages PostgreSQL believes to hold.
awaitable<std::int64_t> estimated_messages(Pool& pool);
/// Renews the statistics of the tables that deliveries fill, and with them every session's plans.
awaitable<void> refresh_statistics(Pool& pool);

/// Deletes journal rows and parked updates that are older; a bounded number at a time.
awaitable<void> delete_older(Pool& pool, TimePoint deliveries_before, TimePoint parked_before);

}  // namespace parley::store

// The journal of webhook deliveries: looking into it, and storing a delivery again from its raw body.
#pragma once

#include <optional>

#include "base/async.hpp"
#include "store/deliveries.hpp"

namespace parley::flow {

struct OpenedDelivery {
    store::DeliveryWithBody delivery;
    bool of_others = false;  ///< the body also brought things of another account, which are not for this one's eyes
};
awaitable<std::optional<OpenedDelivery>> open_delivery(store::Pool& pool, AccountId account, DeliveryId id);

/// Goes the way of every delivery; what is stored already stays as it is. False: there is no such delivery. Throws
/// DbError when the database is away.
awaitable<bool> replay_delivery(store::Pool& pool, DeliveryId id);

}  // namespace parley::flow

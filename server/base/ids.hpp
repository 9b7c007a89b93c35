// Row ids as types of their own, so that a message's id is never passed where a conversation's is meant.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace parley {

template <class Tag>
struct Id {
    std::int64_t value = 0;
    friend auto operator<=>(Id, Id) = default;
};

using AccountId = Id<struct AccountTag>;
using ContactId = Id<struct ContactTag>;
using ConversationId = Id<struct ConversationTag>;
using MessageId = Id<struct MessageTag>;
using MediaId = Id<struct MediaTag>;
using DeliveryId = Id<struct DeliveryTag>;
using OutboxId = Id<struct OutboxTag>;

}  // namespace parley

template <class Tag>
struct std::hash<parley::Id<Tag>> {
    std::size_t operator()(parley::Id<Tag> id) const noexcept { return std::hash<std::int64_t>{}(id.value); }
};

#include "domain/delivery.hpp"

namespace parley {

const BusinessNumber& number_of(const DeliveryItem& item) {
    return std::visit([](const auto& specific) -> const BusinessNumber& { return specific.number; }, item);
}

}  // namespace parley

// Meta's webhook JSON -> domain. Tolerant: unknown types, fields and shapes never fail (reference, sections 4 to 9).
#pragma once

#include <string_view>

#include "domain/delivery.hpp"

namespace parley::wa {

/// Reads one webhook body. Never throws on any input; what is not understood is told in the result.
/// `arrival` clamps senders' clocks and stands in for absent timestamps.
Delivery parse_delivery(std::string_view body, TimePoint arrival);

}  // namespace parley::wa

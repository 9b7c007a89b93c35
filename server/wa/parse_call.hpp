// One element of calls[] -> domain (reference, section 9): a call that is over is an entry in its thread.
#pragma once

#include <vector>

#include "base/json.hpp"
#include "domain/delivery.hpp"
#include "wa/contact_book.hpp"

namespace parley::wa {

/// Appends a message of the type "call" for a `terminate`; other events append nothing, because they end in one. False
/// when it is malformed: no object, no id, nobody at the other end.
bool read_call(const json::value& call, const BusinessNumber& number, const ContactBook& contacts, TimePoint arrival,
               std::vector<DeliveryItem>& items);

}  // namespace parley::wa

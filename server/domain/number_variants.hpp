// Other spellings of one phone number. In Brazil, Argentina and Mexico the id under which Meta knows a customer may
// differ from the number that people dial (reference, section 1), and both occur in practice.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parley {

/// The other ways to write the number `wa_id` (digits with the country code, without '+'); empty for numbers of other
/// countries, for landlines of Brazil, and for anything that is not such a number. A spelling says nothing of whether
/// the number exists: it is to be looked up, never to be sent to unasked.
std::vector<std::string> variants_of(std::string_view wa_id);

}  // namespace parley

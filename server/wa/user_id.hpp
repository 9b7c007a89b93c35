// Business-scoped user ids (BSUID): how a customer is known when the phone number is hidden (reference, section 5).
#pragma once

#include <algorithm>
#include <string_view>

namespace parley::wa {

/// True for the form of a BSUID: two letters of a country, a dot, then letters, digits and dots ("US.1349...",
/// "US.ENT.1181..." for a parent). Phone numbers and group ids never look like this.
constexpr bool is_user_id(std::string_view text) {
    auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    auto allowed = [letter](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.'; };
    return text.size() > 3 && letter(text[0]) && letter(text[1]) && text[2] == '.' &&
           std::ranges::all_of(text.substr(3), allowed);
}

}  // namespace parley::wa

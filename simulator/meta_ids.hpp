// Identifiers of the forms that Meta hands out.
#pragma once

#include <string>
#include <string_view>

namespace parley::simulator {

/// "wamid." and base64 of a blob that holds the other party's number, as the real ones do. Unique.
enum class Sender { business, customer };
std::string new_wamid(std::string_view customer, Sender sender);

/// A Graph object id: 16 decimal digits.
std::string new_object_id();

/// "A" and 22 characters of base64url.
std::string new_fbtrace_id();

/// A business-scoped user id such as "US.13491208655302741918": always the same one for the same number.
std::string user_id_of(std::string_view wa_id);

/// Only the digits of a phone number: "+1 (650) 555-1234" becomes "16505551234". Empty when other characters than
/// digits, '+', spaces, hyphens, dots and brackets occur, or when there are not 5 to 20 digits.
std::string phone_digits(std::string_view text);

/// Upper-case ISO country code, '.', up to 128 ASCII letters and digits; "US.ENT.<digits>" is a parent id.
bool is_user_id(std::string_view text);

}  // namespace parley::simulator

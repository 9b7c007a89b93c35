// One readable line for every kind of message.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"

namespace parley::wa {

/// What a message of `type` says: the customer's own words where there are any (a text, a caption, the label of a
/// button), else an English description such as "Voice message" or "Unsupported message (poll)". Never empty.
std::string summarise(const json::value& message, std::string_view type);

/// "Unsupported message", with the kind in brackets when it is known.
std::string unsupported_summary(std::string_view kind);

}  // namespace parley::wa

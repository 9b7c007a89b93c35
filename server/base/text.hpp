// UTF-8 as PostgreSQL accepts it.
#pragma once

#include <string>
#include <string_view>

namespace parley {

/// True for valid UTF-8 (RFC 3629: no overlong forms, no surrogates) without NUL: what a PostgreSQL text value may
/// hold.
bool is_storable_text(std::string_view text);

/// The text with NUL and every byte that is not valid UTF-8 replaced by U+FFFD.
std::string storable_text(std::string_view text);

/// Code points of valid UTF-8: the unit of Meta's length limits.
std::size_t count_code_points(std::string_view text);

/// The first `count` code points of valid UTF-8.
std::string_view first_code_points(std::string_view text, std::size_t count);

}  // namespace parley

// Reading JSON that others wrote. Meta sends numbers as strings and strings as numbers, leaves members out and adds new
// ones without notice (reference, section 4): these readers take what is there and never throw.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley::json {

using boost::json::array;
using boost::json::object;
using boost::json::value;

/// Parses one JSON text strictly (RFC 8259, at most 64 levels deep); empty when it is not one. Integers beyond 64 bits
/// become doubles, 1e999 infinity: readers below refuse both.
std::optional<value> parse(std::string_view text);

/// Parses what `parse` refuses only for its characters as well: NUL, invalid UTF-8 and lone surrogates, escaped or not,
/// become U+FFFD. Numbers too large for PostgreSQL's jsonb become null. Strings in the result are storable text.
std::optional<value> parse_storable(std::string_view text);

/// The member, or nullptr when `container` is no object or lacks it.
const value* find(const value& container, std::string_view name);
/// An object would be copied into a temporary value, and the result point into it: use its own if_contains.
const value* find(const object& container, std::string_view name) = delete;
const object* find_object(const value& container, std::string_view name);
const array* find_array(const value& container, std::string_view name);

/// A string member; a number is given as its digits; anything else is empty.
std::string text(const value& container, std::string_view name);
/// The same, but absent members are told from empty ones.
std::optional<std::string> optional_text(const value& container, std::string_view name);
/// An integer, or a string of one; fractions are cut off ("1749416383.0" is seen in the wild).
std::optional<std::int64_t> integer(const value& container, std::string_view name);
bool boolean(const value& container, std::string_view name);

}  // namespace parley::json

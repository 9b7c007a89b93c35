// Reading what clients send: query parameters, path parameters and JSON members, with errors that name the member.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace parley::api {

inline constexpr std::int64_t kMaxPage = 200;

struct Range {
    std::int64_t least = 0;
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

/// A query parameter; nullopt when absent. One that is there and cannot be decoded is Errc::invalid_argument.
Result<std::optional<std::string>> parameter(const http::Request& request, std::string_view name);
/// An integer parameter; nullopt when absent. Errc::invalid_argument for other text and values outside the range.
Result<std::optional<std::int64_t>> integer_parameter(const http::Request& request, std::string_view name, Range range);
/// "true"/"1" or "false"/"0".
Result<std::optional<bool>> boolean_parameter(const http::Request& request, std::string_view name);
/// Valid text of at most `max_length` bytes; empty when absent.
Result<std::string> text_parameter(const http::Request& request, std::string_view name, std::size_t max_length);
/// `limit`, at least 1, capped at 200.
Result<std::int64_t> limit_parameter(const http::Request& request, std::int64_t standard);
Result<std::int64_t> offset_parameter(const http::Request& request);
/// An id in the path: a positive integer. Errc::not_found for anything else, as for an id that does not exist.
Result<std::int64_t> path_id(const http::Request& request, std::string_view name);

/// The body as a JSON object; Errc::malformed_json.
Result<json::value> json_body(const http::Request& request);
/// String members; absent and null are empty.
Result<std::string> text_member(const json::value& body, std::string_view name);
/// Integer members; absent and null are 0. Strings and fractions are refused.
Result<std::int64_t> integer_member(const json::value& body, std::string_view name);
/// A boolean member that must be there.
Result<bool> boolean_member(const json::value& body, std::string_view name);

}  // namespace parley::api

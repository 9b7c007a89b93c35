#include "api/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <ranges>

#include "base/text.hpp"

namespace parley::api {
namespace {

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

bool is_named(const http::Request& request, std::string_view name) {
    return std::ranges::any_of(std::views::split(request.query, '&'), [name](const auto& part) {
        std::string_view pair(part);
        return pair.substr(0, pair.find('=')) == name;
    });
}

}  // namespace

Result<std::optional<std::string>> parameter(const http::Request& request, std::string_view name) {
    auto value = request.query_parameter(name);
    if (!value && is_named(request, name))
        return failure(Errc::invalid_argument, std::string(name) + " has a malformed percent-encoding.",
                       std::string(name));
    return value;
}

Result<std::optional<std::int64_t>> integer_parameter(const http::Request& request, std::string_view name,
                                                      Range range) {
    auto text = parameter(request, name);
    if (!text) return std::unexpected(text.error());
    if (!*text) return std::nullopt;
    auto value = parse_integer(**text);
    if (!value) return failure(Errc::invalid_argument, std::string(name) + " must be an integer.", std::string(name));
    if (*value < range.least)
        return failure(Errc::invalid_argument,
                       std::string(name) + " must be at least " + std::to_string(range.least) + ".", std::string(name));
    if (*value > range.most)
        return failure(Errc::invalid_argument,
                       std::string(name) + " must be at most " + std::to_string(range.most) + ".", std::string(name));
    return value;
}

Result<std::optional<bool>> boolean_parameter(const http::Request& request, std::string_view name) {
    auto text = parameter(request, name);
    if (!text) return std::unexpected(text.error());
    if (!*text) return std::nullopt;
    if (**text == "true" || **text == "1") return true;
    if (**text == "false" || **text == "0") return false;
    return failure(Errc::invalid_argument, std::string(name) + " must be true or false.", std::string(name));
}

Result<std::string> text_parameter(const http::Request& request, std::string_view name, std::size_t max_length) {
    auto given = parameter(request, name);
    if (!given) return std::unexpected(given.error());
    auto text = given->value_or("");
    if (text.size() > max_length)
        return failure(Errc::invalid_argument,
                       std::string(name) + " must have at most " + std::to_string(max_length) + " bytes.",
                       std::string(name));
    if (!is_storable_text(text))
        return failure(Errc::invalid_argument, std::string(name) + " must be valid UTF-8.", std::string(name));
    return text;
}

Result<std::int64_t> limit_parameter(const http::Request& request, std::int64_t standard) {
    auto limit = integer_parameter(request, "limit", {1});
    if (!limit) return std::unexpected(limit.error());
    return std::min(limit->value_or(standard), kMaxPage);
}

Result<std::int64_t> offset_parameter(const http::Request& request) {
    auto offset = integer_parameter(request, "offset", {0, 1'000'000'000});
    if (!offset) return std::unexpected(offset.error());
    return offset->value_or(0);
}

Result<std::int64_t> path_id(const http::Request& request, std::string_view name) {
    auto value = parse_integer(request.path_parameter(name));
    if (!value || *value <= 0) return failure(Errc::not_found, "There is no such resource.");
    return *value;
}

Result<json::value> json_body(const http::Request& request) {
    auto parsed = json::parse(request.body);
    if (!parsed || !parsed->is_object()) return failure(Errc::malformed_json, "The body must be a JSON object.");
    return std::move(*parsed);
}

Result<std::string> text_member(const json::value& body, std::string_view name) {
    const auto* member = json::find(body, name);
    if (!member || member->is_null()) return std::string();
    if (!member->is_string())
        return failure(Errc::invalid_argument, std::string(name) + " must be a string.", std::string(name));
    return std::string(member->get_string());
}

Result<std::int64_t> integer_member(const json::value& body, std::string_view name) {
    const auto* member = json::find(body, name);
    if (!member || member->is_null()) return 0;
    if (!member->is_int64())
        return failure(Errc::invalid_argument, std::string(name) + " must be an integer.", std::string(name));
    return member->get_int64();
}

Result<bool> boolean_member(const json::value& body, std::string_view name) {
    const auto* member = json::find(body, name);
    if (!member || !member->is_bool())
        return failure(Errc::invalid_argument, std::string(name) + " must be true or false.", std::string(name));
    return member->get_bool();
}

}  // namespace parley::api

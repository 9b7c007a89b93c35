// What every Graph request passes first.
#include <algorithm>

#include "simulator/routes.hpp"

namespace parley::simulator {
namespace {

bool is_version(std::string_view text) {
    if (text.size() < 4 || text[0] != 'v') return false;
    auto dot = text.find('.');
    if (dot == std::string_view::npos || dot < 2 || dot + 1 == text.size()) return false;
    return std::ranges::all_of(text.substr(1), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

std::string presented_token(const http::Request& request) {
    auto header = request.header("Authorization");
    for (std::string_view scheme : {"Bearer ", "bearer ", "OAuth "}) {
        if (header.starts_with(scheme)) return std::string(header.substr(scheme.size()));
    }
    return request.query_parameter("access_token").value_or("");
}

/// Sending and media need one permission, everything about the account the other one.
std::string_view needed_scope(const World& world, const http::Request& request) {
    auto edge = request.path.substr(request.path.rfind('/') + 1);
    bool messaging = edge == "messages" || edge == "media" || edge == "block_users" || edge.empty() ||
                     world.media.find_kept(edge) != nullptr;
    return messaging ? "whatsapp_business_messaging" : "whatsapp_business_management";
}

GraphError permission_missing(std::string_view scope) {
    if (scope == "whatsapp_business_messaging") {
        return {.status = 403, .code = 10, .message = "(#10) Application does not have permission for this action"};
    }
    return {.status = 403,
            .code = 200,
            .message = "Your app doesn't have permission to access this WhatsApp Business Account",
            .subcode = 1349174,
            .user_title = "Permission Denied",
            .user_message = "Your app doesn't have permission to access this resource"};
}

awaitable<http::Response> checked(World& world, http::Request& request, GraphHandler handler, bool versioned) {
    if (versioned && !is_version(request.path_parameter("version"))) {
        co_return graph_answer(request, {},
                               GraphError{.code = 2500, .message = "Unknown path components: " + request.path});
    }
    const auto& businesses = world.businesses;
    if (!businesses.token.valid || !businesses.knows(presented_token(request))) {
        co_return graph_answer(request, {}, token_invalid());
    }
    auto scope = needed_scope(world, request);
    if (!request.path.ends_with("/debug_token") && !businesses.token.has(scope)) {
        co_return graph_answer(request, {}, permission_missing(scope));
    }
    co_return co_await handler(world, request);
}

void nest(json::object& target, std::string_view name, json::value value) {
    auto open = name.find('[');
    std::string_view outer = name.substr(0, open);
    if (open == std::string_view::npos) {
        target[outer] = std::move(value);
        return;
    }
    auto close = name.find(']', open);
    if (close == std::string_view::npos) return;
    std::string inner(name.substr(open + 1, close - open - 1));
    auto& slot = target[outer];
    if (inner.empty()) {
        if (!slot.is_array()) slot = json::array{};
        slot.as_array().push_back(std::move(value));
        return;
    }
    if (!slot.is_object()) slot = json::object{};
    nest(slot.as_object(), inner + std::string(name.substr(close + 1)), std::move(value));
}

json::object form_of(std::string_view body) {
    json::object result;
    while (!body.empty()) {
        auto pair = body.substr(0, body.find('&'));
        body.remove_prefix(std::min(body.size(), pair.size() + 1));
        auto equals = std::min(pair.find('='), pair.size());
        auto name = http::percent_decode(pair.substr(0, equals), true);
        auto text = http::percent_decode(pair.substr(std::min(pair.size(), equals + 1)), true);
        if (!name || !text || name->size() > 200) continue;
        std::optional<json::value> value;
        if (text->starts_with('{') || text->starts_with('[')) value = json::parse(*text);
        nest(result, *name, value ? std::move(*value) : json::value(*text));
    }
    return result;
}

}  // namespace

void add_graph_route(http::Router& router, World& world, http::Method method, const std::string& pattern,
                     GraphHandler handler, std::size_t body_limit) {
    router.add(
        method, "/{version}" + pattern,
        [&world, handler](http::Request& request) { return checked(world, request, handler, true); }, body_limit);
    router.add(
        method, pattern, [&world, handler](http::Request& request) { return checked(world, request, handler, false); },
        body_limit);
}

bool may_use(const World& world, const http::Request& request, const BusinessNumber& number) {
    return world.businesses.opens(presented_token(request), number.token);
}

BusinessNumber* number_of(World& world, const http::Request& request) {
    BusinessNumber* number = world.businesses.number(request.path_parameter("id"));
    return number != nullptr && may_use(world, request, *number) ? number : nullptr;
}

Waba* waba_of(World& world, const http::Request& request) {
    Waba* waba = world.businesses.waba(request.path_parameter("id"));
    if (waba == nullptr) return nullptr;
    return world.businesses.opens(presented_token(request), waba->token) ? waba : nullptr;
}

json::value body_of(const http::Request& request) {
    if (request.header("Content-Type").starts_with("application/x-www-form-urlencoded")) return form_of(request.body);
    auto parsed = json::parse(request.body);
    return parsed && parsed->is_object() ? std::move(*parsed) : json::value(json::object{});
}

}  // namespace parley::simulator

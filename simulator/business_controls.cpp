// /_sim: numbers, the subscription and what the token may do.
#include "simulator/control_json.hpp"
#include "simulator/meta_ids.hpp"
#include "simulator/routes.hpp"

namespace parley::simulator {
namespace {

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= 32 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

awaitable<http::Response> add_number(World& world, http::Request& request) {
    auto body = control_body(request);
    for (std::string_view name : {"phone_number_id", "waba_id"}) {
        if (is_id(json::text(body, name))) continue;
        co_return http::problem(request, 400, "invalid_argument", "`" + std::string(name) + "` is a text of digits.",
                                name);
    }
    auto display = json::text(body, "display_phone_number");
    if (phone_digits(display).empty()) {
        co_return http::problem(request, 400, "invalid_argument", "`display_phone_number` is a phone number.",
                                "display_phone_number");
    }
    auto name = json::text(body, "verified_name");
    BusinessNumber* number = world.businesses.put({.phone_number_id = json::text(body, "phone_number_id"),
                                                   .waba_id = json::text(body, "waba_id"),
                                                   .display_phone_number = display,
                                                   .verified_name = name.empty() ? world.options.verified_name : name,
                                                   .token = json::text(body, "token")});
    if (number == nullptr) co_return http::problem(request, 429, "too_many", "There are too many numbers.");
    world.state.note_change();
    co_return json_answer(business_json(*number));
}

awaitable<http::Response> change_number(World& world, http::Request& request) {
    BusinessNumber* number = world.businesses.number(request.path_parameter("id"));
    if (number == nullptr) co_return http::problem(request, 404, "not_found", "No such number.");
    auto body = control_body(request);
    if (auto status = json::optional_text(body, "status")) number->status = *status;
    if (auto quality = json::optional_text(body, "quality_rating")) number->quality_rating = *quality;
    if (auto name = json::optional_text(body, "verified_name")) number->verified_name = *name;
    world.state.note_change();
    co_return json_answer(business_json(*number));
}

awaitable<http::Response> subscription(World& world, http::Request& request) {
    auto body = control_body(request);
    auto id = json::text(body, "waba_id");
    Waba* waba = world.businesses.waba(id.empty() ? world.options.waba_id : id);
    if (waba == nullptr) co_return http::problem(request, 404, "not_found", "No such WABA.", "waba_id");
    const auto* wanted = json::find(body, "subscribed");
    if (wanted == nullptr || !wanted->is_bool()) {
        co_return http::problem(request, 400, "invalid_argument", "`subscribed` is true or false.", "subscribed");
    }
    waba->subscribed = wanted->get_bool();
    co_return json_answer({{"waba_id", waba->id}, {"subscribed", waba->subscribed}});
}

awaitable<http::Response> token(World& world, http::Request& request) {
    auto body = control_body(request);
    TokenState& state = world.businesses.token;
    if (const auto* valid = json::find(body, "is_valid"); valid != nullptr && valid->is_bool()) {
        state.valid = valid->get_bool();
    }
    if (auto expires_at = json::integer(body, "expires_at")) state.expires_at = *expires_at;
    if (const auto* scopes = json::find_array(body, "scopes")) {
        state.scopes.clear();
        for (const auto& scope : *scopes) {
            if (scope.is_string()) state.scopes.emplace_back(scope.get_string());
        }
    }
    co_return json_answer({{"is_valid", state.valid},
                           {"expires_at", state.expires_at},
                           {"scopes", json::array(state.scopes.begin(), state.scopes.end())}});
}

}  // namespace

void add_business_controls(http::Router& router, World& world) {
    using enum http::Method;
    add_control_route(router, world, post, "/_sim/numbers", add_number);
    add_control_route(router, world, put, "/_sim/numbers/{id}", change_number);
    add_control_route(router, world, put, "/_sim/subscription", subscription);
    add_control_route(router, world, put, "/_sim/token", token);
}

}  // namespace parley::simulator

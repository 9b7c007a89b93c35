// /_sim/templates: what Meta does to templates, each with its webhook.
#include <algorithm>
#include <array>

#include "simulator/control_json.hpp"
#include "simulator/fields.hpp"
#include "simulator/routes.hpp"
#include "simulator/webhook_bodies.hpp"

namespace parley::simulator {
namespace {

struct Found {
    Waba* waba = nullptr;
    Template* message_template = nullptr;
};

Found find(World& world, const http::Request& request) {
    auto id = request.path_parameter("id");
    Waba* waba = world.businesses.waba_with_template(id);
    return {.waba = waba, .message_template = waba == nullptr ? nullptr : waba->templates.find_by_id(id)};
}

http::Response not_found(const http::Request& request) {
    return http::problem(request, 404, "not_found", "No template has that id.");
}

http::Response invalid(const http::Request& request, std::string_view member, std::string_view rule) {
    return http::problem(request, 400, "invalid_argument", "`" + std::string(member) + "` " + std::string(rule),
                         member);
}

awaitable<http::Response> list(World& world, http::Request&) {
    json::array all;
    for (const auto& number : world.businesses.numbers()) {
        for (const auto& one : world.businesses.waba_of(number).templates.all()) {
            auto entry = to_json(one);
            entry["waba_id"] = number.waba_id;
            if (std::ranges::find(all, json::value(entry)) == all.end()) all.push_back(std::move(entry));
        }
    }
    co_return json_answer({{"templates", std::move(all)}});
}

awaitable<http::Response> set_status(World& world, http::Request& request) {
    constexpr std::array<std::string_view, 10> kStatuses{"APPROVED", "PENDING",       "REJECTED",         "PAUSED",
                                                         "DISABLED", "IN_APPEAL",     "PENDING_DELETION", "DELETED",
                                                         "ARCHIVED", "LIMIT_EXCEEDED"};
    auto [waba, changed] = find(world, request);
    if (changed == nullptr) co_return not_found(request);
    auto body = control_body(request);
    auto status = in_upper_case(json::text(body, "status"));
    if (std::ranges::find(kStatuses, status) == kStatuses.end()) {
        co_return invalid(request, "status", "is APPROVED, PENDING, REJECTED, PAUSED, DISABLED, ...");
    }
    changed->status = status;
    auto reason = json::text(body, "reason");
    changed->rejected_reason = reason.empty() ? "NONE" : reason;
    world.receipts.post(*waba, template_status_webhook(waba->id, *changed, world.state.now()),
                        WebhooksOut::Kind::other);
    auto answer = to_json(*changed);
    if (status == "DELETED") waba->templates.remove(std::string(changed->name), std::string(changed->id));
    co_return json_answer(answer);
}

awaitable<http::Response> set_quality(World& world, http::Request& request) {
    constexpr std::array<std::string_view, 4> kScores{"GREEN", "YELLOW", "RED", "UNKNOWN"};
    auto [waba, changed] = find(world, request);
    if (changed == nullptr) co_return not_found(request);
    auto score = in_upper_case(json::text(control_body(request), "quality"));
    if (std::ranges::find(kScores, score) == kScores.end()) {
        co_return invalid(request, "quality", "is GREEN, YELLOW, RED or UNKNOWN");
    }
    json::object changes{{"previous_quality_score", changed->quality}, {"new_quality_score", score}};
    changed->quality = score;
    world.receipts.post(
        *waba, template_webhook(waba->id, "message_template_quality_update", *changed, changes, world.state.now()),
        WebhooksOut::Kind::other);
    co_return json_answer(to_json(*changed));
}

awaitable<http::Response> set_category(World& world, http::Request& request) {
    constexpr std::array<std::string_view, 3> kCategories{"MARKETING", "UTILITY", "AUTHENTICATION"};
    auto [waba, changed] = find(world, request);
    if (changed == nullptr) co_return not_found(request);
    auto category = in_upper_case(json::text(control_body(request), "category"));
    if (std::ranges::find(kCategories, category) == kCategories.end()) {
        co_return invalid(request, "category", "is MARKETING, UTILITY or AUTHENTICATION");
    }
    json::object changes{{"previous_category", changed->category}, {"new_category", category}};
    changed->category = category;
    world.receipts.post(*waba,
                        template_webhook(waba->id, "template_category_update", *changed, changes, world.state.now()),
                        WebhooksOut::Kind::other);
    co_return json_answer(to_json(*changed));
}

json::array webhook_buttons(const json::value& component) {
    json::array made;
    const auto* buttons = json::find_array(component, "buttons");
    if (buttons == nullptr) return made;
    for (const auto& button : *buttons) {
        json::object one{{"message_template_button_type", json::text(button, "type")},
                         {"message_template_button_text", json::text(button, "text")}};
        if (auto url = json::text(button, "url"); !url.empty()) one["message_template_button_url"] = url;
        if (auto number = json::text(button, "phone_number"); !number.empty()) {
            one["message_template_button_phone_number"] = number;
        }
        made.push_back(std::move(one));
    }
    return made;
}

awaitable<http::Response> set_components(World& world, http::Request& request) {
    auto [waba, changed] = find(world, request);
    if (changed == nullptr) co_return not_found(request);
    auto body = control_body(request);
    const auto* components = json::find_array(body, "components");
    if (components == nullptr || components->empty()) co_return invalid(request, "components", "is a list");
    changed->components = *components;
    json::object changes;
    for (const auto& component : changed->components) {
        auto type = in_upper_case(json::text(component, "type"));
        auto text = json::text(component, "text");
        if (type == "HEADER" && !text.empty()) changes["message_template_title"] = text;
        if (type == "BODY") changes["message_template_element"] = text;
        if (type == "FOOTER") changes["message_template_footer"] = text;
        if (type == "BUTTONS") changes["message_template_buttons"] = webhook_buttons(component);
    }
    world.receipts.post(
        *waba, template_webhook(waba->id, "message_template_components_update", *changed, changes, world.state.now()),
        WebhooksOut::Kind::other);
    co_return json_answer(to_json(*changed));
}

}  // namespace

void add_template_controls(http::Router& router, World& world) {
    using enum http::Method;
    add_control_route(router, world, get, "/_sim/templates", list);
    add_control_route(router, world, post, "/_sim/templates/{id}/status", set_status);
    add_control_route(router, world, post, "/_sim/templates/{id}/quality", set_quality);
    add_control_route(router, world, post, "/_sim/templates/{id}/category", set_category);
    add_control_route(router, world, post, "/_sim/templates/{id}/components", set_components);
}

}  // namespace parley::simulator

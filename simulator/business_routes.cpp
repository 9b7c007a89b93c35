// Numbers, subscriptions, the profile, and what a token may do.
#include "simulator/business_routes.hpp"

#include <algorithm>

#include "simulator/fields.hpp"
#include "simulator/routes.hpp"

namespace parley::simulator {
namespace {

constexpr std::string_view kNumberFields =
    "verified_name,code_verification_status,display_phone_number,quality_rating,platform_type,throughput,"
    "webhook_configuration,id";

json::object number_json(const World& world, const BusinessNumber& number) {
    return {{"verified_name", number.verified_name},
            {"code_verification_status", "VERIFIED"},
            {"display_phone_number", number.display_phone_number},
            {"quality_rating", number.quality_rating},
            {"platform_type", "CLOUD_API"},
            {"throughput", {{"level", "STANDARD"}}},
            {"webhook_configuration", {{"application", world.webhooks.url()}}},
            {"is_official_business_account", false},
            {"account_mode", "LIVE"},
            {"eligibility_for_api_business_global_search", "NON_ELIGIBLE_UNDEFINED_COUNTRY"},
            {"is_pin_enabled", true},
            {"name_status", "APPROVED"},
            {"new_name_status", "NONE"},
            {"status", number.status},
            {"search_visibility", "NON_VISIBLE"},
            {"messaging_limit_tier", "TIER_1K"},
            {"whatsapp_business_manager_messaging_limit", "TIER_1K"},
            {"id", number.phone_number_id}};
}

http::Response unknown(const http::Request& request) {
    std::string_view verb = request.method == http::Method::get    ? "get"
                            : request.method == http::Method::post ? "post"
                                                                   : "delete";
    return graph_answer(request, {}, unknown_object(verb, request.path_parameter("id")));
}

awaitable<http::Response> list_numbers(World& world, http::Request& request) {
    const Waba* waba = waba_of(world, request);
    if (waba == nullptr) co_return unknown(request);
    json::array data;
    std::string first;
    std::string last;
    for (const auto& number : world.businesses.numbers()) {
        if (number.waba_id != waba->id) continue;
        data.push_back(with_fields(request, number_json(world, number), kNumberFields));
        last = "QVFI" + to_base64url(number.phone_number_id);
        if (first.empty()) first = last;
    }
    json::object body{{"data", std::move(data)}, {"paging", {{"cursors", {{"before", first}, {"after", last}}}}}};
    co_return graph_answer(request, waba->id, body);
}

awaitable<http::Response> list_subscriptions(World& world, http::Request& request) {
    const Waba* waba = waba_of(world, request);
    if (waba == nullptr) co_return unknown(request);
    json::array data;
    if (waba->subscribed) {
        json::object app{{"id", kAppId},
                         {"link", "https://www.facebook.com/games/?app_id=" + std::string(kAppId)},
                         {"name", world.options.verified_name}};
        json::object subscription{{"whatsapp_business_api_data", std::move(app)}};
        if (world.webhooks.url() != world.options.webhook_url) {
            subscription["override_callback_uri"] = world.webhooks.url();
        }
        data.push_back(std::move(subscription));
    }
    co_return graph_answer(request, waba->id, json::object{{"data", std::move(data)}});
}

awaitable<http::Response> subscribe(World& world, http::Request& request) {
    Waba* waba = waba_of(world, request);
    if (waba == nullptr) co_return unknown(request);
    std::string waba_id = waba->id;
    auto body = body_of(request);
    auto callback = json::text(body, "override_callback_uri");
    if (!callback.empty()) {
        auto verification = co_await world.webhooks.verify(callback, json::text(body, "verify_token"));
        if (!verification.ok) {
            GraphError refused{
                .code = 2200,
                .message = "(#2200) Callback verification failed with the following errors: " + verification.detail};
            co_return graph_answer(request, waba_id, refused);
        }
        world.webhooks.set_url(callback, false);
        waba = waba_of(world, request);
        if (waba == nullptr) co_return unknown(request);
    }
    waba->subscribed = true;
    co_return graph_answer(request, waba_id, json::object{{"success", true}});
}

awaitable<http::Response> unsubscribe(World& world, http::Request& request) {
    Waba* waba = waba_of(world, request);
    if (waba == nullptr) co_return unknown(request);
    waba->subscribed = false;
    co_return graph_answer(request, waba->id, json::object{{"success", true}});
}

awaitable<http::Response> get_profile(World& world, http::Request& request) {
    const BusinessNumber* number = number_of(world, request);
    if (number == nullptr) co_return unknown(request);
    json::object profile = with_fields(request, number->profile);
    profile["messaging_product"] = "whatsapp";
    co_return graph_answer(request, number->waba_id, json::object{{"data", json::array{std::move(profile)}}});
}

awaitable<http::Response> post_profile(World& world, http::Request& request) {
    BusinessNumber* number = number_of(world, request);
    if (number == nullptr) co_return unknown(request);
    auto body = body_of(request);
    if (json::text(body, "messaging_product") != "whatsapp") {
        co_return graph_answer(request, number->waba_id, missing_parameter("messaging_product"));
    }
    for (std::string_view name : {"about", "address", "description", "email", "websites", "vertical"}) {
        if (const auto* member = json::find(body, name)) number->profile[name] = *member;
    }
    co_return graph_answer(request, number->waba_id, json::object{{"success", true}});
}

/// register, deregister, request_code, verify_code: the number is always ready.
awaitable<http::Response> number_action(World& world, http::Request& request) {
    const BusinessNumber* number = number_of(world, request);
    if (number == nullptr) co_return unknown(request);
    co_return graph_answer(request, number->waba_id, json::object{{"success", true}});
}

/// What `input_token` may do. A token that opens nothing here is not valid.
awaitable<http::Response> debug_token(World& world, http::Request& request) {
    auto input = request.query_parameter("input_token").value_or("");
    if (input.empty()) co_return graph_answer(request, {}, missing_parameter("input_token"));
    const auto& token = world.businesses.token;
    if (!token.valid || !world.businesses.knows(input)) {
        json::object error{{"code", 190}, {"message", "Invalid OAuth access token."}};
        json::object data{{"error", std::move(error)}, {"is_valid", false}, {"scopes", json::array{}}};
        co_return graph_answer(request, {}, json::object{{"data", std::move(data)}});
    }
    json::array wabas;
    for (const auto& number : world.businesses.numbers()) {
        bool listed = std::ranges::find(wabas, json::value(number.waba_id)) != wabas.end();
        if (!listed && world.businesses.opens(input, number.token)) wabas.emplace_back(number.waba_id);
    }
    json::array granular;
    for (const auto& scope : token.scopes) granular.push_back({{"scope", scope}, {"target_ids", wabas}});
    json::object data{{"app_id", kAppId},
                      {"type", "SYSTEM_USER"},
                      {"application", world.options.verified_name},
                      {"data_access_expires_at", 0},
                      {"expires_at", token.expires_at},
                      {"is_valid", true},
                      {"issued_at", 1'700'000'000},
                      {"scopes", json::array(token.scopes.begin(), token.scopes.end())},
                      {"granular_scopes", std::move(granular)},
                      {"user_id", "122096481234567890"}};
    co_return graph_answer(request, {}, json::object{{"data", std::move(data)}});
}

}  // namespace

http::Response number_answer(const World& world, const http::Request& request, const BusinessNumber& number) {
    return graph_answer(request, number.waba_id, with_fields(request, number_json(world, number), kNumberFields));
}

http::Response waba_answer(const http::Request& request, const Waba& waba) {
    json::object object{{"name", waba.name},
                        {"timezone_id", "1"},
                        {"message_template_namespace", "ba30dd89_2ebd_41e4_b805_f2c05ae04cc9"},
                        {"currency", "USD"},
                        {"account_review_status", "APPROVED"},
                        {"business_verification_status", "verified"},
                        {"id", waba.id}};
    return graph_answer(request, waba.id,
                        with_fields(request, object, "name,timezone_id,message_template_namespace,id"));
}

void add_business_routes(http::Router& router, World& world) {
    using enum http::Method;
    add_graph_route(router, world, get, "/debug_token", debug_token);
    add_graph_route(router, world, get, "/{id}/phone_numbers", list_numbers);
    add_graph_route(router, world, get, "/{id}/subscribed_apps", list_subscriptions);
    add_graph_route(router, world, post, "/{id}/subscribed_apps", subscribe);
    add_graph_route(router, world, del, "/{id}/subscribed_apps", unsubscribe);
    add_graph_route(router, world, get, "/{id}/whatsapp_business_profile", get_profile);
    add_graph_route(router, world, post, "/{id}/whatsapp_business_profile", post_profile);
    for (std::string edge : {"register", "deregister", "request_code", "verify_code"}) {
        add_graph_route(router, world, post, "/{id}/" + edge, number_action);
    }
}

}  // namespace parley::simulator

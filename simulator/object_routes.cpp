// Reads and changes of single objects (/{id}) and the small edges of the WABA and the number.
#include "simulator/fields.hpp"
#include "simulator/routes.hpp"

namespace parley::simulator {
namespace {

constexpr std::string_view kAppId = "670843887433847";

json::object number_object(const World& world) {
    return {{"verified_name", world.options.verified_name},
            {"code_verification_status", "VERIFIED"},
            {"display_phone_number", world.options.display_phone_number},
            {"quality_rating", "GREEN"},
            {"platform_type", "CLOUD_API"},
            {"throughput", {{"level", "STANDARD"}}},
            {"webhook_configuration", {{"application", world.webhooks.url()}}},
            {"is_official_business_account", false},
            {"account_mode", "LIVE"},
            {"eligibility_for_api_business_global_search", "NON_ELIGIBLE_UNDEFINED_COUNTRY"},
            {"is_pin_enabled", true},
            {"name_status", "APPROVED"},
            {"new_name_status", "NONE"},
            {"status", "CONNECTED"},
            {"search_visibility", "NON_VISIBLE"},
            {"messaging_limit_tier", "TIER_1K"},
            {"id", world.options.phone_number_id}};
}

constexpr std::string_view kNumberFields =
    "verified_name,code_verification_status,display_phone_number,quality_rating,platform_type,throughput,"
    "webhook_configuration,id";

json::object media_object(const World& world, const MediaFile& file) {
    return {{"url", world.base_url + world.media.url_target(file.id, world.state.now())},
            {"mime_type", file.mime_type},
            {"sha256", to_hex(file.sha256_raw)},
            {"file_size", file.bytes.size()},
            {"id", file.id},
            {"messaging_product", "whatsapp"}};
}

awaitable<http::Response> get_object(World& world, http::Request& request) {
    const auto& waba_id = world.options.waba_id;
    auto id = request.path_parameter("id");
    if (id == world.options.phone_number_id) {
        co_return graph_answer(request, waba_id, with_fields(request, number_object(world), kNumberFields));
    }
    if (id == waba_id) {
        json::object waba{{"name", world.options.verified_name},
                          {"timezone_id", "1"},
                          {"message_template_namespace", "ba30dd89_2ebd_41e4_b805_f2c05ae04cc9"},
                          {"id", waba_id}};
        co_return graph_answer(request, waba_id, with_fields(request, waba));
    }
    if (auto file = world.media.find(id)) co_return graph_answer(request, waba_id, media_object(world, *file));
    if (const Template* found = world.templates.find_by_id(id)) {
        co_return graph_answer(request, waba_id, with_fields(request, to_json(*found)));
    }
    co_return graph_answer(request, {}, unknown_object("get", id));
}

awaitable<http::Response> post_object(World& world, http::Request& request) {
    const auto& waba_id = world.options.waba_id;
    auto id = request.path_parameter("id");
    if (Template* found = world.templates.find_by_id(id)) {
        auto body = body_of(request);
        if (const auto* components = json::find_array(body, "components")) found->components = *components;
        found->status = "PENDING";
        world.receipts.approve_soon(found->id);
        co_return graph_answer(request, waba_id, json::object{{"success", true}});
    }
    if (id == world.options.phone_number_id) co_return graph_answer(request, waba_id, json::object{{"success", true}});
    co_return graph_answer(request, {}, unknown_object("post", id));
}

awaitable<http::Response> delete_object(World& world, http::Request& request) {
    if (world.media.remove(request.path_parameter("id"))) {
        co_return graph_answer(request, world.options.waba_id, json::object{{"success", true}});
    }
    co_return graph_answer(request, {}, bad_parameter("Invalid post_id parameter"));
}

awaitable<http::Response> list_numbers(World& world, http::Request& request) {
    const auto& waba_id = world.options.waba_id;
    auto id = request.path_parameter("id");
    if (id != waba_id) co_return graph_answer(request, {}, unknown_object("get", id));
    auto cursor = "QVFI" + to_base64url(world.options.phone_number_id);
    json::object body{{"data", json::array{with_fields(request, number_object(world), kNumberFields)}},
                      {"paging", {{"cursors", {{"before", cursor}, {"after", cursor}}}}}};
    co_return graph_answer(request, waba_id, body);
}

awaitable<http::Response> list_subscriptions(World& world, http::Request& request) {
    const auto& waba_id = world.options.waba_id;
    auto id = request.path_parameter("id");
    if (id != waba_id) co_return graph_answer(request, {}, unknown_object("get", id));
    json::array data;
    if (world.webhooks.subscribed) {
        json::object app{{"id", kAppId},
                         {"link", "https://www.facebook.com/games/?app_id=" + std::string(kAppId)},
                         {"name", world.options.verified_name}};
        json::object subscription{{"whatsapp_business_api_data", std::move(app)}};
        if (world.webhooks.url() != world.options.webhook_url) {
            subscription["override_callback_uri"] = world.webhooks.url();
        }
        data.push_back(std::move(subscription));
    }
    co_return graph_answer(request, waba_id, json::object{{"data", std::move(data)}});
}

awaitable<http::Response> subscribe(World& world, http::Request& request) {
    const auto& waba_id = world.options.waba_id;
    auto id = request.path_parameter("id");
    if (id != waba_id) co_return graph_answer(request, {}, unknown_object("post", id));
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
    }
    world.webhooks.subscribed = true;
    co_return graph_answer(request, waba_id, json::object{{"success", true}});
}

awaitable<http::Response> unsubscribe(World& world, http::Request& request) {
    auto id = request.path_parameter("id");
    if (id != world.options.waba_id) co_return graph_answer(request, {}, unknown_object("delete", id));
    world.webhooks.subscribed = false;
    co_return graph_answer(request, world.options.waba_id, json::object{{"success", true}});
}

awaitable<http::Response> get_profile(World& world, http::Request& request) {
    auto id = request.path_parameter("id");
    if (id != world.options.phone_number_id) co_return graph_answer(request, {}, unknown_object("get", id));
    json::object profile = with_fields(request, world.profile);
    profile["messaging_product"] = "whatsapp";
    co_return graph_answer(request, world.options.waba_id, json::object{{"data", json::array{std::move(profile)}}});
}

awaitable<http::Response> post_profile(World& world, http::Request& request) {
    auto id = request.path_parameter("id");
    if (id != world.options.phone_number_id) co_return graph_answer(request, {}, unknown_object("post", id));
    auto body = body_of(request);
    if (json::text(body, "messaging_product") != "whatsapp") {
        co_return graph_answer(request, world.options.waba_id, missing_parameter("messaging_product"));
    }
    for (std::string_view name : {"about", "address", "description", "email", "websites", "vertical"}) {
        if (const auto* member = json::find(body, name)) world.profile[name] = *member;
    }
    co_return graph_answer(request, world.options.waba_id, json::object{{"success", true}});
}

/// register, deregister, request_code, verify_code: the number is always ready.
awaitable<http::Response> number_action(World& world, http::Request& request) {
    auto id = request.path_parameter("id");
    if (id != world.options.phone_number_id) co_return graph_answer(request, {}, unknown_object("post", id));
    co_return graph_answer(request, world.options.waba_id, json::object{{"success", true}});
}

awaitable<http::Response> unknown_edge(World& world, http::Request& request) {
    auto edge = request.path.substr(request.path.rfind('/') + 1);
    co_return graph_answer(request, world.options.waba_id,
                           bad_parameter("Tried accessing nonexisting field (" + edge + ")"));
}

}  // namespace

void add_object_routes(http::Router& router, World& world) {
    using enum http::Method;
    add_graph_route(router, world, get, "/{id}/phone_numbers", list_numbers);
    add_graph_route(router, world, get, "/{id}/subscribed_apps", list_subscriptions);
    add_graph_route(router, world, post, "/{id}/subscribed_apps", subscribe);
    add_graph_route(router, world, del, "/{id}/subscribed_apps", unsubscribe);
    add_graph_route(router, world, get, "/{id}/whatsapp_business_profile", get_profile);
    add_graph_route(router, world, post, "/{id}/whatsapp_business_profile", post_profile);
    for (std::string edge : {"register", "deregister", "request_code", "verify_code"}) {
        add_graph_route(router, world, post, "/{id}/" + edge, number_action);
    }
    add_graph_route(router, world, get, "/{id}", get_object);
    add_graph_route(router, world, post, "/{id}", post_object);
    add_graph_route(router, world, del, "/{id}", delete_object);
    for (auto method : {get, post, del})
        router.add(method, "/{version}/{id}/{edge}",
                   [&world](http::Request& request) { return unknown_edge(world, request); });
}

}  // namespace parley::simulator

// Reads and changes of single objects: /{id} is a number, a WABA, a template or a media file.
#include "simulator/business_routes.hpp"
#include "simulator/fields.hpp"
#include "simulator/media_routes.hpp"
#include "simulator/routes.hpp"

namespace parley::simulator {
namespace {

awaitable<http::Response> get_object(World& world, http::Request& request) {
    auto id = request.path_parameter("id");
    if (const auto* number = number_of(world, request)) co_return number_answer(world, request, *number);
    if (const auto* waba = waba_of(world, request)) co_return waba_answer(request, *waba);
    if (Waba* waba = world.businesses.waba_with_template(id)) {
        auto found = to_json(*waba->templates.find_by_id(id));
        co_return graph_answer(request, waba->id, with_fields(request, found, kTemplateFields));
    }
    co_return co_await look_up_media(world, request);
}

awaitable<http::Response> post_object(World& world, http::Request& request) {
    auto id = request.path_parameter("id");
    if (Waba* waba = world.businesses.waba_with_template(id)) {
        Template* found = waba->templates.find_by_id(id);
        auto body = body_of(request);
        if (const auto* components = json::find_array(body, "components")) found->components = *components;
        if (auto category = in_upper_case(json::text(body, "category")); !category.empty()) found->category = category;
        found->status = "PENDING";
        world.receipts.approve_soon(found->id);
        co_return graph_answer(request, waba->id, json::object{{"success", true}});
    }
    if (const auto* number = number_of(world, request)) {
        co_return graph_answer(request, number->waba_id, json::object{{"success", true}});
    }
    co_return graph_answer(request, {}, unknown_object("post", id));
}

awaitable<http::Response> delete_object(World& world, http::Request& request) {
    auto file = world.media.find(request.path_parameter("id"));
    const BusinessNumber* number = file == nullptr ? nullptr : world.businesses.number(file->phone_number_id);
    if (file == nullptr || (number != nullptr && !may_use(world, request, *number))) {
        co_return graph_answer(request, {}, bad_parameter("Invalid post_id parameter"));
    }
    world.media.remove(file->id);
    co_return graph_answer(request, number == nullptr ? std::string() : number->waba_id,
                           json::object{{"success", true}});
}

awaitable<http::Response> unknown_edge(World& world, http::Request& request) {
    auto edge = request.path.substr(request.path.rfind('/') + 1);
    co_return graph_answer(request, world.options.waba_id,
                           bad_parameter("Tried accessing nonexisting field (" + edge + ")"));
}

}  // namespace

void add_object_routes(http::Router& router, World& world) {
    using enum http::Method;
    add_graph_route(router, world, get, "/{id}", get_object);
    add_graph_route(router, world, post, "/{id}", post_object);
    add_graph_route(router, world, del, "/{id}", delete_object);
    for (auto method : {get, post, del})
        router.add(method, "/{version}/{id}/{edge}",
                   [&world](http::Request& request) { return unknown_edge(world, request); });
}

}  // namespace parley::simulator

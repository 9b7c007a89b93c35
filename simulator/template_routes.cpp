// GET, POST and DELETE /{waba_id}/message_templates, with cursor paging.
#include <algorithm>
#include <charconv>

#include "simulator/fields.hpp"
#include "simulator/routes.hpp"

namespace parley::simulator {
namespace {

constexpr std::size_t kDefaultPage = 25;
constexpr std::size_t kLargestPage = 250;

std::size_t page_size(const http::Request& request) {
    auto text = request.query_parameter("limit").value_or("");
    std::size_t limit = kDefaultPage;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    return error == std::errc{} ? std::clamp<std::size_t>(limit, 1, kLargestPage) : kDefaultPage;
}

std::string cursor(std::string_view id) {
    return "QVFI" + to_base64url(id);
}

std::vector<const Template*> filtered(const Waba& waba, const http::Request& request) {
    auto status = in_upper_case(request.query_parameter("status").value_or(""));
    auto name = request.query_parameter("name");
    auto language = request.query_parameter("language");
    std::vector<const Template*> found;
    for (const auto& one : waba.templates.all()) {
        if (!status.empty() && one.status != status) continue;
        if (name && one.name.find(*name) == std::string::npos) continue;
        if (language && one.language != *language) continue;
        found.push_back(&one);
    }
    return found;
}

awaitable<http::Response> list(World& world, http::Request& request) {
    const Waba* waba = waba_of(world, request);
    if (waba == nullptr) co_return graph_answer(request, {}, unknown_object("get", request.path_parameter("id")));
    const auto& waba_id = waba->id;
    auto all = filtered(*waba, request);
    auto first = all.begin();
    if (auto after = request.query_parameter("after"); after && !after->empty()) {
        first = std::ranges::find_if(all, [&](const Template* one) { return cursor(one->id) == *after; });
        if (first == all.end()) {
            co_return graph_answer(request, waba_id,
                                   GraphError{.code = 131059, .message = "(#131059) Invalid paging cursor"});
        }
        ++first;
    }
    auto limit = page_size(request);
    auto last =
        all.end() - first > static_cast<std::ptrdiff_t>(limit) ? first + static_cast<std::ptrdiff_t>(limit) : all.end();
    json::object body{{"data", json::array{}}};
    for (auto it = first; it != last; ++it)
        body["data"].as_array().push_back(with_fields(request, to_json(**it), kTemplateFields));
    if (first != last) {
        json::object paging{{"cursors", {{"before", cursor((*first)->id)}, {"after", cursor((*(last - 1))->id)}}}};
        if (last != all.end()) {
            std::string next = world.base_url + request.path + "?limit=" + std::to_string(limit);
            for (std::string_view name : {"fields", "status", "name", "language"}) {
                if (auto value = request.query_parameter(name)) next += "&" + std::string(name) + "=" + *value;
            }
            paging["next"] = next + "&after=" + cursor((*(last - 1))->id);
        }
        body["paging"] = std::move(paging);
    }
    co_return graph_answer(request, waba_id, body);
}

awaitable<http::Response> create(World& world, http::Request& request) {
    Waba* waba = waba_of(world, request);
    if (waba == nullptr) co_return graph_answer(request, {}, unknown_object("post", request.path_parameter("id")));
    const auto& waba_id = waba->id;
    auto made = waba->templates.create(body_of(request));
    if (!made) co_return graph_answer(request, waba_id, made.error());
    world.receipts.approve_soon(made->id);
    json::object body{{"id", made->id}, {"status", made->status}, {"category", made->category}};
    co_return graph_answer(request, waba_id, body);
}

awaitable<http::Response> remove(World& world, http::Request& request) {
    Waba* waba = waba_of(world, request);
    if (waba == nullptr) co_return graph_answer(request, {}, unknown_object("delete", request.path_parameter("id")));
    const auto& waba_id = waba->id;
    auto name = request.query_parameter("name").value_or("");
    if (name.empty()) co_return graph_answer(request, waba_id, missing_parameter("name"));
    if (waba->templates.remove(name, request.query_parameter("hsm_id").value_or("")) > 0) {
        co_return graph_answer(request, waba_id, json::object{{"success", true}});
    }
    GraphError missing{.message = "Invalid parameter",
                       .subcode = 2593002,
                       .is_transient = false,
                       .user_title = "Message Template Not Found",
                       .user_message = "The message template " + name + " wasn't found for this account."};
    co_return graph_answer(request, waba_id, missing);
}

}  // namespace

void add_template_routes(http::Router& router, World& world) {
    add_graph_route(router, world, http::Method::get, "/{id}/message_templates", list);
    add_graph_route(router, world, http::Method::post, "/{id}/message_templates", create);
    add_graph_route(router, world, http::Method::del, "/{id}/message_templates", remove);
}

}  // namespace parley::simulator

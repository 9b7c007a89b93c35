// The phone page: one page with its own style and script, and long polling for what changes.
#include <charconv>

#include "simulator/control_json.hpp"
#include "simulator/routes.hpp"

namespace parley::simulator {
namespace {

constexpr char kPage[] = {
#embed "phone/phone.html"
};
constexpr char kStyle[] = {
#embed "phone/phone.css"
};
constexpr char kScript[] = {
#embed "phone/phone.js"
};
constexpr char kIcon[] = {
#embed "phone/icon.svg"
};
constexpr char kParts[] = {
#embed "phone/parts.js"
};
constexpr char kBubbles[] = {
#embed "phone/bubbles.js"
};
constexpr char kNetwork[] = {
#embed "phone/network.js"
};

constexpr std::chrono::seconds kLongestPoll{20};
constexpr std::size_t kUpdatesAtOnce = 500;

http::Response asset(std::string_view content_type, std::string_view bytes) {
    http::Response response{
        .status = 200, .content_type = std::string(content_type), .body = std::string(bytes), .headers = {}};
    response.headers.push_back({"Cache-Control", "no-cache"});
    response.headers.push_back({"X-Content-Type-Options", "nosniff"});
    response.headers.push_back({"Referrer-Policy", "no-referrer"});
    response.headers.push_back({"Content-Security-Policy",
                                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src "
                                "'self'; connect-src 'self'; "
                                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"});
    return response;
}

awaitable<http::Response> page(World&, http::Request&) {
    co_return asset("text/html; charset=utf-8", {kPage, sizeof kPage});
}
awaitable<http::Response> style(World&, http::Request&) {
    co_return asset("text/css; charset=utf-8", {kStyle, sizeof kStyle});
}
awaitable<http::Response> page_icon(World&, http::Request&) {
    co_return asset("image/svg+xml", {kIcon, sizeof kIcon});
}
http::Response script(std::string_view bytes) {
    return asset("text/javascript; charset=utf-8", bytes);
}
awaitable<http::Response> phone_script(World&, http::Request&) {
    co_return script({kScript, sizeof kScript});
}
awaitable<http::Response> parts_script(World&, http::Request&) {
    co_return script({kParts, sizeof kParts});
}
awaitable<http::Response> bubbles_script(World&, http::Request&) {
    co_return script({kBubbles, sizeof kBubbles});
}
awaitable<http::Response> network_script(World&, http::Request&) {
    co_return script({kNetwork, sizeof kNetwork});
}

/// A media file for the page. What was uploaded is never a document of this origin.
awaitable<http::Response> media(World& world, http::Request& request) {
    auto file = world.media.find(request.path_parameter("id"));
    if (file == nullptr) co_return http::problem(request, 404, "not_found", "No such media file.");
    http::Response response{.status = 200, .content_type = file->mime_type, .body = file->bytes, .headers = {}};
    response.headers.push_back({"X-Content-Type-Options", "nosniff"});
    response.headers.push_back({"Content-Security-Policy", "sandbox; default-src 'none'"});
    if (media_kind(file->mime_type).empty()) response.headers.push_back({"Content-Disposition", "attachment"});
    co_return response;
}

json::object updates_after(World& world, std::uint64_t sequence) {
    json::array messages;
    std::uint64_t reached = world.state.sequence();
    auto changed = world.state.changed_after(sequence, kUpdatesAtOnce);
    for (const ChatMessage* message : changed) messages.push_back(chat_message(*message));
    if (changed.size() == kUpdatesAtOnce) reached = changed.back()->changed;
    json::array customers;
    auto people = world.state.customers_after(sequence, kUpdatesAtOnce);
    for (const Customer* customer : people) customers.push_back(customer_json(*customer, world.state.now()));
    if (people.size() == kUpdatesAtOnce) reached = std::min(reached, people.back()->changed);
    return {{"epoch", world.state.epoch()},
            {"seq", reached},
            {"business", business_json(world.options)},
            {"webhook", world.webhooks.to_json()},
            {"customers", std::move(customers)},
            {"messages", std::move(messages)}};
}

awaitable<http::Response> updates(World& world, http::Request& request) {
    auto text = request.query_parameter("after").value_or("0");
    std::uint64_t after = 0;
    std::from_chars(text.data(), text.data() + text.size(), after);
    auto epoch = request.query_parameter("epoch").value_or("");
    if (epoch != world.state.epoch()) after = 0;
    bool news = epoch != world.state.epoch() || world.state.sequence() > after;
    if (!news && !world.stopping) co_await world.state.changes().wait_for(kLongestPoll);
    if (epoch != world.state.epoch()) after = 0;
    co_return json_answer(updates_after(world, after));
}

void add(http::Router& router, World& world, const std::string& pattern, GraphHandler handler) {
    router.add(http::Method::get, pattern,
               [&world, handler](http::Request& request) { return handler(world, request); });
}

}  // namespace

void add_phone_routes(http::Router& router, World& world) {
    add(router, world, "/", page);
    add(router, world, "/phone", page);
    add(router, world, "/_sim/phone.css", style);
    add(router, world, "/_sim/icon.svg", page_icon);
    add(router, world, "/_sim/phone.js", phone_script);
    add(router, world, "/_sim/parts.js", parts_script);
    add(router, world, "/_sim/bubbles.js", bubbles_script);
    add(router, world, "/_sim/network.js", network_script);
    add(router, world, "/_sim/media/{id}", media);
    add(router, world, "/_sim/updates", updates);
}

}  // namespace parley::simulator

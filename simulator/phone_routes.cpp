// The phone page: one page with its own style and script, and long polling for what changes.
#include <array>
#include <charconv>

#include "simulator/control_json.hpp"
#include "simulator/media_kinds.hpp"
#include "simulator/routes.hpp"

namespace parley::simulator {
namespace {

constexpr char kPage[] = {
#embed "phone/phone.html"
};
constexpr char kPageStyle[] = {
#embed "phone/phone.css"
};
constexpr char kBubbleStyle[] = {
#embed "phone/bubbles.css"
};
constexpr char kIcon[] = {
#embed "phone/icon.svg"
};
constexpr char kPhone[] = {
#embed "phone/phone.js"
};
constexpr char kParts[] = {
#embed "phone/parts.js"
};
constexpr char kBubbles[] = {
#embed "phone/bubbles.js"
};
constexpr char kContents[] = {
#embed "phone/contents.js"
};
constexpr char kStructured[] = {
#embed "phone/structured.js"
};
constexpr char kMenu[] = {
#embed "phone/menu.js"
};
constexpr char kComposer[] = {
#embed "phone/composer.js"
};
constexpr char kSheet[] = {
#embed "phone/sheet.js"
};
constexpr char kNetwork[] = {
#embed "phone/network.js"
};

struct Asset {
    std::string_view path;
    std::string_view type;
    std::string_view bytes;
};
template <std::size_t size>
constexpr std::string_view whole(const char (&bytes)[size]) {
    return {bytes, size};
}
constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kCss = "text/css; charset=utf-8";
constexpr std::string_view kScript = "text/javascript; charset=utf-8";
constexpr std::array<Asset, 14> kAssets{{{"/", kHtml, whole(kPage)},
                                         {"/phone", kHtml, whole(kPage)},
                                         {"/_sim/phone.css", kCss, whole(kPageStyle)},
                                         {"/_sim/bubbles.css", kCss, whole(kBubbleStyle)},
                                         {"/_sim/icon.svg", "image/svg+xml", whole(kIcon)},
                                         {"/_sim/phone.js", kScript, whole(kPhone)},
                                         {"/_sim/parts.js", kScript, whole(kParts)},
                                         {"/_sim/bubbles.js", kScript, whole(kBubbles)},
                                         {"/_sim/contents.js", kScript, whole(kContents)},
                                         {"/_sim/structured.js", kScript, whole(kStructured)},
                                         {"/_sim/menu.js", kScript, whole(kMenu)},
                                         {"/_sim/composer.js", kScript, whole(kComposer)},
                                         {"/_sim/sheet.js", kScript, whole(kSheet)},
                                         {"/_sim/network.js", kScript, whole(kNetwork)}}};

constexpr std::chrono::seconds kLongestPoll{20};
constexpr std::size_t kUpdatesAtOnce = 500;

awaitable<http::Response> asset(Asset asset) {
    http::Response response{
        .status = 200, .content_type = std::string(asset.type), .body = std::string(asset.bytes), .headers = {}};
    response.headers.push_back({"Cache-Control", "no-cache"});
    response.headers.push_back({"X-Content-Type-Options", "nosniff"});
    response.headers.push_back({"Referrer-Policy", "no-referrer"});
    response.headers.push_back({"Content-Security-Policy",
                                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src "
                                "'self'; connect-src 'self'; "
                                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"});
    co_return response;
}

/// A media file for the page. What was uploaded is never a document of this origin.
awaitable<http::Response> media(World& world, http::Request& request) {
    auto file = world.media.find_kept(request.path_parameter("id"));
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
    for (const Customer* customer : people)
        customers.push_back(customer_json(*customer, world.businesses, world.state.now()));
    if (people.size() == kUpdatesAtOnce) reached = std::min(reached, people.back()->changed);
    return {{"epoch", world.state.epoch()},
            {"seq", reached},
            {"numbers", numbers_json(world.businesses)},
            {"groups", groups_json(world.state)},
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
    for (const auto& one : kAssets) {
        router.add(http::Method::get, std::string(one.path), [one](http::Request&) { return asset(one); });
    }
    add(router, world, "/_sim/media/{id}", media);
    add(router, world, "/_sim/updates", updates);
}

}  // namespace parley::simulator

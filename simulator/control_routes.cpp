// The control API under /_sim, for scripts and tests (README.md lists it).
#include <charconv>

#include "simulator/control_json.hpp"
#include "simulator/incoming.hpp"
#include "simulator/meta_json.hpp"
#include "simulator/routes.hpp"

namespace parley::simulator {
namespace {

constexpr std::chrono::seconds kLongestWaitForDelivery{20};

std::uint64_t number_parameter(const http::Request& request, std::string_view name, std::uint64_t otherwise) {
    auto text = request.query_parameter(name).value_or("");
    std::uint64_t number = otherwise;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? number : otherwise;
}

awaitable<http::Response> inbound(World& world, http::Request& request) {
    auto body = control_body(request);
    auto written = write_as_customer(world, body);
    if (!written) co_return http::problem(request, 400, "invalid_argument", written.error());
    json::object answer{{"wamid", written->wamid}};
    if (written->blocked) {
        answer["blocked"] = true;
        co_return json_answer(answer);
    }
    if (written->delivery == nullptr) {
        co_return http::problem(request, 429, "queue_full", "The webhook queue is full, or the app is not subscribed.");
    }
    if (json::boolean(body, "wait")) {
        auto delivery = written->delivery;
        answer["delivered"] = co_await WebhooksOut::wait_delivered(delivery, kLongestWaitForDelivery);
        answer["attempts"] = delivery->attempts;
    }
    co_return json_answer(answer);
}

awaitable<http::Response> statuses(World& world, http::Request& request) {
    auto body = control_body(request);
    auto status = json::text(body, "status");
    if (status.empty()) co_return http::problem(request, 400, "invalid_argument", "`status` is required.", "status");
    json::array errors;
    if (const auto* given = json::find_array(body, "errors")) errors = *given;
    if (!world.receipts.send(json::text(body, "id"), status, errors)) {
        co_return http::problem(request, 404, "not_found", "The business sent no message with that id.", "id");
    }
    co_return json_answer({{"success", true}});
}

awaitable<http::Response> raw(World& world, http::Request& request) {
    auto body = control_body(request);
    const auto* payload = json::find(body, "body");
    if (payload == nullptr) co_return http::problem(request, 400, "invalid_argument", "`body` is required.", "body");
    auto bytes = payload->is_string() ? std::string(payload->get_string()) : to_meta_json(*payload);
    auto delivery = world.webhooks.post(bytes, WebhooksOut::Kind::other);
    auto copies = std::min<std::int64_t>(json::integer(body, "copies").value_or(1), 1000);
    for (std::int64_t copy = 1; copy < copies; ++copy) world.webhooks.post(bytes, WebhooksOut::Kind::other);
    json::object answer{{"queued", delivery != nullptr}, {"signature", signature(world.options.app_secret, bytes)}};
    if (delivery != nullptr && json::boolean(body, "wait")) {
        answer["delivered"] = co_await WebhooksOut::wait_delivered(delivery, kLongestWaitForDelivery);
    }
    co_return json_answer(answer);
}

awaitable<http::Response> messages(World& world, http::Request& request) {
    constexpr std::uint64_t kDefaultLimit = 1'000;
    auto to = request.query_parameter("to");
    const Customer* customer = to ? world.state.find_customer(*to) : nullptr;
    auto limit = number_parameter(request, "limit", kDefaultLimit);
    json::array found;
    for (const ChatMessage* message : world.state.numbered_after(number_parameter(request, "after", 0))) {
        if (!message->from_business || found.size() >= limit) continue;
        if (to && message->customer != (customer == nullptr ? *to : customer->key)) continue;
        found.push_back(sent_message(*message));
    }
    co_return json_answer({{"messages", std::move(found)}});
}

awaitable<http::Response> state(World& world, http::Request&) {
    json::array customers;
    for (const Customer* customer : world.state.customers_after(0, 200)) {
        customers.push_back(customer_json(*customer, world.businesses, world.state.now()));
    }
    co_return json_answer({{"epoch", world.state.epoch()},
                           {"sequence", world.state.sequence()},
                           {"business", business_json(world.businesses.first())},
                           {"numbers", numbers_json(world.businesses)},
                           {"groups", groups_json(world.state)},
                           {"webhook", world.webhooks.to_json()},
                           {"faults", to_json(world.faults)},
                           {"messages", world.state.message_count()},
                           {"customer_count", world.state.customer_count()},
                           {"media_bytes", world.media.total()},
                           {"customers", std::move(customers)}});
}

awaitable<http::Response> reset(World& world, http::Request&) {
    world.webhooks.drop_waiting();
    world.receipts.drop_scheduled();
    world.faults = Faults{};
    world.media.clear();
    world.businesses.reset();
    world.limits.clear();
    world.state.reset();
    co_return json_answer({{"success", true}});
}

awaitable<http::Response> put_webhook(World& world, http::Request& request) {
    auto body = control_body(request);
    auto url = json::optional_text(body, "url");
    if (!url) co_return http::problem(request, 400, "invalid_argument", "`url` is required.", "url");
    world.webhooks.set_url(*url, false);
    bool verify = json::find(body, "verify") == nullptr || json::boolean(body, "verify");
    if (verify) co_await world.webhooks.verify(*url, world.options.verify_token);
    co_return json_answer(world.webhooks.to_json());
}

awaitable<http::Response> post_verify(World& world, http::Request&) {
    std::string url = world.webhooks.url();
    auto result = co_await world.webhooks.verify(url, world.options.verify_token);
    co_return json_answer({{"ok", result.ok}, {"detail", result.detail}});
}

awaitable<http::Response> get_faults(World& world, http::Request&) {
    co_return json_answer(to_json(world.faults));
}

awaitable<http::Response> put_faults(World& world, http::Request& request) {
    auto body = control_body(request);
    auto wrong = merge(world.faults, body.as_object());
    if (!wrong.empty()) {
        co_return http::problem(request, 400, "invalid_argument", "Unknown fault switch or wrong type: " + wrong,
                                wrong);
    }
    co_return json_answer(to_json(world.faults));
}

awaitable<http::Response> expire(World& world, http::Request& request) {
    if (!world.media.expire(request.path_parameter("id"))) {
        co_return http::problem(request, 404, "not_found", "No such media file.");
    }
    co_return json_answer({{"success", true}});
}

awaitable<http::Response> upload(World& world, http::Request& request) {
    auto type = request.header("Content-Type");
    if (type.empty() || request.body.empty()) {
        co_return http::problem(request, 400, "invalid_argument", "A body with a Content-Type is needed.");
    }
    auto filename = request.query_parameter("filename").value_or("");
    auto number = request.query_parameter("phone_number_id").value_or(world.businesses.first().phone_number_id);
    auto file = world.media.add(MediaOrigin::customer, number, std::string(type), filename, request.body);
    co_return json_answer({{"id", file->id}});
}

/// Pages of other origins may not steer the simulator through the reader's browser.
awaitable<http::Response> same_origin(World& world, http::Request& request, ControlHandler handler) {
    auto origin = request.header("Origin");
    if (!origin.empty() && origin != "http://" + std::string(request.header("Host"))) {
        co_return http::problem(request, 403, "forbidden", "Not from another origin.");
    }
    co_return co_await handler(world, request);
}

}  // namespace

json::value control_body(const http::Request& request) {
    auto parsed = json::parse(request.body);
    return parsed && parsed->is_object() ? std::move(*parsed) : json::value(json::object{});
}

void add_control_route(http::Router& router, World& world, http::Method method, const std::string& pattern,
                       ControlHandler handler, std::size_t body_limit) {
    router.add(
        method, pattern, [&world, handler](http::Request& request) { return same_origin(world, request, handler); },
        body_limit);
}

void add_control_routes(http::Router& router, World& world) {
    using enum http::Method;
    auto add = [&](http::Method method, const std::string& pattern, ControlHandler handler) {
        add_control_route(router, world, method, pattern, handler);
    };
    add(post, "/_sim/inbound", inbound);
    add(post, "/_sim/statuses", statuses);
    add(post, "/_sim/raw", raw);
    add(get, "/_sim/messages", messages);
    add(get, "/_sim/state", state);
    add(post, "/_sim/reset", reset);
    add(put, "/_sim/webhook", put_webhook);
    add(post, "/_sim/verify", post_verify);
    add(get, "/_sim/faults", get_faults);
    add(put, "/_sim/faults", put_faults);
    add(post, "/_sim/media/{id}/expire", expire);
    add_control_route(router, world, post, "/_sim/media", upload, MediaStore::kMaxFile);
}

}  // namespace parley::simulator

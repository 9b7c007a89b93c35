// The control API under /_sim, for scripts and tests (README.md lists it).
#include <charconv>

#include "simulator/control_json.hpp"
#include "simulator/incoming.hpp"
#include "simulator/meta_json.hpp"
#include "simulator/routes.hpp"

namespace parley::simulator {
namespace {

constexpr std::chrono::seconds kLongestWaitForDelivery{20};
constexpr std::size_t kControlBodyLimit = 4 * 1024 * 1024;

std::uint64_t number_parameter(const http::Request& request, std::string_view name, std::uint64_t otherwise) {
    auto text = request.query_parameter(name).value_or("");
    std::uint64_t number = otherwise;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? number : otherwise;
}

/// Always JSON, so that `curl -d` works without a content type.
json::value control_body(const http::Request& request) {
    auto parsed = json::parse(request.body);
    return parsed && parsed->is_object() ? std::move(*parsed) : json::value(json::object{});
}

awaitable<http::Response> inbound(World& world, http::Request& request) {
    auto body = control_body(request);
    auto written = write_as_customer(world, body);
    if (!written) co_return http::problem(request, 400, "invalid_argument", written.error());
    json::object answer{{"wamid", written->wamid}};
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

awaitable<http::Response> read(World& world, http::Request& request) {
    auto key = json::text(control_body(request), "wa_id");
    const Customer* customer = world.state.find_customer(key);
    if (customer == nullptr) co_return http::problem(request, 404, "not_found", "No such customer.", "wa_id");
    co_return json_answer({{"read", world.receipts.read_all(customer->key)}});
}

awaitable<http::Response> window(World& world, http::Request& request) {
    Customer* customer = world.state.find_customer(request.path_parameter("wa_id"));
    if (customer == nullptr) co_return http::problem(request, 404, "not_found", "No such customer.");
    auto body = control_body(request);
    auto hours = json::integer(body, "hours_ago");
    const auto* member = json::find(body, "hours_ago");
    if (member != nullptr && member->is_null()) {
        customer->last_incoming_at.reset();
    } else if (hours && *hours >= 0 && *hours < 1'000'000) {
        customer->last_incoming_at = world.state.now() - std::chrono::hours{*hours};
    } else {
        co_return http::problem(request, 400, "invalid_argument", "`hours_ago` is a number or null.", "hours_ago");
    }
    world.state.touch(*customer);
    co_return json_answer(customer_json(*customer, world.state.now()));
}

awaitable<http::Response> state(World& world, http::Request&) {
    json::array customers;
    for (const Customer* customer : world.state.customers_after(0, 200)) {
        customers.push_back(customer_json(*customer, world.state.now()));
    }
    co_return json_answer({{"epoch", world.state.epoch()},
                           {"sequence", world.state.sequence()},
                           {"business", business_json(world.options)},
                           {"webhook", world.webhooks.to_json()},
                           {"faults", to_json(world.faults)},
                           {"messages", world.state.message_count()},
                           {"customer_count", world.state.customer_count()},
                           {"media_bytes", world.media.total()},
                           {"customers", std::move(customers)}});
}

awaitable<http::Response> reset(World& world, http::Request&) {
    world.webhooks.drop_waiting();
    world.webhooks.subscribed = true;
    world.receipts.drop_scheduled();
    world.faults = Faults{};
    world.media.clear();
    world.templates.reset();
    world.profile.clear();
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

awaitable<http::Response> upload(World& world, http::Request& request) {
    auto type = request.header("Content-Type");
    if (type.empty() || request.body.empty()) {
        co_return http::problem(request, 400, "invalid_argument", "A body with a Content-Type is needed.");
    }
    auto filename = request.query_parameter("filename").value_or("");
    auto file = world.media.add(std::string(type), filename, request.body);
    co_return json_answer({{"id", file->id}});
}

/// Pages of other origins may not steer the simulator through the reader's browser.
awaitable<http::Response> same_origin(World& world, http::Request& request, GraphHandler handler) {
    auto origin = request.header("Origin");
    if (!origin.empty() && origin != "http://" + std::string(request.header("Host"))) {
        co_return http::problem(request, 403, "forbidden", "Not from another origin.");
    }
    co_return co_await handler(world, request);
}

void add(http::Router& router, World& world, http::Method method, const std::string& pattern, GraphHandler handler,
         std::size_t limit = kControlBodyLimit) {
    router.add(
        method, pattern, [&world, handler](http::Request& request) { return same_origin(world, request, handler); },
        limit);
}

}  // namespace

void add_control_routes(http::Router& router, World& world) {
    using enum http::Method;
    add(router, world, post, "/_sim/inbound", inbound);
    add(router, world, post, "/_sim/statuses", statuses);
    add(router, world, post, "/_sim/raw", raw);
    add(router, world, get, "/_sim/messages", messages);
    add(router, world, post, "/_sim/read", read);
    add(router, world, post, "/_sim/customers/{wa_id}/window", window);
    add(router, world, get, "/_sim/state", state);
    add(router, world, post, "/_sim/reset", reset);
    add(router, world, put, "/_sim/webhook", put_webhook);
    add(router, world, post, "/_sim/verify", post_verify);
    add(router, world, get, "/_sim/faults", get_faults);
    add(router, world, put, "/_sim/faults", put_faults);
    add(router, world, post, "/_sim/media", upload, MediaStore::kMaxFile);
}

}  // namespace parley::simulator

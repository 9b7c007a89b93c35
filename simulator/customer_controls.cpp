// /_sim: what customers do beside writing: reading, calling, changing their number, blocking the business.
#include <algorithm>

#include "simulator/control_json.hpp"
#include "simulator/incoming.hpp"
#include "simulator/meta_ids.hpp"
#include "simulator/routes.hpp"
#include "simulator/webhook_bodies.hpp"

namespace parley::simulator {
namespace {

constexpr std::chrono::milliseconds kBetweenCallEvents{400};

http::Response no_customer(const http::Request& request, std::string_view member = {}) {
    return http::problem(request, 404, "not_found", "No such customer.", member);
}

http::Response invalid(const http::Request& request, std::string_view member, std::string_view sentence) {
    return http::problem(request, 400, "invalid_argument", sentence, member);
}

/// The number that a request is about: `phone_number_id`, or the first one. nullptr when unknown.
BusinessNumber* number_in(World& world, const json::value& body) {
    auto id = json::text(body, "phone_number_id");
    return id.empty() ? &world.businesses.first() : world.businesses.number(id);
}

awaitable<http::Response> read(World& world, http::Request& request) {
    auto body = control_body(request);
    const Customer* customer = world.state.find_customer(json::text(body, "wa_id"));
    if (customer == nullptr) co_return no_customer(request, "wa_id");
    co_return json_answer({{"read", world.receipts.read_all(customer->key, json::text(body, "phone_number_id"))}});
}

/// The customer has listened to a voice message.
awaitable<http::Response> played(World& world, http::Request& request) {
    auto wamid = json::text(control_body(request), "id");
    const ChatMessage* message = world.state.find(wamid);
    if (message == nullptr || !message->from_business || message->type != "audio") {
        co_return http::problem(request, 404, "not_found", "The business sent no audio with that id.", "id");
    }
    bool news = message->status != "played";
    if (news) world.receipts.send(wamid, "played", {});
    co_return json_answer({{"played", news}});
}

awaitable<http::Response> window(World& world, http::Request& request) {
    Customer* customer = world.state.find_customer(request.path_parameter("wa_id"));
    if (customer == nullptr) co_return no_customer(request);
    auto body = control_body(request);
    const BusinessNumber* number = number_in(world, body);
    if (number == nullptr) co_return invalid(request, "phone_number_id", "No such number.");
    auto hours = json::integer(body, "hours_ago");
    const auto* member = json::find(body, "hours_ago");
    if (member != nullptr && member->is_null()) {
        customer->last_incoming.erase(number->phone_number_id);
    } else if (hours && *hours >= 0 && *hours < 1'000'000) {
        customer->last_incoming[number->phone_number_id] = world.state.now() - std::chrono::hours{*hours};
    } else {
        co_return invalid(request, "hours_ago", "`hours_ago` is a number or null.");
    }
    world.state.touch(*customer);
    co_return json_answer(customer_json(*customer, world.businesses, world.state.now()));
}

awaitable<http::Response> block_business(World& world, http::Request& request) {
    Customer* customer = world.state.find_customer(request.path_parameter("wa_id"));
    if (customer == nullptr) co_return no_customer(request);
    customer->blocks_business = json::boolean(control_body(request), "blocks");
    world.state.touch(*customer);
    co_return json_answer(customer_json(*customer, world.businesses, world.state.now()));
}

/// The customer moves to another number: a system message from the old one tells it (reference, 6.6).
awaitable<http::Response> change_number(World& world, http::Request& request) {
    Customer* customer = world.state.find_customer(request.path_parameter("wa_id"));
    if (customer == nullptr || customer->wa_id.empty()) co_return no_customer(request);
    auto body = control_body(request);
    auto to = phone_digits(json::text(body, "to"));
    const BusinessNumber* number = number_in(world, body);
    if (to.empty()) co_return invalid(request, "to", "`to` is a phone number.");
    if (number == nullptr) co_return invalid(request, "phone_number_id", "No such number.");
    if (world.state.find_customer(to) != nullptr) co_return invalid(request, "to", "That number is somebody's.");
    auto old = customer->wa_id;
    auto name = customer->name.empty() ? old : customer->name;
    json::object system{{"body", "User " + name + " changed from " + old + " to " + to},
                        {"wa_id", to},
                        {"type", "user_changed_number"}};
    json::object message{{"from", old},
                         {"id", new_wamid(old, Sender::customer)},
                         {"timestamp", unix_seconds(world.state.now())},
                         {"system", std::move(system)},
                         {"type", "system"}};
    world.state.change_number(*customer, to);
    auto written = deliver(world, *number, *customer, message);
    json::object answer = customer_json(*customer, world.businesses, world.state.now());
    answer["wamid"] = written.wamid;
    co_return json_answer(answer);
}

awaitable<http::Response> add_group(World& world, http::Request& request) {
    auto body = control_body(request);
    auto id = json::text(body, "id");
    if (id.empty()) co_return invalid(request, "id", "`id` is required.");
    Group& group = world.state.group(id);
    if (auto subject = json::optional_text(body, "subject")) group.subject = *subject;
    if (const auto* participants = json::find_array(body, "participants")) {
        group.participants.clear();
        for (const auto& participant : *participants) {
            auto digits = participant.is_string() ? phone_digits(participant.get_string()) : std::string();
            if (!digits.empty()) group.participants.push_back(world.state.customer(digits, {}).key);
        }
    }
    world.state.note_change();
    co_return json_answer({{"groups", groups_json(world.state)}});
}

/// A customer calls: `connect`, then `terminate`. A missed call has no duration.
awaitable<http::Response> call(World& world, http::Request& request) {
    auto body = control_body(request);
    auto customer = author(world, body);
    if (!customer) co_return invalid(request, "from", customer.error());
    Customer& from = **customer;
    const BusinessNumber* number = number_in(world, body);
    if (number == nullptr) co_return invalid(request, "phone_number_id", "No such number.");
    bool missed = json::boolean(body, "missed");
    auto seconds = std::clamp<std::int64_t>(json::integer(body, "seconds").value_or(42), 0, 24 * 3600);
    TimePoint now = world.state.now();
    auto id = "wacid." + to_base64url(random_bytes(18));
    json::object common{{"id", id},
                        {"to", phone_digits(number->display_phone_number)},
                        {"timestamp", unix_seconds(now)},
                        {"direction", "USER_INITIATED"}};
    add_sender(common, from);
    json::object connect = common;
    connect["event"] = "connect";
    connect["session"] = json::object{{"sdp_type", "offer"}, {"sdp", "v=0\r\n"}};
    json::object terminate = common;
    terminate["event"] = "terminate";
    terminate["status"] = missed ? "Failed" : "Completed";
    if (!missed) {
        // It began so long ago that it ends now.
        terminate["start_time"] = unix_seconds(now - std::chrono::seconds{seconds});
        terminate["end_time"] = unix_seconds(now);
        terminate["duration"] = seconds;
    }
    ChatMessage stored;
    stored.wamid = id;
    stored.phone_number_id = number->phone_number_id;
    stored.customer = from.key;
    stored.type = "call";
    stored.body = {{"call", terminate}};
    stored.status = "delivered";
    from.last_incoming[number->phone_number_id] = now;
    world.state.touch(from);
    world.state.add(std::move(stored));
    if (world.businesses.waba_of(*number).subscribed && !number->blocked.contains(from.key)) {
        world.webhooks.post(call_webhook(*number, from, connect), WebhooksOut::Kind::other);
        world.webhooks.post(call_webhook(*number, from, terminate), WebhooksOut::Kind::other, {}, kBetweenCallEvents);
    }
    co_return json_answer({{"id", id}});
}

}  // namespace

void add_customer_controls(http::Router& router, World& world) {
    using enum http::Method;
    add_control_route(router, world, post, "/_sim/read", read);
    add_control_route(router, world, post, "/_sim/played", played);
    add_control_route(router, world, post, "/_sim/customers/{wa_id}/window", window);
    add_control_route(router, world, post, "/_sim/customers/{wa_id}/blocks", block_business);
    add_control_route(router, world, post, "/_sim/customers/{wa_id}/number", change_number);
    add_control_route(router, world, post, "/_sim/groups", add_group);
    add_control_route(router, world, post, "/_sim/calls", call);
}

}  // namespace parley::simulator

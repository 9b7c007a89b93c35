// POST /{phone_number_id}/messages: messages, read marks and the typing indicator.
#include "base/log.hpp"
#include "simulator/meta_ids.hpp"
#include "simulator/routes.hpp"
#include "simulator/validation.hpp"

namespace parley::simulator {
namespace {

constexpr std::chrono::seconds kTypingLasts{25};

/// The refusal that a fault switch asks for.
std::optional<GraphError> refused_by_fault(Faults& faults) {
    if (take(faults.token_190)) return token_invalid();
    if (take(faults.http_500)) return internal_error();
    if (take(faults.http_429)) return throughput_reached();
    if (take(faults.pair_rate_131056)) return pair_rate_limit();
    if (take(faults.window_131047)) return outside_window();
    return std::nullopt;
}

http::Response mark_read(World& world, const http::Request& request, const json::value& body) {
    if (json::text(body, "messaging_product") != "whatsapp") {
        return graph_answer(request, world.options.waba_id, missing_parameter("messaging_product"));
    }
    auto wamid = json::text(body, "message_id");
    if (wamid.empty()) return graph_answer(request, world.options.waba_id, missing_parameter("message_id"));
    ChatMessage* message = world.state.find(wamid);
    if (message == nullptr || message->from_business) {
        return graph_answer(request, world.options.waba_id,
                            invalid_parameter("Please check the message ID you have provided."));
    }
    world.state.mark_read_by_business(*message);
    Customer* customer = world.state.find_customer(message->customer);
    if (customer != nullptr && json::find(body, "typing_indicator") != nullptr) {
        customer->typing_until = world.state.now() + kTypingLasts;
        world.state.touch(*customer);
    }
    return graph_answer(request, world.options.waba_id, json::object{{"success", true}});
}

/// Rules that need to know what was said before.
std::optional<GraphError> refused_by_history(World& world, const json::value& body, const Send& send) {
    if (!send.wa_id.empty() && send.wa_id == phone_digits(world.options.display_phone_number)) {
        return GraphError{.code = 131021,
                          .message = "(#131021) Recipient cannot be sender",
                          .details = "Sender and recipient phone number is same"};
    }
    if (send.type != "reaction") return std::nullopt;
    const ChatMessage* target = world.state.find(json::text(body.at("reaction"), "message_id"));
    if (target != nullptr && target->type == "reaction") {
        return value_not_valid("Message to react to cannot be a reaction message.");
    }
    return std::nullopt;
}

bool media_missing(const World& world, const json::value& body, const Send& send) {
    const auto* content = json::find(body, send.type);
    if (content == nullptr) return false;
    bool is_media = send.type == "image" || send.type == "video" || send.type == "audio" || send.type == "document" ||
                    send.type == "sticker";
    auto id = json::text(*content, "id");
    return is_media && !id.empty() && world.media.find(id) == nullptr;
}

/// The error by which an accepted send fails afterwards; empty when it goes through.
json::object later_failure(const World& world, const json::value& body, const Send& send, const Customer* customer) {
    if (customer != nullptr && !send.is_template() && !window_open(*customer, world.state.now())) {
        return webhook_error_131047();
    }
    if (media_missing(world, body, send)) return webhook_error_131053();
    return {};
}

json::object accepted_answer(const Send& send, const Customer* customer, const std::string& wamid) {
    json::object contact{{"input", send.input}};
    if (!send.user_id.empty()) {
        contact["user_id"] = send.user_id;
    } else {
        contact["wa_id"] = customer == nullptr ? send.group_id : customer->wa_id;
    }
    json::object message{{"id", wamid}};
    if (!send.group_id.empty()) message["group_id"] = send.group_id;
    if (send.is_template()) message["message_status"] = "accepted";
    return {{"messaging_product", "whatsapp"},
            {"contacts", json::array{std::move(contact)}},
            {"messages", json::array{std::move(message)}}};
}

Customer* recipient(World& world, const Send& send) {
    if (!send.group_id.empty()) return nullptr;
    Customer& customer = world.state.customer(send.wa_id, send.user_id);
    if (customer.typing_until) {
        customer.typing_until.reset();
        world.state.touch(customer);
    }
    return &customer;
}

/// Stores the message and starts its receipts.
json::object accept(World& world, const json::value& body, const Send& send, Customer* customer, json::object failure) {
    auto party = customer == nullptr ? send.group_id : customer->key;
    auto wamid = new_wamid(party, Sender::business);
    ChatMessage message;
    message.wamid = wamid;
    message.customer = party;
    message.from_business = true;
    message.type = send.type;
    message.body = body.as_object();
    if (send.is_template()) message.rendered = render_template(body.at("template"), world.templates);
    message.status = "accepted";
    message.callback_data = send.callback_data;
    message.category = send.category;
    message.by_user_id = !send.user_id.empty();
    world.state.add(std::move(message));
    if (failure.empty()) {
        world.receipts.accepted(wamid);
    } else {
        world.receipts.failed(wamid, failure);
    }
    log::debug("simulator_send_accepted", {{"type", send.type}});
    return accepted_answer(send, customer, wamid);
}

http::Response judge(World& world, const http::Request& request, const json::value& body) {
    const auto& waba_id = world.options.waba_id;
    if (auto refusal = refused_by_fault(world.faults)) return graph_answer(request, waba_id, *refusal);
    auto send = check_send(body, world.templates);
    if (!send) return graph_answer(request, waba_id, send.error());
    if (auto refusal = refused_by_history(world, body, *send)) return graph_answer(request, waba_id, *refusal);
    Customer* customer = recipient(world, *send);
    auto failure = later_failure(world, body, *send, customer);
    if (world.faults.sync_131047 && json::integer(failure, "code") == 131047) {
        return graph_answer(request, waba_id, outside_window());
    }
    http::Response response = graph_answer(request, waba_id, accept(world, body, *send, customer, std::move(failure)));
    if (take(world.faults.drop_answer)) {
        response.abort = true;
    } else if (take(world.faults.html_200)) {
        response.content_type = "text/html; charset=utf-8";
        response.body = "<!DOCTYPE html><html><body><h1>Please sign in to this network</h1></body></html>";
    }
    return response;
}

awaitable<http::Response> post_messages(World& world, http::Request& request) {
    auto id = request.path_parameter("id");
    if (id != world.options.phone_number_id) co_return graph_answer(request, {}, unknown_object("post", id));
    auto body = body_of(request);
    if (json::text(body, "status") == "read") co_return mark_read(world, request, body);
    if (take(world.faults.not_reached)) {
        http::Response nothing;
        nothing.abort = true;
        co_return nothing;
    }
    http::Response response = judge(world, request, body);
    if (world.faults.answer_delay_ms > 0) {
        std::chrono::milliseconds delay{world.faults.answer_delay_ms};
        co_await sleep_for(world.state.executor(), delay);
    }
    co_return response;
}

}  // namespace

void add_send_routes(http::Router& router, World& world) {
    add_graph_route(router, world, http::Method::post, "/{id}/messages", post_messages);
}

}  // namespace parley::simulator

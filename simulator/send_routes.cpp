// POST /{phone_number_id}/messages: messages, read marks and the typing indicator.
#include "base/log.hpp"
#include "simulator/media_kinds.hpp"
#include "simulator/meta_ids.hpp"
#include "simulator/routes.hpp"
#include "simulator/validation.hpp"

namespace parley::simulator {
namespace {

constexpr std::chrono::seconds kTypingLasts{25};
constexpr std::chrono::hours kOldestReactionTarget{30 * 24};
constexpr std::size_t kLargestStaticSticker = 100 * 1024;

/// The refusal that a fault switch asks for.
std::optional<GraphError> refused_by_fault(Faults& faults) {
    if (take(faults.token_190)) return token_invalid();
    if (take(faults.http_500)) return internal_error();
    if (take(faults.http_429)) return throughput_reached();
    if (take(faults.pair_rate_131056)) return pair_rate_limit();
    if (take(faults.window_131047)) return outside_window();
    return std::nullopt;
}

http::Response mark_read(World& world, const BusinessNumber& number, const http::Request& request,
                         const json::value& body) {
    const auto& waba_id = number.waba_id;
    if (json::text(body, "messaging_product") != "whatsapp") {
        return graph_answer(request, waba_id, missing_parameter("messaging_product"));
    }
    auto wamid = json::text(body, "message_id");
    if (wamid.empty()) return graph_answer(request, waba_id, missing_parameter("message_id"));
    ChatMessage* message = world.state.find(wamid);
    if (message == nullptr || message->from_business || message->phone_number_id != number.phone_number_id) {
        return graph_answer(request, waba_id, invalid_parameter("Please check the message ID you have provided."));
    }
    world.state.mark_read_by_business(*message);
    Customer* customer = world.state.find_customer(message->customer);
    if (customer != nullptr && json::find(body, "typing_indicator") != nullptr) {
        customer->typing_until = world.state.now() + kTypingLasts;
        world.state.touch(*customer);
    }
    return graph_answer(request, waba_id, json::object{{"success", true}});
}

/// Rules that need to know what was said before.
std::optional<GraphError> refused_by_history(World& world, const BusinessNumber& number, const json::value& body,
                                             const Send& send) {
    if (!send.wa_id.empty() && send.wa_id == phone_digits(number.display_phone_number)) {
        return GraphError{.code = 131021,
                          .message = "(#131021) Recipient cannot be sender",
                          .details = "Sender and recipient phone number is same"};
    }
    if (send.type != "reaction") return std::nullopt;
    const ChatMessage* target = world.state.find(json::text(body.at("reaction"), "message_id"));
    if (target == nullptr || target->phone_number_id != number.phone_number_id ||
        world.state.now() - target->at > kOldestReactionTarget) {
        return value_not_valid("Message to react to was not found, or is more than 30 days old.");
    }
    if (target->type == "reaction") {
        return value_not_valid("Message to react to cannot be a reaction message.");
    }
    return std::nullopt;
}

/// What is wrong with one media object of a send, found when Meta fetches the file; empty when nothing is.
std::string media_problem(const World& world, const BusinessNumber& number, const json::value& content,
                          std::string_view kind) {
    auto id = json::text(content, "id");
    if (id.empty()) return {};
    auto file = world.media.find(id);
    if (file == nullptr || file->phone_number_id != number.phone_number_id) {
        return "Media ID does not exist or has expired.";
    }
    if (media_kind(file->mime_type) != kind) {
        return "Media of type " + file->mime_type + " cannot be sent as " + std::string(kind) + ".";
    }
    if (!bytes_fit(file->mime_type, file->bytes)) return "The file is not of type " + file->mime_type + ".";
    if (kind == "sticker" && !is_animated_webp(file->bytes) && file->bytes.size() > kLargestStaticSticker) {
        return "A static sticker may have at most 100 KB.";
    }
    if (json::boolean(content, "voice") && bare_type(file->mime_type) != "audio/ogg") {
        return "A voice message must be audio/ogg with the codec opus.";
    }
    return {};
}

/// The media object of a header: of an interactive message, or a parameter of a template.
std::string header_media_problem(const World& world, const BusinessNumber& number, const json::value& holder) {
    for (std::string_view kind : {"image", "video", "document"}) {
        if (json::text(holder, "type") != kind) continue;
        const auto* content = json::find(holder, kind);
        return content == nullptr ? std::string() : media_problem(world, number, *content, kind);
    }
    return {};
}

std::string media_problem(const World& world, const BusinessNumber& number, const json::value& body, const Send& send) {
    const auto* content = json::find(body, send.type);
    if (content == nullptr) return {};
    if (send.type == "interactive") {
        const auto* header = json::find(*content, "header");
        return header == nullptr ? std::string() : header_media_problem(world, number, *header);
    }
    if (send.type == "template") {
        const auto* components = json::find_array(*content, "components");
        if (components == nullptr) return {};
        for (const auto& component : *components) {
            const auto* parameters = json::find_array(component, "parameters");
            if (parameters == nullptr || parameters->empty()) continue;
            auto problem = header_media_problem(world, number, parameters->front());
            if (!problem.empty()) return problem;
        }
        return {};
    }
    bool is_media = send.type == "image" || send.type == "video" || send.type == "audio" || send.type == "document" ||
                    send.type == "sticker";
    return is_media ? media_problem(world, number, *content, send.type) : std::string();
}

/// The error by which an accepted send fails afterwards; empty when it goes through.
json::object later_failure(const World& world, const BusinessNumber& number, const json::value& body, const Send& send,
                           const Customer* customer) {
    if (customer != nullptr && (customer->blocks_business || number.blocked.contains(customer->key))) {
        return webhook_error(131026, "Message undeliverable", "Message Undeliverable.");
    }
    bool closed = customer != nullptr && !window_open(*customer, number.phone_number_id, world.state.now()) &&
                  !send.is_template();
    if (closed) return webhook_error_131047();
    auto problem = media_problem(world, number, body, send);
    if (!problem.empty()) return webhook_error(131053, "Media upload error", problem);
    return {};
}

std::optional<GraphError> refused_by_limits(World& world, const BusinessNumber& number, const Send& send) {
    if (!world.faults.enforce_limits) return std::nullopt;
    TimePoint now = world.state.now();
    if (!world.limits.take_throughput(number.phone_number_id, now)) return throughput_reached();
    auto party = !send.wa_id.empty() ? send.wa_id : send.user_id;
    if (!party.empty() && !world.limits.take_pair(number.phone_number_id, party, now)) return pair_rate_limit();
    return std::nullopt;
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
json::object accept(World& world, const BusinessNumber& number, const json::value& body, const Send& send,
                    Customer* customer, json::object failure) {
    auto party = customer == nullptr ? send.group_id : customer->key;
    auto wamid = new_wamid(party, Sender::business);
    ChatMessage message;
    message.wamid = wamid;
    message.phone_number_id = number.phone_number_id;
    message.customer = party;
    message.from_business = true;
    message.type = send.type;
    message.body = body.as_object();
    if (send.is_template()) {
        message.rendered = render_template(body.at("template"), world.businesses.waba_of(number).templates);
    }
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

http::Response judge(World& world, const BusinessNumber& number, const http::Request& request,
                     const json::value& body) {
    const auto& waba_id = number.waba_id;
    if (auto refusal = refused_by_fault(world.faults)) return graph_answer(request, waba_id, *refusal);
    auto send = check_send(body, world.businesses.waba_of(number).templates);
    if (!send) return graph_answer(request, waba_id, send.error());
    if (auto refusal = refused_by_history(world, number, body, *send)) return graph_answer(request, waba_id, *refusal);
    if (auto refusal = refused_by_limits(world, number, *send)) return graph_answer(request, waba_id, *refusal);
    Customer* customer = recipient(world, *send);
    auto failure = later_failure(world, number, body, *send, customer);
    if (world.faults.sync_131047 && json::integer(failure, "code") == 131047) {
        return graph_answer(request, waba_id, outside_window());
    }
    auto accepted = accept(world, number, body, *send, customer, std::move(failure));
    http::Response response = graph_answer(request, waba_id, accepted);
    if (take(world.faults.drop_answer)) {
        response.abort = true;
    } else if (take(world.faults.html_200)) {
        response.content_type = "text/html; charset=utf-8";
        response.body = "<!DOCTYPE html><html><body><h1>Please sign in to this network</h1></body></html>";
    }
    return response;
}

/// The content may come as a text of JSON, as every parameter of the Graph API may; some client libraries do so.
void unpack_content(json::value& body) {
    auto type = json::text(body, "type");
    auto* content = type.empty() ? nullptr : body.as_object().if_contains(type);
    if (content == nullptr || !content->is_string()) return;
    auto parsed = json::parse(content->get_string());
    if (parsed && (parsed->is_object() || parsed->is_array())) *content = std::move(*parsed);
}

awaitable<http::Response> post_messages(World& world, http::Request& request) {
    const BusinessNumber* number = number_of(world, request);
    if (number == nullptr) co_return graph_answer(request, {}, unknown_object("post", request.path_parameter("id")));
    auto body = body_of(request);
    unpack_content(body);
    if (json::text(body, "status") == "read") co_return mark_read(world, *number, request, body);
    if (take(world.faults.not_reached)) {
        http::Response nothing;
        nothing.abort = true;
        co_return nothing;
    }
    http::Response response = judge(world, *number, request, body);
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

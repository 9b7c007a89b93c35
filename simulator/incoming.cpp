#include "simulator/incoming.hpp"

#include <algorithm>

#include "simulator/meta_ids.hpp"
#include "simulator/meta_json.hpp"
#include "simulator/webhook_bodies.hpp"

namespace parley::simulator {
namespace {

constexpr std::int64_t kMaxCopies = 1'000;

std::expected<Customer*, std::string> author(World& world, const json::value& request) {
    auto wa_id = phone_digits(json::text(request, "from"));
    auto user_id = json::text(request, "user_id");
    if (wa_id.empty() && !json::text(request, "from").empty()) return std::unexpected("`from` is not a phone number");
    if (!user_id.empty() && !is_user_id(user_id)) return std::unexpected("`user_id` is not a business-scoped user id");
    if (wa_id.empty() && user_id.empty()) return std::unexpected("`from` (digits) or `user_id` is required");
    Customer& customer = world.state.customer(wa_id, user_id);
    if (auto name = json::optional_text(request, "name")) customer.name = *name;
    if (auto username = json::optional_text(request, "username")) customer.username = *username;
    if (json::find(request, "hide_phone") != nullptr) customer.hides_number = json::boolean(request, "hide_phone");
    if (customer.wa_id.empty()) customer.hides_number = true;
    return &customer;
}

/// Fills in what the caller left out of a media object whose file is stored here.
void complete_media(const World& world, json::value& content) {
    auto* object = content.if_object();
    if (object == nullptr) return;
    auto file = world.media.find(json::text(content, "id"));
    if (file == nullptr) return;
    for (const auto& [name, value] : media_content(world, *file)) {
        if (!object->contains(name)) (*object)[name] = value;
    }
}

std::expected<json::value, std::string> content_of(World& world, const json::value& request, const std::string& type,
                                                   const Customer& customer) {
    const auto* given = json::find(request, type);
    if (type == "text" && given != nullptr && given->is_string()) return json::object{{"body", *given}};
    json::value content = sample_content(world, type, customer);
    if (given == nullptr) {
        if (content.is_null() && type != "request_welcome") {
            return std::unexpected("a message of type " + type + " needs a member `" + type + "`");
        }
        return content;
    }
    const auto* changes = given->if_object();
    auto* object = content.if_object();
    if (changes == nullptr || object == nullptr || changes->contains("id")) {
        content = *given;
    } else {
        for (const auto& [name, value] : *changes) (*object)[name] = value;
    }
    complete_media(world, content);
    return content;
}

json::object context_of(const World& world, const json::value& request, const std::string& type, const Customer& from) {
    if (const auto* given = json::find_object(request, "context")) return *given;
    auto quoted = json::text(request, "reply_to");
    if (quoted.empty() && (type == "interactive" || type == "button")) {
        // Pressing a button always quotes the message that the button belongs to.
        const ChatMessage* question = newest_reply(world, from, type == "button" ? "template" : "interactive");
        if (question != nullptr) quoted = question->wamid;
    }
    if (quoted.empty()) return {};
    return {{"from", phone_digits(world.options.display_phone_number)}, {"id", quoted}};
}

void merge_objects(json::object& target, const json::object& changes) {
    for (const auto& [name, value] : changes) target[name] = value;
}

}  // namespace

std::expected<Written, std::string> write_as_customer(World& world, const json::value& request) {
    auto customer = author(world, request);
    if (!customer) return std::unexpected(customer.error());
    Customer& from = **customer;
    auto type = json::optional_text(request, "type").value_or("text");
    bool voice = type == "voice";
    if (voice) type = "audio";
    auto content = content_of(world, request, type, from);
    if (!content) return std::unexpected(content.error());
    if (voice && content->is_object()) content->as_object()["voice"] = true;

    TimePoint at = world.state.now();
    if (auto seconds = json::integer(request, "timestamp")) at = from_unix_seconds(*seconds);
    auto wamid = json::text(request, "id");
    if (wamid.empty()) wamid = new_wamid(from.key, Sender::customer);
    json::object message;
    if (auto context = context_of(world, request, type, from); !context.empty())
        message["context"] = std::move(context);
    if (!from.hides_number) message["from"] = from.wa_id;
    message["from_user_id"] = from.user_id;
    message["id"] = wamid;
    message["timestamp"] = unix_seconds(at);
    if (type == "unsupported") {
        message["errors"] = json::array{{{"code", 131051},
                                         {"title", "Message type unknown"},
                                         {"message", "Message type unknown"},
                                         {"error_data", {{"details", "Message type is currently not supported."}}}}};
    }
    message["type"] = type;
    if (!content->is_null()) message[type] = std::move(*content);
    if (const auto* raw = json::find_object(request, "message")) merge_objects(message, *raw);
    wamid = json::text(message, "id");

    ChatMessage stored;
    stored.wamid = wamid;
    stored.customer = from.key;
    stored.type = json::text(message, "type");
    stored.at = at;
    stored.body = message;
    stored.status = "queued";
    from.last_incoming_at = std::max(from.last_incoming_at.value_or(at), at);
    world.state.touch(from);
    world.state.add(std::move(stored));

    auto number = json::optional_text(request, "phone_number_id").value_or(world.options.phone_number_id);
    auto body = to_meta_json(message_webhook(world.options, number, from, message));
    auto delivery = world.webhooks.post(body, WebhooksOut::Kind::message, wamid);
    if (delivery == nullptr) {
        ChatMessage* dropped = world.state.find(wamid);
        dropped->status = "dropped";
        world.state.touch(*dropped);
    }
    auto copies = std::clamp<std::int64_t>(json::integer(request, "copies").value_or(1), 1, kMaxCopies);
    for (std::int64_t copy = 1; copy < copies; ++copy) world.webhooks.post(body, WebhooksOut::Kind::other);
    return Written{.wamid = wamid, .delivery = std::move(delivery)};
}

}  // namespace parley::simulator

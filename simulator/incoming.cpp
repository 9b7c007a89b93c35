#include "simulator/incoming.hpp"

#include <algorithm>
#include <array>

#include "simulator/meta_ids.hpp"
#include "simulator/meta_json.hpp"
#include "simulator/webhook_bodies.hpp"

namespace parley::simulator {
namespace {

constexpr std::int64_t kMaxCopies = 1'000;

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

/// Given content that stands for itself. Other objects are merged over the sample: {"caption":"..."} is a sample
/// photo with that caption.
bool is_whole(const json::object& given) {
    return std::ranges::any_of(std::array{"id", "message_id", "type", "latitude", "original_message_id"},
                               [&](const char* name) { return given.contains(name); });
}

std::expected<json::value, std::string> content_of(World& world, const BusinessNumber& number,
                                                   const json::value& request, const std::string& type,
                                                   const Customer& customer) {
    const auto* given = json::find(request, type);
    if (type == "text" && given != nullptr && given->is_string()) return json::object{{"body", *given}};
    if (given == nullptr || (given->is_object() && !is_whole(given->get_object()))) {
        json::value content = sample_content(world, number, type, customer);
        if (given != nullptr && content.is_object()) {
            for (const auto& [name, value] : given->get_object()) content.get_object()[name] = value;
        } else if (given != nullptr) {
            content = *given;
        }
        if (!content.is_null() || type == "request_welcome") return content;
        return std::unexpected("a message of type " + type + " needs a member `" + type + "`");
    }
    json::value content = *given;
    complete_media(world, content);
    return content;
}

json::object context_of(World& world, const BusinessNumber& number, const json::value& request, const std::string& type,
                        const Customer& from) {
    if (const auto* given = json::find_object(request, "context")) return *given;
    if (json::text(request, "forwarded") == "frequently") return {{"frequently_forwarded", true}};
    if (json::boolean(request, "forwarded")) return {{"forwarded", true}};
    auto quoted = json::text(request, "reply_to");
    if (quoted.empty() && (type == "interactive" || type == "button")) {
        // Pressing a button always quotes the message that the button belongs to.
        const ChatMessage* question = newest_reply(world, from, type == "button" ? "template" : "interactive");
        if (question != nullptr) quoted = question->wamid;
    }
    if (quoted.empty()) return {};
    const ChatMessage* target = world.state.find(quoted);
    json::object context{{"from", phone_digits(number.display_phone_number)}, {"id", quoted}};
    if (target == nullptr || target->from_business) return context;
    auto writer = json::text(target->body, "from");
    if (writer.empty()) {
        context.erase("from");
    } else {
        context["from"] = writer;
    }
    return context;
}

void merge_objects(json::object& target, const json::object& changes) {
    for (const auto& [name, value] : changes) target[name] = value;
}

/// The number that the customer writes to. An id that no number has is taken over as it is: webhooks of a stranger's
/// number are worth a test.
BusinessNumber addressee(World& world, const json::value& request) {
    auto id = json::text(request, "phone_number_id");
    if (id.empty()) return world.businesses.first();
    if (const BusinessNumber* known = world.businesses.number(id)) return *known;
    BusinessNumber stranger = world.businesses.first();
    stranger.phone_number_id = id;
    return stranger;
}

void join_group(World& world, const std::string& id, const Customer& from) {
    auto& participants = world.state.group(id).participants;
    if (std::ranges::find(participants, from.key) == participants.end()) participants.push_back(from.key);
}

}  // namespace

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

void add_sender(json::object& message, const Customer& from) {
    if (!from.hides_number) message["from"] = from.wa_id;
    message["from_user_id"] = from.user_id;
}

Written deliver(World& world, const BusinessNumber& number, Customer& from, const json::object& message,
                std::int64_t copies) {
    auto wamid = json::text(message, "id");
    auto group_id = json::text(message, "group_id");
    TimePoint at = from_unix_seconds(json::integer(message, "timestamp").value_or(0));
    ChatMessage stored;
    stored.wamid = wamid;
    stored.phone_number_id = number.phone_number_id;
    stored.customer = group_id.empty() ? from.key : group_id;
    stored.type = json::text(message, "type");
    stored.at = at;
    stored.body = message;
    const BusinessNumber* own = world.businesses.number(number.phone_number_id);
    bool blocked = own != nullptr && own->blocked.contains(from.key);
    stored.status = blocked ? "blocked" : "queued";
    if (!blocked && stored.type != "system") {
        TimePoint& last = from.last_incoming[number.phone_number_id];
        last = std::max(last, at);
    }
    world.state.touch(from);
    world.state.add(std::move(stored));
    world.limits.take_throughput(number.phone_number_id, world.state.now());
    if (blocked) return {.wamid = wamid, .delivery = nullptr, .blocked = true};

    auto body = to_meta_json(message_webhook(number, from, message));
    bool subscribed = world.businesses.waba_of(number).subscribed;
    auto delivery = subscribed ? world.webhooks.post(body, WebhooksOut::Kind::message, wamid) : nullptr;
    if (delivery == nullptr) {
        ChatMessage* dropped = world.state.find(wamid);
        dropped->status = "dropped";
        world.state.touch(*dropped);
        return {.wamid = wamid, .delivery = nullptr};
    }
    for (std::int64_t copy = 1; copy < copies; ++copy) world.webhooks.post(body, WebhooksOut::Kind::other);
    return {.wamid = wamid, .delivery = std::move(delivery)};
}

std::expected<Written, std::string> write_as_customer(World& world, const json::value& request) {
    auto customer = author(world, request);
    if (!customer) return std::unexpected(customer.error());
    Customer& from = **customer;
    BusinessNumber number = addressee(world, request);
    auto type = json::optional_text(request, "type").value_or("text");
    bool voice = type == "voice";
    if (voice) type = "audio";
    auto content = content_of(world, number, request, type, from);
    if (!content) return std::unexpected(content.error());
    if (voice && content->is_object()) content->as_object()["voice"] = true;

    TimePoint at = world.state.now();
    if (auto seconds = json::integer(request, "timestamp")) at = from_unix_seconds(*seconds);
    auto wamid = json::text(request, "id");
    json::object message;
    if (auto context = context_of(world, number, request, type, from); !context.empty()) {
        message["context"] = std::move(context);
    }
    if (const auto* referral = json::find(request, "referral")) {
        message["referral"] = referral->is_object() ? referral->get_object() : sample_referral();
    }
    add_sender(message, from);
    if (auto group_id = json::text(request, "group_id"); !group_id.empty()) {
        message["group_id"] = group_id;
        join_group(world, group_id, from);
    }
    message["id"] = wamid.empty() ? new_wamid(from.key, Sender::customer) : wamid;
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
    auto copies = std::clamp<std::int64_t>(json::integer(request, "copies").value_or(1), 1, kMaxCopies);
    return deliver(world, number, from, message, copies);
}

}  // namespace parley::simulator

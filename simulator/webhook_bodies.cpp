#include "simulator/webhook_bodies.hpp"

#include <charconv>

#include "simulator/meta_ids.hpp"

namespace parley::simulator {
namespace {

json::object envelope(std::string_view waba_id, std::string_view field, json::object value) {
    json::object change{{"value", std::move(value)}, {"field", field}};
    json::object entry{{"id", waba_id}, {"changes", json::array{std::move(change)}}};
    return {{"object", "whatsapp_business_account"}, {"entry", json::array{std::move(entry)}}};
}

json::object messages_value(const BusinessNumber& number) {
    auto digits = phone_digits(number.display_phone_number);
    return {{"messaging_product", "whatsapp"},
            {"metadata",
             {{"display_phone_number", digits.empty() ? number.display_phone_number : digits},
              {"phone_number_id", number.phone_number_id}}}};
}

json::object contact(const Customer& customer, bool with_username) {
    json::object profile;
    if (!customer.name.empty()) profile["name"] = customer.name;
    if (with_username && !customer.username.empty()) profile["username"] = customer.username;
    json::object made;
    if (!profile.empty()) made["profile"] = std::move(profile);
    if (!customer.hides_number) made["wa_id"] = customer.wa_id;
    made["user_id"] = customer.user_id;
    return made;
}

json::object pricing(const ChatMessage& message) {
    bool free = message.category == "service";
    return {{"billable", !free},
            {"pricing_model", "PMP"},
            {"type", free ? "free_customer_service" : "regular"},
            {"category", message.category}};
}

}  // namespace

std::string unix_seconds(TimePoint at) {
    return std::to_string(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
}

json::object message_webhook(const BusinessNumber& number, const Customer& customer, const json::object& message) {
    json::object value = messages_value(number);
    if (json::text(message, "type") != "system") value["contacts"] = json::array{contact(customer, true)};
    value["messages"] = json::array{message};
    return envelope(number.waba_id, "messages", std::move(value));
}

json::object call_webhook(const BusinessNumber& number, const Customer& customer, const json::object& call) {
    json::object value = messages_value(number);
    value["contacts"] = json::array{contact(customer, true)};
    value["calls"] = json::array{call};
    return envelope(number.waba_id, "calls", std::move(value));
}

json::object status_webhook(const BusinessNumber& number, const ChatMessage& message, const Customer* customer,
                            std::string_view status, TimePoint at, const json::array& errors) {
    json::object value = messages_value(number);
    bool failed = status == "failed";
    if (customer != nullptr && !failed) {
        value["contacts"] = json::array{contact(*customer, status == "delivered" || status == "read")};
    }
    json::object item{{"id", message.wamid}, {"status", status}, {"timestamp", unix_seconds(at)}};
    if (customer == nullptr) {
        item["recipient_id"] = message.customer;
        item["recipient_type"] = "group";
    } else {
        if (!customer->hides_number) item["recipient_id"] = customer->wa_id;
        if (!failed || message.by_user_id) item["recipient_user_id"] = customer->user_id;
    }
    if (!message.callback_data.empty()) item["biz_opaque_callback_data"] = message.callback_data;
    if (status == "sent" || status == "delivered") item["pricing"] = pricing(message);
    if (!errors.empty()) item["errors"] = errors;
    value["statuses"] = json::array{std::move(item)};
    return envelope(number.waba_id, "messages", std::move(value));
}

json::object template_webhook(std::string_view waba_id, std::string_view field, const Template& message_template,
                              const json::object& changes, TimePoint at) {
    std::int64_t id = 0;
    std::from_chars(message_template.id.data(), message_template.id.data() + message_template.id.size(), id);
    json::object value{{"message_template_id", id},
                       {"message_template_name", message_template.name},
                       {"message_template_language", message_template.language}};
    for (const auto& [name, member] : changes) value[name] = member;
    json::object body = envelope(waba_id, field, std::move(value));
    auto& entry = body["entry"].as_array()[0].as_object();
    entry["time"] = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    return body;
}

json::object template_status_webhook(std::string_view waba_id, const Template& message_template, TimePoint at) {
    json::object changes{{"event", message_template.status},
                         {"reason", message_template.rejected_reason},
                         {"message_template_category", message_template.category}};
    return template_webhook(waba_id, "message_template_status_update", message_template, changes, at);
}

}  // namespace parley::simulator

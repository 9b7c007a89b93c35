#include "simulator/control_json.hpp"

namespace parley::simulator {
namespace {

std::int64_t milliseconds(TimePoint at) {
    return std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count();
}

}  // namespace

http::Response json_answer(const json::object& body) {
    auto response = http::json_response(200, boost::json::serialize(body));
    response.headers.push_back({"Cache-Control", "no-store"});
    return response;
}

json::object customer_json(const Customer& customer, TimePoint now) {
    json::object made{{"key", customer.key},
                      {"wa_id", customer.wa_id},
                      {"user_id", customer.user_id},
                      {"name", customer.name},
                      {"username", customer.username},
                      {"hides_number", customer.hides_number},
                      {"window_open", window_open(customer, now)},
                      {"last_incoming_at", nullptr},
                      {"typing_until", nullptr}};
    if (customer.last_incoming_at) made["last_incoming_at"] = milliseconds(*customer.last_incoming_at);
    if (customer.typing_until) made["typing_until"] = milliseconds(*customer.typing_until);
    return made;
}

json::object business_json(const SimulatorOptions& options) {
    return {{"waba_id", options.waba_id},
            {"phone_number_id", options.phone_number_id},
            {"display_phone_number", options.display_phone_number},
            {"verified_name", options.verified_name}};
}

json::object sent_message(const ChatMessage& message) {
    json::object made{{"n", message.number},          {"wamid", message.wamid},
                      {"to", message.customer},       {"type", message.type},
                      {"status", message.status},     {"biz_opaque_callback_data", message.callback_data},
                      {"category", message.category}, {"at", to_rfc3339(message.at)},
                      {"request", message.body}};
    if (!message.problem.empty()) made["error"] = message.problem;
    return made;
}

json::object chat_message(const ChatMessage& message) {
    return {
        {"n", message.number},          {"rendered", message.rendered}, {"seq", message.changed},
        {"wamid", message.wamid},       {"customer", message.customer}, {"from_business", message.from_business},
        {"type", message.type},         {"status", message.status},     {"at", milliseconds(message.at)},
        {"attempts", message.attempts}, {"problem", message.problem},   {"read_by_business", message.read_by_business},
        {"body", message.body}};
}

}  // namespace parley::simulator

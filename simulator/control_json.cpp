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

json::object customer_json(const Customer& customer, const Businesses& businesses, TimePoint now) {
    const auto& first = businesses.first().phone_number_id;
    json::object all;
    for (const auto& [number, at] : customer.last_incoming) all[number] = milliseconds(at);
    json::object made{{"key", customer.key},
                      {"wa_id", customer.wa_id},
                      {"user_id", customer.user_id},
                      {"name", customer.name},
                      {"username", customer.username},
                      {"hides_number", customer.hides_number},
                      {"blocks_business", customer.blocks_business},
                      {"window_open", window_open(customer, first, now)},
                      {"last_incoming_at", nullptr},
                      {"last_incoming", all},
                      {"typing_until", nullptr}};
    if (const auto* last = all.if_contains(first)) made["last_incoming_at"] = *last;
    if (customer.typing_until) made["typing_until"] = milliseconds(*customer.typing_until);
    return made;
}

json::object business_json(const BusinessNumber& number) {
    return {{"waba_id", number.waba_id},
            {"phone_number_id", number.phone_number_id},
            {"display_phone_number", number.display_phone_number},
            {"verified_name", number.verified_name},
            {"status", number.status},
            {"quality_rating", number.quality_rating},
            {"blocked", json::array(number.blocked.begin(), number.blocked.end())}};
}

json::array numbers_json(const Businesses& businesses) {
    json::array all;
    for (const auto& number : businesses.numbers()) all.push_back(business_json(number));
    return all;
}

json::array groups_json(const State& state) {
    json::array all;
    for (const auto& [id, group] : state.groups()) {
        all.push_back({{"id", id},
                       {"subject", group.subject},
                       {"participants", json::array(group.participants.begin(), group.participants.end())}});
    }
    return all;
}

json::object sent_message(const ChatMessage& message) {
    json::object made{{"n", message.number},
                      {"wamid", message.wamid},
                      {"to", message.customer},
                      {"phone_number_id", message.phone_number_id},
                      {"type", message.type},
                      {"status", message.status},
                      {"biz_opaque_callback_data", message.callback_data},
                      {"category", message.category},
                      {"at", to_rfc3339(message.at)},
                      {"request", message.body}};
    if (!message.problem.empty()) made["error"] = message.problem;
    return made;
}

json::object chat_message(const ChatMessage& message) {
    return {{"n", message.number},
            {"rendered", message.rendered},
            {"seq", message.changed},
            {"wamid", message.wamid},
            {"customer", message.customer},
            {"from_business", message.from_business},
            {"type", message.type},
            {"status", message.status},
            {"at", milliseconds(message.at)},
            {"attempts", message.attempts},
            {"problem", message.problem},
            {"read_by_business", message.read_by_business},
            {"phone_number_id", message.phone_number_id},
            {"body", message.body}};
}

}  // namespace parley::simulator

#include "wa/parse_call.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "wa/fields.hpp"

namespace parley::wa {
namespace {

std::string digits_of(std::string_view text) {
    std::string out;
    for (char c : text)
        if (c >= '0' && c <= '9') out += c;
    return out;
}

std::string two_digits(std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string words_for(std::int64_t seconds, bool ours) {
    if (seconds <= 0) return ours ? "Call, not answered" : "Missed call";
    return "Call (" + std::to_string(seconds / 60) + ":" + two_digits(seconds % 60) + ")";
}

}  // namespace

bool read_call(const json::value& call, const BusinessNumber& number, const ContactBook& contacts, TimePoint arrival,
               std::vector<DeliveryItem>& items) {
    if (!call.is_object()) return false;
    auto id = json::text(call, "id");
    if (id.empty()) return false;
    if (text_view(call, "event") != "terminate") return true;

    bool ours = text_view(call, "direction") == "BUSINESS_INITIATED";
    // Meta's examples have the two ends of a call either way round: the customer is the one that is not the business.
    auto business = digits_of(number.display_phone_number);
    std::string_view end = ours ? "to" : "from", other = ours ? "from" : "to";
    bool turned = !business.empty() && digits_of(text_view(call, end)) == business;
    if (turned) std::swap(end, other);

    IncomingMessage message;
    message.number = number;
    message.customer.wa_id = json::text(call, end);
    message.customer.user_id = json::text(call, std::string(end) + "_user_id");
    message.customer.parent_user_id = json::text(call, std::string(end) + "_parent_user_id");
    contacts.complete(message.customer, true);
    if (message.customer.wa_id.empty() && message.customer.user_id.empty()) return false;
    message.sender = ours ? Sender::agent : Sender::customer;
    message.wamid = std::move(id);
    // It is over by now, whatever its end is said to be.
    message.sent_at = std::min(place_in_second(read_time(call, arrival), arrival), arrival);
    message.type = "call";
    auto seconds = json::integer(call, "duration").value_or(0);
    message.text = words_for(seconds, ours);
    json::object shown{{"direction", ours ? "BUSINESS_INITIATED" : "USER_INITIATED"}, {"duration", seconds}};
    for (std::string_view name : {"status", "start_time", "end_time"})
        if (const auto* value = json::find(call, name)) shown[name] = *value;
    message.payload = boost::json::serialize(json::object{{"type", "call"}, {"call", std::move(shown)}});
    message.error = read_error(call);
    message.counts_as_unread = !ours && seconds <= 0;
    message.opens_window = !ours;
    items.push_back(std::move(message));
    return true;
}

}  // namespace parley::wa

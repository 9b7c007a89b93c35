// Accounts, webhook items and whole webhooks for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "flow/ingest.hpp"
#include "support/database.hpp"

namespace parley::test {

inline constexpr const char* kNumber = "106540352242922";
inline constexpr const char* kOtherNumber = "106540352249999";
inline constexpr const char* kWaba = "102290129340398";
inline constexpr const char* kCustomer = "16505551234";
inline const TimePoint kNoon = from_unix_seconds(1'767'268'800);  // 2026-01-01 12:00 UTC

inline BusinessNumber a_number(std::string phone_number_id = kNumber) {
    return {std::move(phone_number_id), "15550001111", kWaba};
}

/// An account with kNumber and kOtherNumber; the first of a database has the id 1.
inline AccountId add_account(const Database& database) {
    auto id = database.value("INSERT INTO accounts (name) VALUES ('Test') RETURNING id");
    for (const char* number : {kNumber, kOtherNumber})
        database.execute("INSERT INTO phone_numbers (account_id, phone_number_id, waba_id) VALUES (" + id + ", '" +
                         number + "', '" + kWaba + "')");
    return {std::stoll(id)};
}

inline CustomerIdentity a_customer(std::string wa_id = kCustomer, std::string name = "Ann") {
    CustomerIdentity customer;
    customer.wa_id = std::move(wa_id);
    customer.name = std::move(name);
    return customer;
}

inline IncomingMessage a_text(std::string wamid, CustomerIdentity customer = a_customer(), std::string text = "Hello") {
    IncomingMessage message;
    message.number = a_number();
    message.customer = std::move(customer);
    message.wamid = std::move(wamid);
    message.sent_at = kNoon;
    message.type = "text";
    message.text = std::move(text);
    message.payload = R"({"type":"text"})";
    return message;
}

inline StatusReport a_status(std::string wamid, MessageStatus status, TimePoint at = kNoon) {
    StatusReport report;
    report.number = a_number();
    report.wamid = std::move(wamid);
    report.status = status;
    report.at = at;
    return report;
}

inline ReactionChange a_reaction(std::string target, std::string emoji, TimePoint at = kNoon) {
    ReactionChange reaction;
    reaction.number = a_number();
    reaction.customer = a_customer();
    reaction.wamid = "wamid.reaction-to-" + target + "-" + to_rfc3339(at);
    reaction.target_wamid = std::move(target);
    reaction.emoji = std::move(emoji);
    reaction.at = at;
    return reaction;
}

/// A webhook that says `items`, for the numbers that they name.
inline flow::PendingDelivery a_delivery(std::vector<DeliveryItem> items) {
    flow::PendingDelivery pending;
    pending.body = "{\"items\":" + std::to_string(items.size()) + "}";
    pending.received_at = kNoon;
    pending.delivery.understood = true;
    pending.delivery.fields = {"messages"};
    for (const auto& item : items) pending.delivery.numbers.push_back(number_of(item));
    pending.delivery.items = std::move(items);
    return pending;
}

/// Meta's JSON for one text message; `from` is the wa_id of the customer.
inline std::string text_webhook(const std::string& wamid, const std::string& from = kCustomer,
                                const std::string& text = "Hello") {
    return R"({"object":"whatsapp_business_account","entry":[{"id":")" + std::string(kWaba) +
           R"(","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":")"
           R"(15550001111","phone_number_id":")" +
           kNumber + R"("},"contacts":[{"profile":{"name":"Ann"},"wa_id":")" + from + R"("}],"messages":[{"from":")" +
           from + R"(","id":")" + wamid + R"(","timestamp":"1767268800","type":"text","text":{"body":")" + text +
           R"("}}]}}]}]})";
}

}  // namespace parley::test

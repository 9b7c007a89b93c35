// Statuses, batches and what surrounds them; single messages are in parse_test.cpp.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "wa/parse.hpp"
#include "wa/test_fixtures.hpp"

namespace parley::wa {
namespace {

const TimePoint kArrival = *parse_utc("2026-08-01T12:00:00Z");

Delivery parse_fixture(const std::string& name) {
    return parse_delivery(fixture("webhooks/" + name + ".json"), kArrival);
}

StatusReport only_status(const Delivery& delivery) {
    if (delivery.items.size() != 1) throw std::runtime_error(std::to_string(delivery.items.size()) + " items");
    return std::get<StatusReport>(delivery.items.front());
}

/// One letter for each item, in order.
std::string kinds(const Delivery& delivery) {
    std::string out;
    for (const auto& item : delivery.items) out += "MREVSI"[item.index()];
    return out;
}

Delivery parse_statuses(const std::string& statuses) {
    return parse_delivery(
        R"({"entry":[{"id":"W","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"N"},)"
        R"("statuses":[)" +
            statuses + "]}}]}]}",
        kArrival);
}

TEST(ParseStatus, reads_each_of_metas_words) {
    const std::vector<std::pair<std::string, MessageStatus>> expected{
        {"status-sent", MessageStatus::sent},
        {"status-delivered", MessageStatus::delivered},
        {"status-read", MessageStatus::read},
        {"status-played", MessageStatus::played},
        {"status-failed-131049", MessageStatus::failed},
        {"status-sent-v24-no-conversation", MessageStatus::sent},
        {"status-utility-pricing", MessageStatus::delivered}};
    for (const auto& [name, status] : expected) EXPECT_EQ(only_status(parse_fixture(name)).status, status) << name;
}

TEST(ParseStatus, reads_whom_and_what_it_is_about) {
    auto report = only_status(parse_fixture("status-sent-biz-opaque"));
    EXPECT_EQ(report.wamid, "wamid.HBgLMTY1MDU1NTc3ODgVAgARGBIxMDRGQjZBQTIwNzBGMTQzQ0MA");
    EXPECT_EQ(report.callback_data, "some data");
    EXPECT_EQ(report.recipient_wa_id, "16505557788");
    EXPECT_EQ(report.recipient_user_id, "");
    EXPECT_EQ(report.at, from_unix_seconds(1698266945));
    EXPECT_EQ(report.number.phone_number_id, "106540352242922");
    EXPECT_FALSE(report.error);
}

TEST(ParseStatus, knows_recipients_by_user_id) {
    auto both = only_status(parse_fixture("status-delivered-bsuid-and-phone"));
    EXPECT_EQ(both.recipient_wa_id, "16505551234");
    EXPECT_EQ(both.recipient_user_id, "US.13491208655302741918");
    auto alone = only_status(parse_fixture("status-delivered-bsuid-no-phone"));
    EXPECT_EQ(alone.recipient_wa_id, "");
    EXPECT_EQ(alone.recipient_user_id, "US.13491208655302741918");
}

TEST(ParseStatus, names_no_recipient_for_a_group) {
    auto report = only_status(parse_fixture("status-read-group"));
    EXPECT_EQ(report.status, MessageStatus::read);
    EXPECT_EQ(report.recipient_wa_id, "");
    EXPECT_EQ(report.recipient_user_id, "");
}

TEST(ParseStatus, tells_why_it_failed) {
    auto report = only_status(parse_fixture("status-failed-131047-reengagement"));
    ASSERT_TRUE(report.error);
    EXPECT_EQ(report.error->code, 131047);
    EXPECT_EQ(report.error->title, "Re-engagement message");
    EXPECT_EQ(report.error->details,
              "Message failed to send because more than 24 hours have passed since the customer last replied to this "
              "number.");
    auto thin = only_status(parse_fixture("status-failed-131053-thin-error"));
    ASSERT_TRUE(thin.error);
    EXPECT_EQ(thin.error->code, 131053);
    EXPECT_EQ(thin.error->title, "ERROR_TITLE");
    EXPECT_EQ(thin.error->details, "");
    for (auto* name : {"130472-experiment", "131036-no-storage", "131049", "131053-media-upload"})
        EXPECT_TRUE(only_status(parse_fixture(std::string("status-failed-") + name)).error) << name;
}

TEST(ParseStatus, ignores_words_that_are_not_metas_and_calls) {
    for (std::string word : {"deleted", "warning", "teleported", "queued", "unknown", "received", "not_sent", "SENT"}) {
        auto delivery = parse_statuses(R"({"id":"w","status":")" + word + "\"}");
        EXPECT_EQ(kinds(delivery), "") << word;
        EXPECT_EQ(delivery.items_skipped, 0) << word;
    }
    auto call = parse_statuses(R"({"id":"wacid.1","type":"call","status":"delivered"})");
    EXPECT_EQ(kinds(call), "");
    EXPECT_EQ(call.items_skipped, 0);
}

TEST(ParseStatus, counts_malformed_ones) {
    auto delivery = parse_statuses(R"(null,1,"x",[],{},{"id":"w"},{"status":"sent"},{"id":"w","status":["sent"]},)"
                                   R"({"id":"w","status":"sent"})");
    EXPECT_EQ(kinds(delivery), "S");
    EXPECT_EQ(delivery.items_skipped, 8);
}

TEST(ParseBatch, reads_every_kind_of_one_value) {
    auto delivery = parse_fixture("batch-messages-statuses-calls-in-one-value");
    ASSERT_EQ(kinds(delivery), "MMMS");
    auto order = std::get<IncomingMessage>(delivery.items[0]);
    EXPECT_EQ(order.text, "Order: 1 item. Thanks for your order!");
    EXPECT_EQ(order.customer.name, "Jane Doe");
    EXPECT_EQ(std::get<IncomingMessage>(delivery.items[1]).type, "sticker");
    auto form = std::get<IncomingMessage>(delivery.items[2]);
    EXPECT_EQ(form.text, "Form answered: feedback_flow");
    EXPECT_EQ(form.reply_to_wamid, "wamid.original");
    EXPECT_EQ(std::get<StatusReport>(delivery.items[3]).status, MessageStatus::sent);
}

TEST(ParseBatch, keeps_the_order_of_the_body_over_several_entries) {
    auto delivery = parse_fixture("batch-multi-entry-out-of-order");
    ASSERT_EQ(kinds(delivery), "MMMSSSM");
    EXPECT_EQ(std::get<IncomingMessage>(delivery.items[0]).text, "First");
    EXPECT_EQ(std::get<IncomingMessage>(delivery.items[0]).customer.name, "Sheena Nelson");
    EXPECT_EQ(std::get<IncomingMessage>(delivery.items[1]).text, "Second, older timestamp");
    EXPECT_EQ(std::get<IncomingMessage>(delivery.items[1]).customer.name, "Pablo Morales");
    EXPECT_EQ(std::get<IncomingMessage>(delivery.items[2]).customer.name, "Sheena Nelson");
    EXPECT_EQ(std::get<StatusReport>(delivery.items[3]).status, MessageStatus::read);
    EXPECT_EQ(std::get<StatusReport>(delivery.items[4]).status, MessageStatus::delivered);
    EXPECT_EQ(std::get<StatusReport>(delivery.items[5]).status, MessageStatus::sent);
    EXPECT_EQ(number_of(delivery.items[6]).phone_number_id, "999999999999999");
    EXPECT_EQ(number_of(delivery.items[6]).waba_id, "215589313241560883");
    ASSERT_EQ(delivery.numbers.size(), 2u);
    EXPECT_EQ(delivery.numbers[0].phone_number_id, "106540352242922");
    EXPECT_EQ(delivery.numbers[1].display_phone_number, "15550001111");
}

TEST(ParseBatch, reads_both_changes_of_one_entry) {
    auto delivery = parse_fixture("batch-two-changes-text");
    ASSERT_EQ(kinds(delivery), "MM");
    EXPECT_EQ(std::get<IncomingMessage>(delivery.items[0]).text, "Hello");
    EXPECT_EQ(std::get<IncomingMessage>(delivery.items[1]).text, "Hello2");
    EXPECT_EQ(delivery.numbers.size(), 1u);
}

TEST(ParseBatch, reads_eighteen_fields_and_takes_items_from_those_that_have_them) {
    auto delivery = parse_fixture("batch-every-field-in-one-entry");
    ASSERT_EQ(kinds(delivery), "MMSM");
    EXPECT_EQ(delivery.fields.size(), 18u);
    EXPECT_EQ(delivery.fields.front(), "account_alerts");
    auto first = std::get<IncomingMessage>(delivery.items[0]);
    EXPECT_EQ(first.text, "hi");
    EXPECT_EQ(to_rfc3339(first.sent_at), "2009-01-01T00:00:00Z");
    EXPECT_EQ(std::get<IncomingMessage>(delivery.items[1]).sender, Sender::agent);
    auto echo = std::get<IncomingMessage>(delivery.items[3]);
    EXPECT_EQ(echo.customer.wa_id, "15550000444");
    EXPECT_EQ(echo.number.phone_number_id, "");
    EXPECT_EQ(echo.number.waba_id, "102290129340398");
    ASSERT_EQ(delivery.numbers.size(), 2u);
    EXPECT_EQ(delivery.numbers[0].phone_number_id, "");
    EXPECT_EQ(delivery.numbers[1].phone_number_id, "106540352242922");
}

TEST(ParseBatch, takes_no_messages_out_of_the_history) {
    auto delivery = parse_fixture("history-media-content");
    EXPECT_EQ(kinds(delivery), "");
    EXPECT_EQ(delivery.fields, std::vector<std::string>{"history"});
}

TEST(ParseBatch, reads_the_dashboards_test) {
    auto delivery = parse_fixture("dashboard-test-text");
    ASSERT_EQ(kinds(delivery), "M");
    auto message = std::get<IncomingMessage>(delivery.items[0]);
    EXPECT_EQ(message.wamid, "ABGGFlA5Fpa");
    EXPECT_EQ(message.number.waba_id, "0");
    EXPECT_EQ(message.number.phone_number_id, "123456123");
}

}  // namespace
}  // namespace parley::wa

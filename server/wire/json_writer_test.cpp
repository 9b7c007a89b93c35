#include "wire/json_writer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json.hpp"

namespace parley::wire {
namespace {

using namespace std::string_literals;

const TimePoint kNoon = from_unix_seconds(1'767'268'800);

template <class Item>
std::string written(const Item& item) {
    std::string out;
    write(out, item);
    return out;
}

std::string as_json(std::string_view text) {
    std::string out;
    write_text(out, text);
    return out;
}

store::ConversationOverview a_conversation() {
    store::ConversationOverview conversation;
    conversation.id = {7};
    conversation.contact = {8};
    conversation.phone_number_id = "106540352242922";
    conversation.customer_phone = "16505551234";
    conversation.customer_name = "Ann \"A\"";
    conversation.last_message_at = kNoon;
    conversation.created_at = kNoon;
    conversation.unread_count = 3;
    conversation.status = "open";
    conversation.preview = "Hi\n";
    return conversation;
}

store::MessageOverview a_message() {
    store::MessageOverview message;
    message.id = {9};
    message.conversation = {7};
    message.sender = "agent";
    message.message = "Hello";
    message.message_type = "text";
    message.created_at = kNoon;
    message.status = "queued";
    return message;
}

TEST(JsonText, escapes_what_json_asks_for_and_nothing_else) {
    EXPECT_EQ(as_json(""), "\"\"");
    EXPECT_EQ(as_json("a\"b\\c/d"), R"("a\"b\\c/d")");
    EXPECT_EQ(as_json("\n\r\t\x01\x1f\x7f"s), "\"\\n\\r\\t\\u0001\\u001f\x7f\"");
    EXPECT_EQ(as_json("\0"s), "\"\\u0000\"");
    EXPECT_EQ(as_json("\xc3\xbc\xf0\x9f\x91\x8b"), "\"\xc3\xbc\xf0\x9f\x91\x8b\"");
    std::string all;
    for (int c = 1; c < 128; ++c) all += static_cast<char>(c);
    EXPECT_EQ(json::parse(as_json(all))->as_string(), all);
}

TEST(ConversationJson, has_every_member_of_the_contract) {
    auto conversation = a_conversation();
    EXPECT_EQ(
        written(conversation),
        R"({"id":7,"phone_number_id":"106540352242922","customer_phone":"16505551234","customer_name":"Ann \"A\"",)"
        R"("last_message_at":"2026-01-01T12:00:00Z","unread_count":3,"created_at":"2026-01-01T12:00:00Z",)"
        R"("contact_id":8,"status":"open","preview":"Hi\n","last_message_type":null,"last_message_sender":null,)"
        R"("last_message_status":null,"last_incoming_at":null,"window_expires_at":null,"is_group":false,"blocked":false})");
}

TEST(ConversationJson, tells_when_the_window_closes) {
    auto conversation = a_conversation();
    conversation.last_incoming_at = kNoon;
    conversation.last_message_type = "image";
    conversation.is_group = true;
    auto parsed = json::parse(written(conversation)).value();
    EXPECT_EQ(json::text(parsed, "last_incoming_at"), "2026-01-01T12:00:00Z");
    EXPECT_EQ(json::text(parsed, "window_expires_at"), "2026-01-02T12:00:00Z");
    EXPECT_EQ(json::text(parsed, "last_message_type"), "image");
    EXPECT_TRUE(json::boolean(parsed, "is_group"));
}

TEST(MessageJson, has_every_member_of_the_contract) {
    EXPECT_EQ(
        written(a_message()),
        R"({"id":9,"conversation_id":7,"sender":"agent","message":"Hello","message_type":"text","media_url":null,)"
        R"("is_read":false,"whatsapp_message_id":null,"created_at":"2026-01-01T12:00:00Z","status":"queued",)"
        R"("status_times":{"queued_at":null,"sent_at":null,"delivered_at":null,"read_at":null,"played_at":null,)"
        R"("failed_at":null},"error":null,"media":null,"reply_to_whatsapp_message_id":null,"payload":null,"reactions":[],)"
        R"("edited_at":null,"revoked_at":null,"client_message_id":null})");
}

TEST(MessageJson, shows_what_is_there) {
    auto message = a_message();
    message.status = "failed";
    message.failed_at = kNoon + std::chrono::milliseconds(250);
    message.error = MessageError{131026, "Undeliverable", "a \"reason\""};
    message.payload = R"({"type": "text"})";
    message.reactions = R"([{"emoji": "x"}])";
    message.media_url = "https://example.com/a?b=1";
    message.whatsapp_message_id = "wamid.1";
    message.client_message_id = "key-1";
    auto parsed = json::parse(written(message));
    ASSERT_TRUE(parsed) << written(message);
    EXPECT_EQ(json::text(*json::find(*parsed, "status_times"), "failed_at"), "2026-01-01T12:00:00.250Z");
    EXPECT_EQ(json::integer(*json::find(*parsed, "error"), "code"), 131026);
    EXPECT_EQ(json::text(*json::find(*parsed, "error"), "details"), "a \"reason\"");
    EXPECT_EQ(json::text(*json::find(*parsed, "payload"), "type"), "text");
    EXPECT_EQ(json::find_array(*parsed, "reactions")->size(), 1u);
    EXPECT_EQ(json::text(*parsed, "media_url"), "https://example.com/a?b=1");
    EXPECT_EQ(json::text(*parsed, "client_message_id"), "key-1");
}

TEST(NumberJson, has_every_member_of_the_contract) {
    store::NumberOverview number{"1", std::nullopt, "+1 555", "Shop", 2};
    EXPECT_EQ(written(number), R"({"phone_number_id":"1","waba_id":null,"display_phone_number":"+1 555",)"
                               R"("verified_name":"Shop","unread_count":2})");
}

TEST(ErrorJson, has_its_three_members) {
    EXPECT_EQ(written(MessageError{131047, "t", "d"}), R"({"code":131047,"title":"t","details":"d"})");
}

TEST(JsonList, has_commas_between_its_items) {
    std::string none, one, two;
    write_list(none, std::vector<MessageError>{});
    write_list(one, std::vector<MessageError>{{1, "", ""}});
    write_list(two, std::vector<MessageError>{{1, "", ""}, {2, "", ""}});
    EXPECT_EQ(none, "[]");
    EXPECT_EQ(one, R"([{"code":1,"title":"","details":""}])");
    EXPECT_EQ(two, R"([{"code":1,"title":"","details":""},{"code":2,"title":"","details":""}])");
}

}  // namespace
}  // namespace parley::wire

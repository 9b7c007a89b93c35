#include "wa/parse.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"
#include "wa/test_fixtures.hpp"

namespace parley::wa {
namespace {

const TimePoint kArrival = *parse_utc("2026-08-01T12:00:00Z");

Delivery parse(std::string_view body) {
    return parse_delivery(body, kArrival);
}
Delivery parse_fixture(const std::string& name) {
    return parse(fixture("webhooks/" + name + ".json"));
}

/// The only item of a body, which must be a T.
template <class T>
T only(const Delivery& delivery) {
    if (delivery.items.size() != 1) throw std::runtime_error(std::to_string(delivery.items.size()) + " items");
    return std::get<T>(delivery.items.front());
}

/// A body with one value of field "messages".
std::string body_of(const std::string& lists) {
    return R"({"object":"whatsapp_business_account","entry":[{"id":"WABA","changes":[{"field":"messages","value":{)"
           R"("metadata":{"display_phone_number":"1","phone_number_id":"N"},)" +
           lists + "}}]}]}";
}

std::string body_with(const std::string& message_members) {
    return body_of(R"("messages":[{"from":"49151","id":"wamid.1","timestamp":"1749416383",)" + message_members + "}]");
}

TEST(ParseDelivery, understands_every_fixture_and_skips_nothing) {
    auto names = fixtures_in("webhooks");
    EXPECT_EQ(names.size(), 112u);
    for (const auto& name : names) {
        auto delivery = parse(fixture(name));
        EXPECT_TRUE(delivery.understood) << name;
        EXPECT_TRUE(delivery.problem.empty()) << name;
        EXPECT_EQ(delivery.items_skipped, 0) << name;
        EXPECT_FALSE(delivery.fields.empty()) << name;
        ASSERT_FALSE(delivery.numbers.empty()) << name;
        EXPECT_FALSE(delivery.numbers.front().waba_id.empty()) << name;
    }
}

TEST(ParseDelivery, finds_an_item_in_every_message_and_status_fixture_and_in_no_other) {
    for (const auto& name : fixtures_in("webhooks")) {
        auto file = name.substr(name.find('/') + 1);
        bool speaks = file.starts_with("message-") || file.starts_with("status-") || file.starts_with("batch-") ||
                      file.starts_with("smb-message-") || file == "dashboard-test-text.json" ||
                      file.starts_with("call-terminate") || file == "user-id-update.json";
        EXPECT_EQ(!parse(fixture(name)).items.empty(), speaks) << name;
    }
}

TEST(ParseDelivery, reads_a_text) {
    auto delivery = parse_fixture("message-text");
    auto message = only<IncomingMessage>(delivery);
    EXPECT_EQ(message.number.phone_number_id, "106540352242922");
    EXPECT_EQ(message.number.display_phone_number, "15550783881");
    EXPECT_EQ(message.number.waba_id, "102290129340398");
    EXPECT_EQ(message.customer.wa_id, "16505551234");
    EXPECT_EQ(message.customer.name, "Sheena Nelson");
    EXPECT_EQ(message.sender, Sender::customer);
    EXPECT_EQ(message.wamid, "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=");
    EXPECT_EQ(to_rfc3339(message.sent_at), "2025-06-08T20:59:43Z");
    EXPECT_EQ(message.type, "text");
    EXPECT_EQ(message.text, "Does it come in another color?");
    EXPECT_TRUE(message.reply_to_wamid.empty());
    EXPECT_FALSE(message.media);
    EXPECT_FALSE(message.error);
    EXPECT_TRUE(message.counts_as_unread);
    EXPECT_TRUE(message.opens_window);
    auto payload = json::parse(message.payload);
    ASSERT_TRUE(payload);
    EXPECT_EQ(json::text(*payload, "id"), message.wamid);
    EXPECT_EQ(delivery.fields, std::vector<std::string>{"messages"});
    ASSERT_EQ(delivery.numbers.size(), 1u);
    EXPECT_EQ(delivery.numbers[0].phone_number_id, "106540352242922");
}

TEST(ParseDelivery, keeps_every_script_and_emoji) {
    auto message = only<IncomingMessage>(parse_fixture("message-text-unicode-emoji"));
    EXPECT_TRUE(message.text.starts_with(
        "Bonjour à tous — مرحبا بالعالم — 你好 — नमस्ते — 👩🏽‍🌾🇧🇷"));
    EXPECT_TRUE(message.text.ends_with("line1\nline2\ttab \"quotes\" \\ back/slash"));
    EXPECT_EQ(message.customer.name, "Zoë 李明 🌵");
}

TEST(ParseDelivery, knows_a_customer_by_user_id_alone) {
    auto message = only<IncomingMessage>(parse_fixture("message-text-bsuid-no-phone"));
    EXPECT_TRUE(message.customer.wa_id.empty());
    EXPECT_EQ(message.customer.user_id, "US.13491208655302741918");
    EXPECT_EQ(message.customer.parent_user_id, "US.ENT.11815799212886844830");
    EXPECT_EQ(message.customer.username, "realsheenanelson");
    EXPECT_EQ(message.customer.name, "Sheena Nelson");
}

TEST(ParseDelivery, adds_the_user_id_of_the_contact) {
    auto message = only<IncomingMessage>(parse_fixture("message-image-no-url"));
    EXPECT_EQ(message.customer.wa_id, "16505557788");
    EXPECT_EQ(message.customer.user_id, "US.20876553027419181349");
    EXPECT_EQ(message.customer.parent_user_id, "US.ENT.28868448301181579921");
}

TEST(ParseDelivery, does_without_a_profile) {
    auto message = only<IncomingMessage>(parse_fixture("message-without-contact-profile"));
    EXPECT_EQ(message.customer.wa_id, "16315551234");
    EXPECT_TRUE(message.customer.name.empty());
    EXPECT_EQ(message.text, "Hello");
}

TEST(ParseDelivery, puts_a_group_message_into_the_group) {
    auto message = only<IncomingMessage>(parse_fixture("message-group-text"));
    EXPECT_EQ(message.customer.group_id, "HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA");
    EXPECT_EQ(message.customer.wa_id, "16505551234");
    EXPECT_EQ(message.customer.name, "Tiago Mingo");
}

TEST(ParseDelivery, reads_timestamps_that_are_numbers) {
    auto message = only<IncomingMessage>(parse_fixture("message-button-timestamp-as-number"));
    EXPECT_EQ(message.sent_at, from_unix_seconds(1669233778));
}

TEST(ParseDelivery, quotes_the_message_replied_to_but_not_the_one_forwarded) {
    EXPECT_EQ(only<IncomingMessage>(parse_fixture("message-text-reply")).reply_to_wamid, "wamid.xyzxyz==");
    EXPECT_EQ(only<IncomingMessage>(parse_fixture("message-interactive-button-reply")).reply_to_wamid,
              "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI3MEM2RUJFNkI0RENGQTVDRjUA");
    EXPECT_TRUE(only<IncomingMessage>(parse_fixture("message-text-forwarded")).reply_to_wamid.empty());
    EXPECT_TRUE(only<IncomingMessage>(parse_fixture("message-button-timestamp-as-number")).reply_to_wamid.empty());
    auto plain = only<IncomingMessage>(parse(body_with(
        R"("type":"text","text":{"body":"x"},"context":{"id":"q","forwarded":false,"frequently_forwarded":false})")));
    EXPECT_EQ(plain.reply_to_wamid, "q");
}

TEST(ParseDelivery, refers_to_media) {
    auto voice = only<IncomingMessage>(parse_fixture("message-audio-voice"));
    ASSERT_TRUE(voice.media);
    EXPECT_EQ(voice.media->id, "1908647269898587");
    EXPECT_EQ(voice.media->mime_type, "audio/ogg; codecs=opus");
    EXPECT_EQ(voice.media->sha256, "wvqXMe6n7n1W0zphvLPoLj+s/NtKqmr3zZ7YzTP7xFI=");
    EXPECT_TRUE(voice.media->voice);
    auto file = only<IncomingMessage>(parse_fixture("message-document-caption"));
    ASSERT_TRUE(file.media);
    EXPECT_EQ(file.media->file_name, "receipt.pdf");
    EXPECT_FALSE(file.media->voice);
    for (auto* name : {"message-image-caption", "message-video-caption", "message-sticker-animated"})
        EXPECT_TRUE(only<IncomingMessage>(parse_fixture(name)).media) << name;
    EXPECT_FALSE(only<IncomingMessage>(parse(body_with(R"("type":"image","image":{"caption":"lost"})"))).media);
}

TEST(ParseDelivery, keeps_the_error_of_a_message) {
    auto unsupported = only<IncomingMessage>(parse_fixture("message-unsupported-type-poll"));
    ASSERT_TRUE(unsupported.error);
    EXPECT_EQ(unsupported.type, "unsupported");
    EXPECT_EQ(unsupported.error->code, 131051);
    EXPECT_EQ(unsupported.error->title, "Message type unknown");
    EXPECT_EQ(unsupported.error->details, "Message type is currently not supported.");
    auto older = only<IncomingMessage>(parse_fixture("message-unknown-type-unknown"));
    ASSERT_TRUE(older.error);
    EXPECT_EQ(older.type, "unknown");
    EXPECT_EQ(older.error->details, "Message type is not currently supported");
}

TEST(ParseDelivery, reads_reactions_set_and_removed_in_both_ways) {
    auto set = only<ReactionChange>(parse_fixture("message-reaction"));
    EXPECT_EQ(set.emoji, "👍");
    EXPECT_EQ(set.target_wamid, "wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQUNCNjk5RDUwNUZGMUZEM0VBRAA=");
    EXPECT_EQ(set.wamid, "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTlCQjNCQTVERDVFRjQ4Q0I4MgA=");
    EXPECT_EQ(set.customer.wa_id, "16505551234");
    EXPECT_EQ(set.at, from_unix_seconds(1749419544));
    auto without_emoji = only<ReactionChange>(parse_fixture("message-reaction-removed-no-emoji"));
    EXPECT_EQ(without_emoji.emoji, "");
    EXPECT_EQ(without_emoji.target_wamid, set.target_wamid);
    EXPECT_EQ(only<ReactionChange>(parse_fixture("message-reaction-removed-empty-emoji")).emoji, "");
}

TEST(ParseDelivery, reads_an_edit_and_a_revoke) {
    auto edit = only<MessageEdit>(parse_fixture("message-edit-image-caption"));
    EXPECT_EQ(edit.target_wamid, "wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQUNCNjk5RDUwNUZGMUZEM0VBRAA=");
    EXPECT_EQ(edit.text, "Updated image caption");
    auto payload = json::parse(edit.payload);
    ASSERT_TRUE(payload);
    EXPECT_EQ(json::text(*payload, "type"), "image");
    auto revoke = only<MessageRevoke>(parse_fixture("message-revoke"));
    EXPECT_EQ(revoke.target_wamid, edit.target_wamid);
    EXPECT_EQ(revoke.customer.name, "Sheena Nelson");
    EXPECT_EQ(revoke.sender, Sender::customer);
}

TEST(ParseDelivery, keeps_a_change_without_a_target_as_a_message) {
    for (std::string type : {"reaction", "edit", "revoke"}) {
        auto message = only<IncomingMessage>(parse(body_with("\"type\":\"" + type + "\",\"" + type + "\":{}")));
        EXPECT_EQ(message.type, type);
        EXPECT_EQ(message.text, "Unsupported message (" + type + ")");
    }
}

TEST(ParseDelivery, reads_echoes_as_the_agents_own) {
    auto echo = only<IncomingMessage>(parse_fixture("smb-message-echo-text"));
    EXPECT_EQ(echo.sender, Sender::agent);
    EXPECT_EQ(echo.customer.wa_id, "16505551234");
    EXPECT_EQ(echo.text, "Here's the info you requested! https://www.meta.com/quest/quest-3/");
    EXPECT_FALSE(echo.counts_as_unread);
    EXPECT_FALSE(echo.opens_window);
    auto edit = only<MessageEdit>(parse_fixture("smb-message-echo-edit"));
    EXPECT_EQ(edit.sender, Sender::agent);
    EXPECT_EQ(edit.text, "Text was edited");
    EXPECT_EQ(edit.target_wamid, "wamid.zzzzzz");
    EXPECT_EQ(edit.customer.wa_id, "16505557788");
    EXPECT_EQ(edit.customer.user_id, "US.20876553027419181349");
    auto revoke = only<MessageRevoke>(parse_fixture("smb-message-echo-revoke"));
    EXPECT_EQ(revoke.sender, Sender::agent);
    EXPECT_EQ(revoke.customer.name, "Test Name");
}

TEST(ParseDelivery, notes_a_changed_number_and_then_moves_the_customer) {
    auto delivery = parse_fixture("message-system-user-changed-number");
    ASSERT_EQ(delivery.items.size(), 2u);
    auto note = std::get<IncomingMessage>(delivery.items[0]);
    EXPECT_EQ(note.type, "system");
    EXPECT_EQ(note.text, "User Sheena Nelson changed from 16505551234 to 12195555358");
    EXPECT_EQ(note.customer.wa_id, "16505551234");
    EXPECT_FALSE(note.counts_as_unread);
    EXPECT_FALSE(note.opens_window);
    auto change = std::get<IdentityChange>(delivery.items[1]);
    EXPECT_EQ(change.old_wa_id, "16505551234");
    EXPECT_EQ(change.new_wa_id, "12195555358");
    EXPECT_EQ(change.at, from_unix_seconds(1750269342));
    EXPECT_EQ(change.number.phone_number_id, "106540352242922");
}

TEST(ParseDelivery, finds_the_old_user_id_in_the_words_of_a_system_message) {
    auto delivery = parse_fixture("message-system-user-changed-user-id");
    ASSERT_EQ(delivery.items.size(), 2u);
    auto change = std::get<IdentityChange>(delivery.items[1]);
    EXPECT_EQ(change.old_wa_id, "16505551234");
    EXPECT_EQ(change.new_wa_id, "12195555358");
    EXPECT_EQ(change.old_user_id, "US.13491208655302741918");
    EXPECT_EQ(change.new_user_id, "US.24817305912873645029");
}

IdentityChange change_told_by(const std::string& words, const std::string& more = "") {
    auto delivery = parse(body_with(
        R"("type":"system","system":{"type":"user_changed_user_id","user_id":"US.2","body":")" + words + "\"}" + more));
    return std::get<IdentityChange>(delivery.items.at(1));
}

TEST(ParseDelivery, is_not_deceived_by_names_that_look_like_moves) {
    EXPECT_EQ(change_told_by("User X changed from US.1 to US.2").old_user_id, "US.1");
    EXPECT_EQ(change_told_by("User X changed from US.666 to US.2 changed from US.1 to US.2").old_user_id, "US.1");
    EXPECT_EQ(change_told_by("User X changed from US.1 to US.3").old_user_id, "");
    EXPECT_EQ(change_told_by("User X changed from nobody to US.2").old_user_id, "");
    EXPECT_EQ(change_told_by("User X changed").old_user_id, "");
    EXPECT_EQ(change_told_by("").old_user_id, "");
}

TEST(ParseDelivery, does_not_lend_the_new_ids_to_the_note_of_a_move) {
    auto delivery = parse(body_of(
        R"("contacts":[{"profile":{"name":"X"},"user_id":"US.2"}],"messages":[{"from":"1","id":"w","timestamp":"1749416383",)"
        R"("type":"system","system":{"type":"user_changed_user_id","user_id":"US.2","body":"User X changed from US.1 to US.2"}}])"));
    ASSERT_EQ(delivery.items.size(), 2u);
    auto note = std::get<IncomingMessage>(delivery.items[0]);
    EXPECT_EQ(note.customer.wa_id, "1");
    EXPECT_EQ(note.customer.user_id, "");
    EXPECT_EQ(note.customer.name, "X");
}

TEST(ParseDelivery, takes_the_older_name_of_the_new_number) {
    auto delivery =
        parse(body_with(R"("type":"system","system":{"type":"user_changed_number","body":"b","new_wa_id":"49152"})"));
    ASSERT_EQ(delivery.items.size(), 2u);
    EXPECT_EQ(std::get<IdentityChange>(delivery.items[1]).new_wa_id, "49152");
}

TEST(ParseDelivery, only_notes_a_changed_identity_key) {
    auto note = only<IncomingMessage>(parse_fixture("message-system-identity-changed"));
    EXPECT_EQ(note.text, "User identity changed");
    EXPECT_FALSE(note.counts_as_unread);
    EXPECT_FALSE(note.opens_window);
}

TEST(ParseDelivery, reads_a_user_id_update) {
    auto change = only<IdentityChange>(parse_fixture("user-id-update"));
    EXPECT_EQ(change.old_user_id, "US.13491208655302741918");
    EXPECT_EQ(change.new_user_id, "US.24817305912873645029");
    EXPECT_EQ(change.new_parent_user_id, "US.ENT.20917305912873645020");
    EXPECT_EQ(change.old_wa_id, "16505551234");
    EXPECT_EQ(change.new_wa_id, "16505551234");
    EXPECT_EQ(change.at, from_unix_seconds(1777900001));
}

TEST(ParseDelivery, reads_the_summary_of_every_kind_of_message) {
    const std::vector<std::pair<std::string, std::string>> expected{
        {"message-audio-file-forwarded", "Audio"},
        {"message-audio-voice", "Voice message"},
        {"message-button-did-not-request-code", "I didn't request a code"},
        {"message-button-template-quick-reply", "Unsubscribe"},
        {"message-call-permission-reply-accept", "Call permission accepted"},
        {"message-contacts-org", "Contact: Barbara J. Johnson (+1 (415) 555-0829)"},
        {"message-contacts-two", "Contacts: Chandler Bing, Monica, Rachel Green"},
        {"message-document-caption", "my receipt"},
        {"message-document-no-caption", "Document: 4_641947.pdf"},
        {"message-image-caption", "Taj Mahal"},
        {"message-image-no-url", "Image"},
        {"message-interactive-button-reply", "Cancel"},
        {"message-interactive-list-reply", "Priority Mail Express, Next Day to 2 Days"},
        {"message-interactive-nfm-reply-flow", "Form answered"},
        {"message-interactive-with-value-errors", "Unsupported message (interactive)"},
        {"message-location-business", "Location: Philz Coffee, 101 Forest Ave, Palo Alto, CA 94301"},
        {"message-location-current", "Location: 12.25089, 43.90539"},
        {"message-location-url-only", "Location: -10.939413, -10.606395"},
        {"message-order", "Order: 2 items. Love these!"},
        {"message-order-empty-text", "Order: 3 items"},
        {"message-request-welcome", "Opened the chat"},
        {"message-sticker-animated", "Sticker"},
        {"message-unknown-type-unknown", "Unsupported message"},
        {"message-unsupported-no-type", "Unsupported message"},
        {"message-unsupported-type-edit", "Unsupported message (edit)"},
        {"message-unsupported-type-poll", "Unsupported message (pool)"},
        {"message-video-caption", "Timelapse of growth"},
    };
    for (const auto& [name, text] : expected) EXPECT_EQ(only<IncomingMessage>(parse_fixture(name)).text, text) << name;
}

TEST(ParseCall, is_a_message_when_it_is_over) {
    auto delivery = parse_fixture("call-terminate-user-initiated");
    ASSERT_EQ(delivery.items.size(), 1U);
    const auto& call = std::get<IncomingMessage>(delivery.items.front());
    EXPECT_EQ(call.type, "call");
    EXPECT_EQ(call.customer.wa_id, "16315553601");
    EXPECT_EQ(call.sender, Sender::customer);
    EXPECT_EQ(call.text, "Call (8:00)");
    EXPECT_TRUE(call.opens_window);
    EXPECT_FALSE(call.counts_as_unread);
    EXPECT_EQ(delivery.items_skipped, 0);
}

TEST(ParseCall, says_nothing_while_it_rings) {
    auto delivery = parse_fixture("call-connect-user-initiated");
    EXPECT_TRUE(delivery.items.empty());
    EXPECT_EQ(delivery.items_skipped, 0);
}

}  // namespace
}  // namespace parley::wa

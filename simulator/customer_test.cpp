// What customers send beside plain texts, and the webhooks of it.
#include "simulator/stage_for_tests.hpp"

namespace parley::simulator {
namespace {

/// The message object of the webhook for what Ana sends.
awaitable<json::value> from_ana(Stage& stage, json::object content) {
    content["from"] = "5511955501234";
    content["wait"] = true;
    auto answer = co_await stage.call(http::Method::post, "/_sim/inbound", content);
    auto wamid = json::text(body_of(answer), "wamid");
    const auto* message = first_of(stage.app.bodies.back(), "messages");
    EXPECT_NE(message, nullptr);
    if (message == nullptr) co_return nullptr;
    EXPECT_EQ(json::text(*message, "id"), wamid);
    co_return *message;
}

awaitable<void> samples(Stage& stage) {
    for (std::string type : {"image", "video", "audio", "document", "sticker", "location", "contacts", "interactive",
                             "button", "order", "reaction", "unsupported"}) {
        auto message = co_await from_ana(stage, {{"type", type}});
        EXPECT_EQ(json::text(message, "type"), type);
        EXPECT_NE(json::find(message, type), nullptr) << type;
    }
    auto voice = co_await from_ana(stage, {{"type", "voice"}});
    EXPECT_TRUE(json::boolean(voice.at("audio"), "voice"));
}
TEST(Customers, send_a_sample_of_every_type) {
    Stage stage;
    stage.run(samples);
}

awaitable<void> contexts(Stage& stage) {
    auto first = co_await from_ana(stage, {{"text", "one"}});
    auto reply = co_await from_ana(stage, {{"text", "two"}, {"reply_to", json::text(first, "id")}});
    EXPECT_EQ(json::text(reply.at("context"), "from"), "5511955501234") << "the author of the quoted message";
    auto forwarded = co_await from_ana(stage, {{"text", "three"}, {"forwarded", true}});
    EXPECT_TRUE(json::boolean(forwarded.at("context"), "forwarded"));
    auto from_ad = co_await from_ana(stage, {{"text", "four"}, {"referral", true}});
    EXPECT_EQ(json::text(from_ad.at("referral"), "source_type"), "ad");
    auto in_group = co_await from_ana(stage, {{"text", "five"}, {"group_id", "G1"}});
    EXPECT_EQ(json::text(in_group, "group_id"), "G1");
}
TEST(Customers, reply_forward_come_from_ads_and_write_in_groups) {
    Stage stage;
    stage.run(contexts);
}

awaitable<void> changes(Stage& stage) {
    auto first = co_await from_ana(stage, {{"text", "one"}});
    auto id = json::text(first, "id");
    json::object content{{"type", "text"}, {"text", {{"body", "changed"}}}};
    auto edit =
        co_await from_ana(stage, {{"type", "edit"}, {"edit", {{"original_message_id", id}, {"message", content}}}});
    EXPECT_EQ(json::text(edit.at("edit").at("message").at("text"), "body"), "changed");
    auto revoke = co_await from_ana(stage, {{"type", "revoke"}, {"revoke", {{"original_message_id", id}}}});
    EXPECT_EQ(json::text(revoke.at("revoke"), "original_message_id"), id);
    auto removed = co_await from_ana(stage, {{"type", "reaction"}, {"reaction", {{"message_id", id}}}});
    EXPECT_EQ(json::find(removed.at("reaction"), "emoji"), nullptr) << "taken away: the key is absent";
}
TEST(Customers, edit_delete_and_take_reactions_away) {
    Stage stage;
    stage.run(changes);
}

awaitable<void> new_number(Stage& stage) {
    co_await write_as_ana(stage);
    auto answer =
        co_await stage.call(http::Method::post, "/_sim/customers/5511955501234/number", {{"to", "+55 11 95550-9999"}});
    EXPECT_EQ(json::text(body_of(answer), "wa_id"), "5511955509999");
    std::function<bool(const json::value&)> is_system = [](const json::value& webhook) {
        const auto* message = first_of(webhook, "messages");
        return message != nullptr && json::text(*message, "type") == "system";
    };
    auto webhook = co_await stage.app.wait_for(is_system);
    const auto* message = first_of(webhook, "messages");
    EXPECT_EQ(json::text(*message, "from"), "5511955501234");
    EXPECT_EQ(json::text(message->at("system"), "wa_id"), "5511955509999");
    EXPECT_EQ(first_of(webhook, "contacts"), nullptr);
    auto sent = co_await stage.call(http::Method::post, kMessages, a_text("+5511955509999"));
    auto accepted = body_of(sent);
    EXPECT_EQ(json::text(accepted.at("contacts").at(0), "wa_id"), "5511955509999");
    auto fits = status_is("delivered");
    EXPECT_TRUE((co_await stage.app.wait_for(fits)).is_object()) << "the window moved with the customer";
}
TEST(Customers, change_their_number) {
    Stage stage;
    stage.run(new_number);
}

awaitable<void> calls(Stage& stage) {
    auto answer = co_await stage.call(http::Method::post, "/_sim/calls", {{"from", "5511955501234"}, {"seconds", 7}});
    auto id = json::text(body_of(answer), "id");
    for (std::string event : {"connect", "terminate"}) {
        std::function<bool(const json::value&)> fits = [event](const json::value& webhook) {
            const auto* call = first_of(webhook, "calls");
            return call != nullptr && json::text(*call, "event") == event;
        };
        auto webhook = co_await stage.app.wait_for(fits);
        const auto* call = first_of(webhook, "calls");
        EXPECT_NE(call, nullptr) << event;
        if (call != nullptr) EXPECT_EQ(json::text(*call, "id"), id);
    }
    auto sent = co_await stage.call(http::Method::post, kMessages, a_text("+5511955501234"));
    body_of(sent);
    auto fits = status_is("delivered");
    EXPECT_TRUE((co_await stage.app.wait_for(fits)).is_object()) << "a call opens the window";
}
TEST(Customers, call_the_business) {
    Stage stage;
    stage.run(calls);
}

awaitable<void> reaction_targets(Stage& stage) {
    auto message = co_await from_ana(stage, {{"text", "one"}});
    json::object reaction{{"messaging_product", "whatsapp"},
                          {"to", "+5511955501234"},
                          {"type", "reaction"},
                          {"reaction", {{"message_id", json::text(message, "id")}, {"emoji", "\U0001F335"}}}};
    auto good = co_await stage.call(http::Method::post, kMessages, reaction);
    body_of(good);
    reaction["reaction"] = json::object{{"message_id", "wamid.unknown"}, {"emoji", "\U0001F335"}};
    auto unknown = co_await stage.call(http::Method::post, kMessages, reaction);
    EXPECT_EQ(error_code(body_of(unknown, 400)), 131009);
    co_await stage.call(http::Method::post, "/_sim/customers/5511955501234/blocks", {{"blocks", true}});
    auto sent = co_await stage.call(http::Method::post, kMessages, a_text("+5511955501234"));
    body_of(sent);
    auto fits = status_is("failed");
    auto webhook = co_await stage.app.wait_for(fits);
    EXPECT_EQ(json::integer(first_of(webhook, "statuses")->at("errors").at(0), "code"), 131026);
}
TEST(Customers, get_reactions_to_known_messages_and_can_block_the_business) {
    Stage stage;
    stage.run(reaction_targets);
}

}  // namespace
}  // namespace parley::simulator

// Messages, receipts and webhooks.
#include "simulator/stage_for_tests.hpp"

namespace parley::simulator {
namespace {

awaitable<void> sends(Stage& stage) {
    co_await write_as_ana(stage);
    auto body = a_text("+55 11 95550-1234");
    auto answer = co_await stage.call(http::Method::post, kMessages, body);
    EXPECT_TRUE(answer);
    if (!answer) co_return;
    EXPECT_EQ(answer->status, 200U);
    EXPECT_EQ(answer->header("Facebook-Api-Version"), "v24.0");
    auto accepted = *json::parse(answer->body);
    EXPECT_EQ(json::text(accepted.at("contacts").at(0), "wa_id"), "5511955501234");
    auto wamid = json::text(accepted.at("messages").at(0), "id");
    for (std::string status : {"sent", "delivered"}) {
        auto fits = status_is(status);
        auto webhook = co_await stage.app.wait_for(fits);
        const auto* item = first_of(webhook, "statuses");
        EXPECT_NE(item, nullptr) << status;
        if (item == nullptr) continue;
        EXPECT_EQ(json::text(*item, "id"), wamid);
        EXPECT_EQ(json::text(*item, "biz_opaque_callback_data"), "message 7");
        EXPECT_EQ(json::text(*item, "recipient_id"), "5511955501234");
    }
}
TEST(Simulator, reports_sent_and_delivered_by_signed_webhooks) {
    Stage stage;
    stage.run(sends);
}

awaitable<void> retries(Stage& stage) {
    stage.app.refuse = 2;
    co_await write_as_ana(stage);
    EXPECT_EQ(stage.app.refused, 2U);
    std::function<bool(const json::value&)> fits = is_message;
    auto webhook = co_await stage.app.wait_for(fits);
    const auto* message = first_of(webhook, "messages");
    EXPECT_NE(message, nullptr);
    if (message != nullptr) EXPECT_EQ(json::text(message->at("text"), "body"), "Ol\u00e1 / \U0001F335");
}
TEST(Simulator, delivers_a_webhook_again_until_it_is_answered_200) {
    Stage stage;
    stage.run(retries);
}

awaitable<void> fails_outside_window(Stage& stage) {
    auto body = a_text("+4915555012345");
    auto answer = co_await stage.call(http::Method::post, kMessages, body);
    EXPECT_TRUE(answer && answer->status == 200);
    auto fits = status_is("failed");
    auto webhook = co_await stage.app.wait_for(fits);
    const auto* item = first_of(webhook, "statuses");
    EXPECT_NE(item, nullptr);
    if (item != nullptr) EXPECT_EQ(json::integer(item->at("errors").at(0), "code"), 131047);
}
TEST(Simulator, fails_free_form_messages_to_customers_who_never_wrote) {
    Stage stage;
    stage.run(fails_outside_window);
}

awaitable<void> drops_answer(Stage& stage) {
    co_await write_as_ana(stage);
    json::object faults{{"drop_answer", 1}};
    auto set = co_await stage.call(http::Method::put, "/_sim/faults", faults);
    EXPECT_TRUE(set && set->status == 200);
    auto body = a_text("+5511955501234");
    auto answer = co_await stage.call(http::Method::post, kMessages, body);
    EXPECT_FALSE(answer);
    if (!answer) EXPECT_TRUE(answer.error().request_written);
    auto list = co_await stage.call(http::Method::get, "/_sim/messages?to=5511955501234");
    EXPECT_TRUE(list);
    if (list) EXPECT_EQ(json::find_array(*json::parse(list->body), "messages")->size(), 1U);
}
TEST(Simulator, can_accept_a_send_and_lose_the_answer) {
    Stage stage;
    stage.run(drops_answer);
}

awaitable<void> refuses(Stage& stage) {
    auto body = a_text("+5511955501234");
    auto wrong_token = co_await stage.call(http::Method::post, kMessages, body, "other");
    EXPECT_TRUE(wrong_token && wrong_token->status == 401);
    if (wrong_token) EXPECT_EQ(json::integer(json::parse(wrong_token->body)->at("error"), "code"), 190);
    auto wrong_number = co_await stage.call(http::Method::post, "/v24.0/123123/messages", body);
    EXPECT_TRUE(wrong_number && wrong_number->status == 400);
    if (wrong_number) EXPECT_EQ(json::integer(json::parse(wrong_number->body)->at("error"), "error_subcode"), 33);
}
TEST(Simulator, refuses_other_tokens_and_unknown_numbers) {
    Stage stage;
    stage.run(refuses);
}

awaitable<void> marks_read(Stage& stage) {
    co_await write_as_ana(stage);
    const auto* message = first_of(stage.app.bodies.back(), "messages");
    EXPECT_NE(message, nullptr);
    if (message == nullptr) co_return;
    json::object body{
        {"messaging_product", "whatsapp"}, {"status", "read"}, {"message_id", json::text(*message, "id")}};
    auto marked = co_await stage.call(http::Method::post, kMessages, body);
    EXPECT_TRUE(marked && marked->body == R"({"success":true})");
    body["message_id"] = "12345";
    auto unknown = co_await stage.call(http::Method::post, kMessages, body);
    EXPECT_TRUE(unknown && unknown->status == 400);
}
TEST(Simulator, marks_messages_of_customers_as_read) {
    Stage stage;
    stage.run(marks_read);
}

awaitable<void> downloads(Stage& stage) {
    json::object photo{{"from", "5511955501234"}, {"type", "image"}, {"wait", true}};
    co_await stage.call(http::Method::post, "/_sim/inbound", photo);
    EXPECT_FALSE(stage.app.bodies.empty());
    if (stage.app.bodies.empty()) co_return;
    auto image = first_of(stage.app.bodies.back(), "messages")->at("image");
    auto looked_up = co_await stage.call(http::Method::get, "/" + json::text(image, "id"));
    EXPECT_TRUE(looked_up);
    if (!looked_up) co_return;
    auto object = *json::parse(looked_up->body);
    EXPECT_EQ(json::text(object, "mime_type"), "image/png");
    auto target = http::parse_url(json::text(object, "url"))->target;
    auto bytes = co_await stage.call(http::Method::get, target);
    EXPECT_TRUE(bytes && bytes->status == 200);
    if (bytes) {
        EXPECT_EQ(to_hex(as_text(sha256(bytes->body))), json::text(object, "sha256"));
        EXPECT_TRUE(bytes->body.starts_with("\x89PNG"));
    }
    auto stranger = co_await stage.call(http::Method::get, target, {}, "other");
    EXPECT_TRUE(stranger && stranger->status == 401);
}
TEST(Simulator, serves_media_of_customers_to_who_has_the_token) {
    Stage stage;
    stage.run(downloads);
}

awaitable<void> verifies(Stage& stage) {
    auto answer = co_await stage.call(http::Method::post, "/_sim/verify");
    EXPECT_TRUE(answer && json::boolean(*json::parse(answer->body), "ok"));
    EXPECT_TRUE(stage.app.verified);
}
TEST(Simulator, performs_the_verification_handshake) {
    Stage stage;
    stage.run(verifies);
}

awaitable<void> pages_templates(Stage& stage) {
    std::string target = "/v24.0/102290129340398/message_templates?limit=3&fields=name";
    std::vector<std::string> names;
    for (int page = 0; page < 10 && !target.empty(); ++page) {
        auto answer = co_await stage.call(http::Method::get, target);
        EXPECT_TRUE(answer && answer->status == 200);
        if (!answer) co_return;
        auto body = *json::parse(answer->body);
        for (const auto& one : body.at("data").as_array()) names.push_back(json::text(one, "name"));
        auto next = json::text(body.at("paging"), "next");
        target = next.empty() ? next : http::parse_url(next)->target;
    }
    EXPECT_EQ(names.size(), 14U);
    EXPECT_EQ(names.front(), "hello_world");
}
TEST(Simulator, pages_through_templates_by_cursor) {
    Stage stage;
    stage.run(pages_templates);
}

}  // namespace
}  // namespace parley::simulator

// Numbers, tokens, templates, the block list and limits.
#include "simulator/limits.hpp"
#include "simulator/stage_for_tests.hpp"

namespace parley::simulator {
namespace {

constexpr const char* kSecondNumber = "200000000000001";
constexpr const char* kSecondWaba = "200000000000002";

awaitable<json::object> put(Stage& stage, std::string path, json::object body) {
    auto answer = co_await stage.call(http::Method::put, "/_sim/" + path, body);
    co_return body_of(answer);
}
awaitable<json::object> post(Stage& stage, std::string path, json::object body) {
    auto answer = co_await stage.call(http::Method::post, "/_sim/" + path, body);
    co_return body_of(answer);
}
awaitable<json::object> get(Stage& stage, std::string target, unsigned status = 200, std::string token = "token") {
    auto answer = co_await stage.call(http::Method::get, target, {}, token);
    co_return body_of(answer, status);
}

awaitable<void> second_number(Stage& stage) {
    co_await post(stage, "numbers",
                  {{"phone_number_id", kSecondNumber},
                   {"waba_id", kSecondWaba},
                   {"display_phone_number", "+1 555-078-0002"},
                   {"verified_name", "Second Shrub"},
                   {"token", "second token"}});
    co_await post(stage, "inbound",
                  {{"from", "5511955501234"}, {"text", "hi"}, {"phone_number_id", kSecondNumber}, {"wait", true}});
    const auto& entry = stage.app.bodies.back().at("entry").at(0);
    EXPECT_EQ(json::text(entry, "id"), kSecondWaba);
    auto metadata = entry.at("changes").at(0).at("value").at("metadata");
    EXPECT_EQ(json::text(metadata, "phone_number_id"), kSecondNumber);

    std::string messages = std::string("/v24.0/") + kSecondNumber + "/messages";
    auto body = a_text("+5511955501234");
    auto wrong_token = co_await stage.call(http::Method::post, messages, body);
    EXPECT_EQ(error_code(body_of(wrong_token, 400)), 100);
    auto sent = co_await stage.call(http::Method::post, messages, body, "second token");
    body_of(sent);
    auto fits = status_is("delivered");
    auto webhook = co_await stage.app.wait_for(fits);
    EXPECT_EQ(json::text(webhook.at("entry").at(0), "id"), kSecondWaba);
    auto first = co_await stage.call(http::Method::post, kMessages, body);
    body_of(first);
    auto failed = status_is("failed");
    auto closed = co_await stage.app.wait_for(failed);
    EXPECT_TRUE(closed.is_object()) << "the window is open for the second number only";

    auto numbers = co_await get(stage, std::string("/") + kSecondWaba + "/phone_numbers", 200, "second token");
    EXPECT_EQ(numbers.at("data").as_array().size(), 1U);
    auto number =
        co_await get(stage, std::string("/") + kSecondNumber + "?fields=status,quality_rating", 200, "second token");
    EXPECT_EQ(json::text(number, "status"), "CONNECTED");
    co_await put(stage, std::string("numbers/") + kSecondNumber, {{"status", "FLAGGED"}, {"quality_rating", "RED"}});
    auto flagged =
        co_await get(stage, std::string("/") + kSecondNumber + "?fields=status,quality_rating", 200, "second token");
    EXPECT_EQ(json::text(flagged, "status") + json::text(flagged, "quality_rating"), "FLAGGEDRED");
}
TEST(Account, has_more_numbers_each_with_its_waba_token_and_windows) {
    Stage stage;
    stage.run(second_number);
}

awaitable<void> tokens(Stage& stage) {
    auto good = co_await get(stage, "/debug_token?input_token=token");
    EXPECT_TRUE(json::boolean(good.at("data"), "is_valid"));
    EXPECT_EQ(good.at("data").at("scopes").as_array().size(), 2U);
    auto bad = co_await get(stage, "/debug_token?input_token=other");
    EXPECT_FALSE(json::boolean(bad.at("data"), "is_valid"));
    co_await put(stage, "token", {{"scopes", json::array{"whatsapp_business_messaging"}}});
    auto numbers = co_await get(stage, "/v24.0/102290129340398/phone_numbers", 403);
    EXPECT_EQ(error_code(numbers), 200);
    co_await put(stage, "token", {{"scopes", json::array{"whatsapp_business_management"}}});
    auto sent = co_await stage.call(http::Method::post, kMessages, a_text("+5511955501234"));
    EXPECT_EQ(error_code(body_of(sent, 403)), 10);
    co_await put(stage, "token", {{"is_valid", false}});
    auto invalid = co_await get(stage, "/v24.0/106540352242922", 401);
    EXPECT_EQ(error_code(invalid), 190);
}
TEST(Account, refuses_what_the_scopes_of_the_token_leave_out) {
    Stage stage;
    stage.run(tokens);
}

awaitable<void> subscription(Stage& stage) {
    co_await put(stage, "subscription", {{"subscribed", false}});
    auto list = co_await get(stage, "/v24.0/102290129340398/subscribed_apps");
    EXPECT_TRUE(list.at("data").as_array().empty());
    auto refused =
        co_await stage.call(http::Method::post, "/_sim/inbound", {{"from", "5511955501234"}, {"text", "hi"}});
    EXPECT_EQ(refused->status, 429U);
    auto again = co_await stage.call(http::Method::post, "/v24.0/102290129340398/subscribed_apps");
    body_of(again);
    co_await write_as_ana(stage);
}
TEST(Account, sends_no_webhooks_while_the_app_is_not_subscribed) {
    Stage stage;
    stage.run(subscription);
}

std::function<bool(const json::value&)> field_is(std::string field) {
    return [field](const json::value& webhook) {
        const auto* entry = json::find_array(webhook, "entry");
        return entry != nullptr && json::text(entry->front().at("changes").at(0), "field") == field;
    };
}

awaitable<void> changes_templates(Stage& stage) {
    co_await post(stage, "templates/1192339204654487/status", {{"status", "PAUSED"}, {"reason", "QUALITY"}});
    auto fits = field_is("message_template_status_update");
    auto webhook = co_await stage.app.wait_for(fits);
    auto value = webhook.at("entry").at(0).at("changes").at(0).at("value");
    EXPECT_EQ(json::text(value, "event") + json::text(value, "reason"), "PAUSEDQUALITY");
    co_await post(stage, "templates/1192339204654487/quality", {{"quality", "RED"}});
    auto quality = field_is("message_template_quality_update");
    EXPECT_TRUE((co_await stage.app.wait_for(quality)).is_object());
    co_await post(stage, "templates/1192339204654487/category", {{"category", "UTILITY"}});
    auto category = field_is("template_category_update");
    EXPECT_TRUE((co_await stage.app.wait_for(category)).is_object());

    stage.app.bodies.clear();
    co_await put(stage, "faults", {{"approve_after_ms", 1}});
    json::object part{{"type", "BODY"}, {"text", "A new one"}};
    auto made = co_await stage.call(
        http::Method::post, "/v24.0/102290129340398/message_templates",
        {{"name", "brand_new"}, {"language", "en"}, {"category", "UTILITY"}, {"components", json::array{part}}});
    EXPECT_EQ(json::text(body_of(made), "status"), "PENDING");
    auto approved = co_await stage.app.wait_for(fits);
    EXPECT_EQ(json::text(approved.at("entry").at(0).at("changes").at(0).at("value"), "event"), "APPROVED");
}
TEST(Account, changes_templates_on_request_and_says_so_by_webhook) {
    Stage stage;
    stage.run(changes_templates);
}

awaitable<void> blocks(Stage& stage) {
    std::string target = "/v24.0/106540352242922/block_users";
    json::object users{{"messaging_product", "whatsapp"},
                       {"block_users", json::array{json::object{{"user", "+5511955501234"}}}}};
    auto stranger = co_await stage.call(http::Method::post, target, users);
    EXPECT_EQ(error_code(body_of(stranger, 400)), 139100);
    co_await write_as_ana(stage);
    auto blocked = co_await stage.call(http::Method::post, target, users);
    EXPECT_EQ(body_of(blocked).at("block_users").at("added_users").as_array().size(), 1U);
    auto before = stage.app.bodies.size();
    auto written = co_await post(stage, "inbound", {{"from", "5511955501234"}, {"text", "hello?"}});
    EXPECT_TRUE(json::boolean(written, "blocked"));
    auto sent = co_await stage.call(http::Method::post, kMessages, a_text("+5511955501234"));
    body_of(sent);
    auto fits = status_is("failed");
    auto webhook = co_await stage.app.wait_for(fits);
    EXPECT_EQ(json::integer(first_of(webhook, "statuses")->at("errors").at(0), "code"), 131026);
    EXPECT_EQ(stage.app.bodies.size(), before + 1);
    auto list = co_await get(stage, target);
    EXPECT_EQ(json::text(list.at("data").at(0), "wa_id"), "5511955501234");
    auto freed = co_await stage.call(http::Method::del, target, users);
    body_of(freed);
    co_await write_as_ana(stage);
}
TEST(Account, keeps_a_block_list_of_those_who_wrote_lately) {
    Stage stage;
    stage.run(blocks);
}

awaitable<void> pair_rate(Stage& stage) {
    co_await write_as_ana(stage);
    co_await put(stage, "faults", {{"enforce_limits", true}, {"auto_statuses", false}});
    for (int i = 0; i < 45; ++i) {
        auto sent = co_await stage.call(http::Method::post, kMessages, a_text("+5511955501234"));
        EXPECT_TRUE(sent && sent->status == 200U) << i;
    }
    auto refused = co_await stage.call(http::Method::post, kMessages, a_text("+5511955501234"));
    EXPECT_EQ(error_code(body_of(refused, 400)), 131056);
}
TEST(Account, counts_messages_to_one_customer_when_it_keeps_limits) {
    Stage stage;
    stage.run(pair_rate);
}

TEST(Limits, give_one_back_each_refill) {
    using namespace std::chrono;
    Bucket bucket(2, seconds{6});
    TimePoint now = from_unix_seconds(1'800'000'000);
    EXPECT_TRUE(bucket.take(now));
    EXPECT_TRUE(bucket.take(now));
    EXPECT_FALSE(bucket.take(now));
    EXPECT_FALSE(bucket.take(now + seconds{5}));
    EXPECT_TRUE(bucket.take(now + seconds{7}));
    EXPECT_FALSE(bucket.take(now + seconds{8}));
    EXPECT_TRUE(bucket.full(now + seconds{60}));
}

TEST(Limits, allow_eighty_a_second_for_a_number) {
    Limits limits;
    TimePoint now = from_unix_seconds(1'800'000'000);
    for (int i = 0; i < 80; ++i) EXPECT_TRUE(limits.take_throughput("1", now));
    EXPECT_FALSE(limits.take_throughput("1", now));
    EXPECT_TRUE(limits.take_throughput("2", now));
    EXPECT_TRUE(limits.take_throughput("1", now + std::chrono::seconds{1}));
}

}  // namespace
}  // namespace parley::simulator

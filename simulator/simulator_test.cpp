// The simulator over real sockets: a small app that receives webhooks stands on the other side.
#include "simulator/simulator.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "simulator/bell.hpp"
#include "simulator/meta_json.hpp"

namespace parley::simulator {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";

/// The app that subscribes to webhooks.
class App {
  public:
    explicit App(asio::io_context& io) : arrived_(io.get_executor()), server_(io, {}, router_) {
        router_.add(http::Method::get, "/webhook", [this](http::Request& request) { return verify(request); });
        router_.add(http::Method::post, "/webhook", [this](http::Request& request) { return receive(request); });
        server_.start();
    }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()) + "/webhook"; }
    awaitable<void> stop() { return server_.stop(); }

    /// Waits for a webhook that fits; null after five seconds.
    awaitable<json::value> wait_for(std::function<bool(const json::value&)> fits) {
        auto deadline = std::chrono::steady_clock::now() + 5s;
        while (true) {
            for (const auto& body : bodies) {
                if (fits(body)) co_return body;
            }
            if (std::chrono::steady_clock::now() >= deadline) co_return nullptr;
            co_await arrived_.wait_for(5s);
        }
    }

    std::vector<json::value> bodies;  ///< those answered 200
    unsigned refuse = 0;              ///< the next n are answered 503
    unsigned refused = 0;
    unsigned badly_signed = 0;
    bool verified = false;

  private:
    awaitable<http::Response> verify(http::Request& request) {
        verified =
            request.query_parameter("hub.mode") == "subscribe" && request.query_parameter("hub.verify_token") == "v t&";
        co_return http::text_response(verified ? 200 : 403, request.query_parameter("hub.challenge").value_or(""));
    }

    awaitable<http::Response> receive(http::Request& request) {
        if (request.header("X-Hub-Signature-256") != signature(kSecret, request.body)) ++badly_signed;
        if (refuse > 0) {
            --refuse;
            ++refused;
            co_return http::text_response(503, "");
        }
        auto parsed = json::parse(request.body);
        bodies.push_back(parsed ? *parsed : json::value());
        arrived_.ring();
        co_return http::text_response(200, "");
    }

    Bell arrived_;
    http::Router router_;
    http::Server server_;
};

SimulatorOptions options_for(const App& app) {
    SimulatorOptions options;
    options.app_secret = kSecret;
    options.verify_token = "v t&";
    options.access_token = "token";
    options.webhook_url = app.url();
    options.retry_base = 5ms;
    options.delivered_after = 5ms;
    return options;
}

struct Stage {
    Stage() : app(io), simulator(io, options_for(app)), client(io) { simulator.start(); }

    awaitable<std::expected<http::ClientResponse, http::ClientError>> call(http::Method method, std::string target,
                                                                           json::object body = {},
                                                                           std::string token = "token") {
        http::ClientRequest request;
        request.method = method;
        request.url = *http::parse_url(simulator.url() + target);
        request.headers = {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}};
        if (method != http::Method::get) request.body = boost::json::serialize(body);
        return client.send(std::move(request));
    }

    /// Runs one test's coroutine to its end.
    void run(std::function<awaitable<void>(Stage&)> test) {
        std::exception_ptr failure;
        bool done = false;
        asio::co_spawn(io, whole(std::move(test)), [&](std::exception_ptr error) {
            failure = error;
            done = true;
            io.stop();
        });
        io.run_for(30s);
        ASSERT_TRUE(done) << "the test did not end";
        if (failure) std::rethrow_exception(failure);
        EXPECT_EQ(app.badly_signed, 0U);
    }

    awaitable<void> whole(std::function<awaitable<void>(Stage&)> test) {
        co_await test(*this);
        co_await simulator.stop();
        client.stop();
        co_await app.stop();
    }

    asio::io_context io;
    App app;
    Simulator simulator;
    http::Client client;
};

const json::value* first_of(const json::value& webhook, std::string_view kind) {
    const auto* entry = json::find_array(webhook, "entry");
    const auto* changes = entry == nullptr || entry->empty() ? nullptr : json::find_array(entry->front(), "changes");
    const auto* value = changes == nullptr || changes->empty() ? nullptr : json::find(changes->front(), "value");
    const auto* items = value == nullptr ? nullptr : json::find_array(*value, kind);
    return items == nullptr || items->empty() ? nullptr : &items->front();
}

std::function<bool(const json::value&)> status_is(std::string status) {
    return [status](const json::value& webhook) {
        const auto* item = first_of(webhook, "statuses");
        return item != nullptr && json::text(*item, "status") == status;
    };
}

bool is_message(const json::value& webhook) {
    return first_of(webhook, "messages") != nullptr;
}

json::object a_text(std::string to) {
    return {{"messaging_product", "whatsapp"},
            {"to", std::move(to)},
            {"type", "text"},
            {"text", {{"body", "hola"}}},
            {"biz_opaque_callback_data", "message 7"}};
}

constexpr const char* kMessages = "/v24.0/106540352242922/messages";

awaitable<void> write_as_ana(Stage& stage) {
    json::object message{{"from", "5511955501234"}, {"text", "Ol\u00e1 / \U0001F335"}, {"wait", true}};
    auto answer = co_await stage.call(http::Method::post, "/_sim/inbound", message);
    EXPECT_TRUE(answer && answer->status == 200);
    if (answer) EXPECT_TRUE(json::boolean(*json::parse(answer->body), "delivered"));
}

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
    EXPECT_EQ(names.size(), 8U);
    EXPECT_EQ(names.front(), "hello_world");
}
TEST(Simulator, pages_through_templates_by_cursor) {
    Stage stage;
    stage.run(pages_templates);
}

}  // namespace
}  // namespace parley::simulator

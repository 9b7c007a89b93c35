// The simulator over real sockets, and on the other side a small app that receives its webhooks.
#pragma once

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
#include "simulator/simulator.hpp"

namespace parley::simulator {

using namespace std::chrono_literals;

inline constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";

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

inline SimulatorOptions options_for(const App& app) {
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

inline const json::value* first_of(const json::value& webhook, std::string_view kind) {
    const auto* entry = json::find_array(webhook, "entry");
    const auto* changes = entry == nullptr || entry->empty() ? nullptr : json::find_array(entry->front(), "changes");
    const auto* value = changes == nullptr || changes->empty() ? nullptr : json::find(changes->front(), "value");
    const auto* items = value == nullptr ? nullptr : json::find_array(*value, kind);
    return items == nullptr || items->empty() ? nullptr : &items->front();
}

inline std::function<bool(const json::value&)> status_is(std::string status) {
    return [status](const json::value& webhook) {
        const auto* item = first_of(webhook, "statuses");
        return item != nullptr && json::text(*item, "status") == status;
    };
}

inline bool is_message(const json::value& webhook) {
    return first_of(webhook, "messages") != nullptr;
}

inline json::object a_text(std::string to) {
    return {{"messaging_product", "whatsapp"},
            {"to", std::move(to)},
            {"type", "text"},
            {"text", {{"body", "hola"}}},
            {"biz_opaque_callback_data", "message 7"}};
}

inline constexpr const char* kMessages = "/v24.0/106540352242922/messages";

inline awaitable<void> write_as_ana(Stage& stage) {
    json::object message{{"from", "5511955501234"}, {"text", "Ol\u00e1 / \U0001F335"}, {"wait", true}};
    auto answer = co_await stage.call(http::Method::post, "/_sim/inbound", message);
    EXPECT_TRUE(answer && answer->status == 200);
    if (answer) EXPECT_TRUE(json::boolean(*json::parse(answer->body), "delivered"));
}

/// The body of an answer, which must have this status.
inline json::object body_of(const std::expected<http::ClientResponse, http::ClientError>& answer,
                            unsigned status = 200) {
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().reason);
    if (!answer) return {};
    EXPECT_EQ(answer->status, status) << answer->body;
    auto parsed = json::parse(answer->body);
    return parsed && parsed->is_object() ? parsed->as_object() : json::object{};
}

/// The code of an error answer; 0 when it is none.
inline std::int64_t error_code(const json::object& body) {
    const auto* error = body.if_contains("error");
    return error == nullptr ? 0 : json::integer(*error, "code").value_or(0);
}

}  // namespace parley::simulator

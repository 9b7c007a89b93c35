// For tests: a server with one path for WebSockets, and what became of them.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/raw_peer.hpp"
#include "http/server.hpp"
#include "http/websocket.hpp"
#include "http/websocket_peer.hpp"

namespace parley::http {

using Steady = std::chrono::steady_clock;

/// A request with the handshake of RFC 6455, section 1.2; `fields` come after the necessary ones.
inline std::string handshake(std::string_view fields = "") {
    return "GET /events HTTP/1.1\r\nHost: chat.example:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Protocol: parley.v1\r\n" +
           std::string(fields) + "\r\n";
}

class WebSocketTest : public testing::Test {
  public:
    /// The server's end of the next socket.
    awaitable<std::shared_ptr<WebSocket>> accepted() {
        auto limit = Steady::now() + std::chrono::seconds(5);
        while (!accepted_ && Steady::now() < limit) co_await arrived_.wait_for(std::chrono::seconds(5));
        if (!accepted_) throw std::runtime_error("no socket arrived");
        co_return std::exchange(accepted_, nullptr);
    }

    awaitable<std::shared_ptr<WebSocket>> open(WebSocketPeer& peer) {
        co_await peer.connect(server_->port());
        co_await peer.send(handshake());
        auto head = co_await peer.receive_head();
        EXPECT_TRUE(head.starts_with("HTTP/1.1 101 ")) << head;
        auto socket = co_await accepted();
        co_return socket;
    }

    /// As its owner does: reads until the end, from now on, in the background.
    void keep_reading(std::shared_ptr<WebSocket> socket) {
        ended_ = false;
        asio::co_spawn(io_, read_all(*this, std::move(socket)), [](std::exception_ptr error) { EXPECT_FALSE(error); });
    }

    /// Whether keep_reading came to the end within that time.
    awaitable<bool> ends_within(Steady::duration time) {
        auto limit = Steady::now() + time;
        while (!ended_ && Steady::now() < limit) co_await end_.wait_for(limit - Steady::now());
        co_return ended_;
    }

    /// Whether nobody but the caller holds it, or soon will.
    awaitable<bool> is_last(const std::shared_ptr<WebSocket>& socket) {
        auto limit = Steady::now() + std::chrono::seconds(2);
        while (socket.use_count() > 1 && Steady::now() < limit)
            co_await sleep_for(io_.get_executor(), std::chrono::milliseconds(10));
        co_return socket.use_count() == 1;
    }

    asio::io_context io_;
    std::vector<std::string> texts_;  ///< what keep_reading read

  protected:
    WebSocketTest() : arrived_(io_.get_executor()), end_(io_.get_executor()) {
        router_.add(Method::get, "/events", [this](Request& request) { return answer(*this, request); });
        server_.emplace(io_, ServerOptions{}, router_);
        server_->start();
    }

    ~WebSocketTest() override { run_script(io_, server_->stop()); }

    std::optional<Server> server_;

  private:
    static awaitable<Response> answer(WebSocketTest& test, Request& request) {
        HandshakeRules rules{.subprotocol = "parley.v1", .origins = {"https://inbox.example"}};
        auto response = answer_handshake(request, rules);
        if (response.status == 101)
            response.upgrade = [&test](std::shared_ptr<WebSocket> socket) {
                test.accepted_ = std::move(socket);
                test.arrived_.notify();
            };
        co_return response;
    }

    static awaitable<void> read_all(WebSocketTest& test, std::shared_ptr<WebSocket> socket) {
        while (auto text = co_await socket->read()) test.texts_.push_back(std::move(*text));
        test.ended_ = true;
        test.end_.notify();
    }

    Router router_;
    std::shared_ptr<WebSocket> accepted_;
    Signal arrived_;
    Signal end_;
    bool ended_ = false;
};

}  // namespace parley::http

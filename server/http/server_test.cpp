#include "http/server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "http/raw_peer.hpp"

namespace parley::http {
namespace {

constexpr std::string_view kOrigin = "https://inbox.example";

awaitable<Response> echo(Request& request) {
    co_return text_response(200, request.body);
}

awaitable<Response> show_item(Request& request) {
    auto response = json_response(200, std::string(request.path_parameter("id")));
    response.headers.push_back({"Cache-Control", "max-age=60"});
    co_return response;
}

awaitable<Response> break_down(Request&) {
    throw std::logic_error("a bug");
    co_return Response{};
}

awaitable<Response> be_away(Request&) {
    throw ServiceUnavailable("no database");
    co_return Response{};
}

awaitable<Response> inject(Request&) {
    auto response = text_response(200, "x");
    response.headers = {{"X-Name", "a\r\nX-Evil: 1"}};
    co_return response;
}

awaitable<Response> hang_up(Request&) {
    Response response;
    response.abort = true;
    co_return response;
}

awaitable<Response> send_much(Request&) {
    co_return text_response(200, std::string(8 * 1024 * 1024, 'm'));
}

/// Says that it began, then waits until it is released.
awaitable<Response> hold(Signal& began, Signal& released) {
    began.notify();
    co_await released.wait_for(std::chrono::hours(1));
    co_return text_response(200, "released");
}

/// The same, but sees its cancellation as an exception at the next wait.
awaitable<Response> hold_twice(Signal& began, Signal& released) {
    began.notify();
    co_await released.wait_for(std::chrono::hours(1));
    co_await released.wait_for(std::chrono::hours(1));
    co_return text_response(200, "released");
}

class ServerTest : public testing::Test {
  protected:
    ServerTest() : began_(io_.get_executor()), released_(io_.get_executor()) {
        router_.add(Method::post, "/echo", echo, 100);
        router_.add(Method::get, "/items/{id}", show_item);
        router_.add(Method::get, "/broken", break_down);
        router_.add(Method::post, "/broken", break_down);
        router_.add(Method::get, "/away", be_away);
        router_.add(Method::get, "/inject", inject);
        router_.add(Method::get, "/hang-up", hang_up);
        router_.add(Method::get, "/much", send_much);
        router_.add(Method::get, "/hold", [this](Request&) { return hold(began_, released_); });
        router_.add(Method::get, "/hold-twice", [this](Request&) { return hold_twice(began_, released_); });
    }

    void serve(ServerOptions options = {}) {
        options.cors_origins = {"https://other.example", std::string(kOrigin)};
        server_.emplace(io_, std::move(options), router_);
        server_->start();
    }

    ~ServerTest() override {
        if (server_) run_script(io_, server_->stop());
    }

    awaitable<RawAnswer> ask(std::string bytes) {
        RawPeer peer(io_);
        co_await peer.connect(server_->port());
        co_await peer.send(std::move(bytes));
        auto answer = co_await peer.receive();
        co_return answer;
    }

    asio::io_context io_;
    Router router_;
    Signal began_;
    Signal released_;
    std::optional<Server> server_;
};

std::string get(std::string_view path, std::string_view fields = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view fields = "") {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string code_of(const RawAnswer& answer) {
    auto body = json::parse(answer.body);
    return body ? json::text(*body, "code") : "";
}

awaitable<void> keep_alive_script(asio::io_context& io, Server& server) {
    RawPeer peer(io);
    co_await peer.connect(server.port());
    std::string last_id;
    for (int i = 0; i < 100; ++i) {
        auto body = "message " + std::to_string(i);
        co_await peer.send(post("/echo", body));
        auto answer = co_await peer.receive();
        EXPECT_EQ(answer.status, 200U);
        EXPECT_EQ(answer.body, body);
        EXPECT_FALSE(answer.says_close());
        EXPECT_TRUE(is_uuid(answer.header("X-Request-Id")));
        EXPECT_NE(answer.header("X-Request-Id"), last_id);
        last_id = answer.header("X-Request-Id");
    }
    EXPECT_EQ(server.open_connections(), 1U);
    co_await peer.send(post("/echo", "end", "Connection: close\r\n"));
    auto answer = co_await peer.receive();
    EXPECT_TRUE(answer.says_close());
    auto rest = co_await peer.receive_all();
    EXPECT_EQ(rest, "");
}

TEST_F(ServerTest, keeps_connections_alive) {
    serve();
    run_script(io_, keep_alive_script(io_, *server_));
}

awaitable<void> pipelining_script(asio::io_context& io, std::uint16_t port) {
    RawPeer peer(io);
    co_await peer.connect(port);
    co_await peer.send(post("/echo", "one") + get("/items/two") + post("/echo", "three"));
    for (std::string_view body : {"one", "two", "three"}) {
        auto answer = co_await peer.receive();
        EXPECT_EQ(answer.status, 200U);
        EXPECT_EQ(answer.body, body);
    }
}

TEST_F(ServerTest, answers_pipelined_requests_in_order) {
    serve();
    run_script(io_, pipelining_script(io_, server_->port()));
}

awaitable<void> cut_up_script(asio::io_context& io, std::uint16_t port) {
    RawPeer peer(io);
    co_await peer.connect(port);
    for (char c : post("/echo", "byte by byte")) co_await peer.send(std::string(1, c));
    auto answer = co_await peer.receive();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, "byte by byte");
}

TEST_F(ServerTest, reads_a_request_that_comes_byte_by_byte) {
    serve();
    run_script(io_, cut_up_script(io_, server_->port()));
}

awaitable<void> half_closed_script(asio::io_context& io, std::uint16_t port) {
    RawPeer peer(io);
    co_await peer.connect(port);
    co_await peer.send(post("/echo", "last words"));
    peer.close_sending();
    auto answer = co_await peer.receive();
    EXPECT_EQ(answer.body, "last words");
}

TEST_F(ServerTest, answers_a_peer_that_closed_its_sending_side) {
    serve();
    run_script(io_, half_closed_script(io_, server_->port()));
}

awaitable<void> route_errors_script(asio::io_context& io, std::uint16_t port) {
    RawPeer peer(io);
    co_await peer.connect(port);
    co_await peer.send(get("/nowhere"));
    auto missing = co_await peer.receive();
    EXPECT_EQ(missing.status, 404U);
    EXPECT_EQ(code_of(missing), "not_found");
    EXPECT_EQ(missing.header("Content-Type"), "application/problem+json");
    co_await peer.send(get("/echo"));
    auto wrong = co_await peer.receive();
    EXPECT_EQ(wrong.status, 405U);
    EXPECT_EQ(code_of(wrong), "method_not_allowed");
    EXPECT_EQ(wrong.header("Allow"), "POST, OPTIONS");
    co_await peer.send(post("/nowhere", "body"));
    auto with_body = co_await peer.receive();
    EXPECT_EQ(with_body.status, 404U);
    EXPECT_TRUE(with_body.says_close());
}

TEST_F(ServerTest, answers_404_and_405_with_allow) {
    serve();
    run_script(io_, route_errors_script(io_, server_->port()));
}

awaitable<void> too_large_script(asio::io_context& io, std::uint16_t port) {
    RawPeer peer(io);
    co_await peer.connect(port);
    co_await peer.send(post("/echo", std::string(100, 'x')));
    auto fits = co_await peer.receive();
    EXPECT_EQ(fits.status, 200U);
    // The body is never sent: the answer cannot have waited for it.
    co_await peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 101\r\n\r\n");
    auto answer = co_await peer.receive();
    EXPECT_EQ(answer.status, 413U);
    EXPECT_EQ(code_of(answer), "body_too_large");
    EXPECT_TRUE(answer.says_close());
    auto rest = co_await peer.receive_all();
    EXPECT_EQ(rest, "");
}

TEST_F(ServerTest, refuses_a_large_body_before_reading_it) {
    serve();
    run_script(io_, too_large_script(io_, server_->port()));
}

awaitable<void> continue_script(asio::io_context& io, std::uint16_t port) {
    RawPeer peer(io);
    co_await peer.connect(port);
    co_await peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    auto interim = co_await peer.receive();
    EXPECT_EQ(interim.status, 100U);
    co_await peer.send("body");
    auto answer = co_await peer.receive();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, "body");
}

TEST_F(ServerTest, tells_an_expecting_peer_to_continue) {
    serve();
    run_script(io_, continue_script(io_, server_->port()));
}

struct Refused {
    std::string bytes;
    unsigned status;
};

std::vector<Refused> refused_requests() {
    auto with = [](std::string_view fields, std::string_view body = "") {
        return "POST /echo HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + std::string(body);
    };
    std::string smuggled = get("/items/smuggled");
    std::string chunked = "Transfer-Encoding: chunked\r\n";
    return {
        {with("Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n", "body"), 411},
        {with("Transfer-Encoding: xchunked\r\n", smuggled), 411},
        {with("Transfer-Encoding: chunked, identity\r\n", smuggled), 411},
        {with("Transfer-Encoding: chunked, chunked\r\n", smuggled), 411},
        {with("Transfer-Encoding: \"chunked\"\r\n", smuggled), 411},
        {with("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 411},
        {"POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 505},
        {with("Content-Length: 4,4\r\n", "body"), 400},
        {with("Content-Length: 4\r\nContent-Length: 4\r\n", "body"), 400},
        {with("Content-Length: 0004\r\n", "body"), 400},
        {with(chunked, "0\r\nAuthorization: Bearer evil\r\n\r\n"), 411},
        {with(chunked, "0\r\nConnection: close\r\n\r\n"), 411},
        {with(chunked, "1;" + std::string(1024 * 1024, 'e') + "\r\nx\r\n0\r\n\r\n"), 411},
        {with(chunked, "0\r\nX-Trailer: " + std::string(70'000, 't') + "\r\n\r\n"), 411},
        {with(chunked, "0\r\n" + std::string(70'000, 'n') + ": t\r\n\r\n"), 411},
        {"POST /echo HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400},
        {"GET /items/1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"GET /items/1 HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n folded\r\n\r\n", 400},
        {"get /items/1 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {get("/items/1#x"), 400},
        {get("/items/\"<>"), 400},
        {get("/items/caf\xc3\xa9"), 400},
        {"GET /items/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody", 400},
        {with("Upgrade: websocket\r\nConnection: upgrade\r\nContent-Length: 4\r\n", "body"), 400},
        {with("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 411},
        {with("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"), 411},
        {with("Content-Length: +4\r\n", "body"), 400},
        {with("Content-Length: 0x4\r\n", "body"), 400},
        {with("Content-Length: 18446744073709551620\r\n", "body"), 400},
        {"GET /items/1 HTTP/1.1\nHost: a\n\n", 400},
        {"GET /items/1 HTTP/1.1\r\nHost: a\r\nX-A : 1\r\n\r\n", 400},
        {"GET /items/1 HTTP/1.1\r\nHost: a\r\nX-A: " + std::string(1, '\0') + "\r\n\r\n", 400},
        {"GET /items/1 HTTP/1.1\r\nHost: a\r\nX-A: a\rb\r\n\r\n", 400},
        {get("/items/1", "X-A: " + std::string(17'000, 'a') + "\r\n"), 431},
        {"GET /items/1 HTTP/1.1\r\nHost: a\r\nX-A: " + std::string(100'000, 'a'), 431},
        {with("Content-Length: 1048577\r\n"), 413},
        {with("Content-Encoding: gzip\r\nContent-Length: 4\r\n", "body"), 415},
        {with("Expect: something\r\nContent-Length: 4\r\n", "body"), 417},
        {"TRACE /items/1 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", 12), 400},
    };
}

awaitable<void> refusal_script(asio::io_context& io, std::uint16_t port, Refused refused) {
    RawPeer peer(io);
    co_await peer.connect(port);
    co_await peer.send(refused.bytes);
    auto answer = co_await peer.receive();
    auto shown = refused.bytes.substr(0, 200);
    EXPECT_EQ(answer.status, refused.status) << shown;
    EXPECT_TRUE(answer.says_close()) << shown;
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
    // Nothing else is answered: what followed was not taken for a request.
    auto rest = co_await peer.receive_all();
    EXPECT_EQ(rest, "") << shown;
    peer.close();

    RawPeer next(io);
    co_await next.connect(port);
    co_await next.send(get("/items/7"));
    auto alive = co_await next.receive();
    EXPECT_EQ(alive.body, "7") << shown;
}

TEST_F(ServerTest, refuses_what_a_proxy_could_read_differently_and_lives_on) {
    serve();
    for (const auto& refused : refused_requests()) run_script(io_, refusal_script(io_, server_->port(), refused));
}

awaitable<void> head_script(asio::io_context& io, std::uint16_t port) {
    RawPeer peer(io);
    co_await peer.connect(port);
    co_await peer.send("HEAD /items/12345 HTTP/1.1\r\nHost: a\r\n\r\n" + get("/items/6"));
    auto head = co_await peer.receive(false);
    EXPECT_EQ(head.status, 200U);
    EXPECT_EQ(head.header("Content-Length"), "5");
    EXPECT_EQ(head.header("Content-Type"), "application/json");
    EXPECT_EQ(head.header("Cache-Control"), "max-age=60");
    auto next = co_await peer.receive();
    EXPECT_EQ(next.body, "6");
}

TEST_F(ServerTest, answers_head_without_the_body) {
    serve();
    run_script(io_, head_script(io_, server_->port()));
}

std::string options(std::string_view path, std::string_view fields) {
    return "OPTIONS " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

awaitable<void> cors_script(asio::io_context& io, std::uint16_t port) {
    std::string origin = "Origin: " + std::string(kOrigin) + "\r\n";
    RawPeer peer(io);
    co_await peer.connect(port);
    co_await peer.send(options("/echo", origin + "Access-Control-Request-Method: POST\r\n"));
    auto preflight = co_await peer.receive();
    EXPECT_EQ(preflight.status, 204U);
    EXPECT_EQ(preflight.header("Access-Control-Allow-Origin"), kOrigin);
    EXPECT_EQ(preflight.header("Vary"), "Origin");
    EXPECT_EQ(preflight.header("Access-Control-Allow-Methods"), "GET,POST,PUT,PATCH,DELETE");
    EXPECT_TRUE(preflight.header("Access-Control-Allow-Headers")
                    .starts_with("authorization,apikey,content-type,x-client-info,x-supabase-api-version"));
    EXPECT_EQ(preflight.header("Access-Control-Max-Age"), "7200");
    EXPECT_EQ(preflight.header("Access-Control-Allow-Credentials"), "");
    EXPECT_EQ(preflight.header("Content-Length"), "");

    co_await peer.send(options("/echo", "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n"));
    auto foreign = co_await peer.receive();
    EXPECT_EQ(foreign.status, 204U);
    EXPECT_EQ(foreign.header("Allow"), "POST, OPTIONS");
    EXPECT_EQ(foreign.header("Access-Control-Allow-Origin"), "");

    for (std::string_view path : {"/items/1", "/nowhere", "/echo", "/away", "/broken"}) {
        co_await peer.send(get(path, origin));
        auto answer = co_await peer.receive();
        EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), kOrigin) << path;
        EXPECT_NE(answer.header("Access-Control-Expose-Headers").find("X-Request-Id"), std::string::npos) << path;
    }
    co_await peer.send(get("/items/1", "Origin: https://INBOX.example\r\n"));
    auto other_case = co_await peer.receive();
    EXPECT_EQ(other_case.header("Access-Control-Allow-Origin"), "");
    co_await peer.send(get("/items/1", origin + "Transfer-Encoding: chunked\r\n"));
    auto refused = co_await peer.receive();
    EXPECT_EQ(refused.status, 411U);
    EXPECT_EQ(refused.header("Access-Control-Allow-Origin"), kOrigin);
}

TEST_F(ServerTest, names_allowed_origins_on_every_answer) {
    serve();
    run_script(io_, cors_script(io_, server_->port()));
}

awaitable<void> failing_handlers_script(asio::io_context& io, std::uint16_t port) {
    RawPeer peer(io);
    co_await peer.connect(port);
    co_await peer.send(post("/broken", "body"));
    auto broken = co_await peer.receive();
    EXPECT_EQ(broken.status, 500U);
    EXPECT_EQ(code_of(broken), "internal");
    EXPECT_EQ(broken.body.find("a bug"), std::string::npos);
    co_await peer.send(get("/away"));
    auto away = co_await peer.receive();
    EXPECT_EQ(away.status, 503U);
    EXPECT_EQ(code_of(away), "unavailable");
    EXPECT_EQ(away.header("Retry-After"), "1");
    EXPECT_FALSE(away.says_close());
    co_await peer.send(get("/inject"));
    auto injected = co_await peer.receive();
    EXPECT_EQ(injected.status, 200U);
    EXPECT_EQ(injected.header("X-Evil"), "");
    co_await peer.send(get("/hang-up"));
    auto nothing = co_await peer.receive_all();
    EXPECT_EQ(nothing, "");
}

TEST_F(ServerTest, outlives_failing_handlers) {
    serve();
    run_script(io_, failing_handlers_script(io_, server_->port()));
}

awaitable<void> much_script(asio::io_context& io, std::uint16_t port) {
    RawPeer peer(io);
    co_await peer.connect(port);
    co_await peer.send(get("/much") + get("/items/after"));
    auto much = co_await peer.receive();
    EXPECT_EQ(much.body, std::string(8 * 1024 * 1024, 'm'));
    auto after = co_await peer.receive();
    EXPECT_EQ(after.body, "after");
}

TEST_F(ServerTest, writes_answers_larger_than_the_socket_takes_at_once) {
    serve();
    run_script(io_, much_script(io_, server_->port()));
}

awaitable<void> one_answer_script(asio::io_context& io, std::uint16_t port, std::string bytes, RawAnswer& answer,
                                  std::string& rest) {
    RawPeer peer(io);
    co_await peer.connect(port);
    co_await peer.send(std::move(bytes));
    answer = co_await peer.receive();
    rest = co_await peer.receive_all();
}

TEST_F(ServerTest, cancels_a_handler_past_its_deadline) {
    serve({.handler_deadline = std::chrono::seconds(1)});
    RawAnswer answer;
    std::string rest;
    run_script(io_, one_answer_script(io_, server_->port(), get("/hold-twice") + get("/items/1"), answer, rest));
    EXPECT_EQ(answer.status, 503U);
    EXPECT_EQ(code_of(answer), "handler_timeout");
    EXPECT_TRUE(answer.says_close());
    EXPECT_EQ(rest, "");
}

TEST_F(ServerTest, closes_a_slow_header_with_408) {
    serve({.header_deadline = std::chrono::seconds(1)});
    RawAnswer answer;
    std::string rest;
    run_script(io_, one_answer_script(io_, server_->port(), "GET /items/1 HTTP/1.1\r\nHost:", answer, rest));
    EXPECT_EQ(answer.status, 408U);
    EXPECT_TRUE(answer.says_close());
}

TEST_F(ServerTest, closes_a_slow_body_with_408) {
    serve({.body_deadline = std::chrono::seconds(1)});
    RawAnswer answer;
    std::string rest;
    run_script(io_, one_answer_script(io_, server_->port(),
                                      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nbody", answer, rest));
    EXPECT_EQ(answer.status, 408U);
    EXPECT_EQ(code_of(answer), "body_timeout");
}

TEST_F(ServerTest, closes_an_idle_connection_in_silence) {
    serve({.idle_deadline = std::chrono::seconds(1)});
    RawAnswer answer;
    std::string rest;
    run_script(io_, one_answer_script(io_, server_->port(), get("/items/1"), answer, rest));
    EXPECT_EQ(answer.status, 200U);
    EXPECT_FALSE(answer.says_close());
    EXPECT_EQ(rest, "");
}

TEST_F(ServerTest, closes_what_is_beyond_its_connections) {
    serve({.max_connections = 0});
    RawAnswer answer;
    std::string rest;
    run_script(io_, one_answer_script(io_, server_->port(), get("/items/1"), answer, rest));
    EXPECT_EQ(answer.status, 0U);
}

awaitable<void> slow_reader_script(asio::io_context& io, Server& server, Signal& ended) {
    RawPeer peer(io);
    co_await peer.connect(server.port());
    co_await peer.send(get("/much"));
    bool told = co_await ended.wait_for(std::chrono::seconds(20));
    EXPECT_TRUE(told);
}

TEST_F(ServerTest, gives_up_on_a_peer_that_does_not_read) {
    serve({.write_deadline = std::chrono::seconds(1)});
    Signal ended(io_.get_executor());
    server_->on_exchange([&](const Exchange&) { ended.notify(); });
    run_script(io_, slow_reader_script(io_, *server_, ended));
    server_->on_exchange(nullptr);
}

awaitable<void> observed_script(asio::io_context& io, std::uint16_t port) {
    RawPeer peer(io);
    co_await peer.connect(port);
    for (std::string_view path : {"/items/1", "/nowhere", "/broken"}) {
        co_await peer.send(get(path));
        co_await peer.receive();
    }
}

TEST_F(ServerTest, reports_each_exchange_with_its_route) {
    serve();
    std::vector<std::pair<std::string, unsigned>> seen;
    server_->on_exchange([&](const Exchange& exchange) {
        EXPECT_TRUE(is_uuid(exchange.request_id));
        seen.emplace_back(exchange.route, exchange.status);
    });
    run_script(io_, observed_script(io_, server_->port()));
    EXPECT_EQ(seen, (std::vector<std::pair<std::string, unsigned>>{{"/items/{id}", 200}, {"", 404}, {"/broken", 500}}));
}

awaitable<void> stop_and_tell(Server& server, Signal& stopped) {
    co_await server.stop();
    stopped.notify();
}

awaitable<void> graceful_stop_script(asio::io_context& io, Server& server, Signal& began, Signal& released) {
    RawPeer idle(io);
    co_await idle.connect(server.port());
    co_await idle.send(get("/items/1"));
    co_await idle.receive();
    RawPeer busy(io);
    co_await busy.connect(server.port());
    co_await busy.send(get("/hold"));
    co_await began.wait_for(std::chrono::seconds(10));

    Signal stopped(io.get_executor());
    asio::co_spawn(io, stop_and_tell(server, stopped), [](std::exception_ptr failure) { EXPECT_FALSE(failure); });
    auto rest = co_await idle.receive_all();
    EXPECT_EQ(rest, "");
    EXPECT_EQ(server.open_connections(), 1U);
    released.notify();
    auto answer = co_await busy.receive();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, "released");
    EXPECT_TRUE(answer.says_close());
    co_await busy.receive_all();
    busy.close();
    bool told = co_await stopped.wait_for(std::chrono::seconds(10));
    EXPECT_TRUE(told);
    EXPECT_EQ(server.open_connections(), 0U);

    RawPeer late(io);
    bool refused = false;
    try {
        co_await late.connect(server.port());
    } catch (const boost::system::system_error&) {
        refused = true;
    }
    EXPECT_TRUE(refused);
}

TEST_F(ServerTest, finishes_a_request_in_progress_when_stopped) {
    serve();
    run_script(io_, graceful_stop_script(io_, *server_, began_, released_));
}

awaitable<void> forced_stop_script(asio::io_context& io, Server& server, Signal& began) {
    RawPeer busy(io);
    co_await busy.connect(server.port());
    co_await busy.send(get("/hold-twice"));
    co_await began.wait_for(std::chrono::seconds(10));
    co_await server.stop();
    EXPECT_EQ(server.open_connections(), 0U);
    auto rest = co_await busy.receive_all();
    EXPECT_EQ(rest, "");
}

TEST_F(ServerTest, cuts_off_what_outlasts_the_drain) {
    serve({.drain_deadline = std::chrono::seconds(1)});
    run_script(io_, forced_stop_script(io_, *server_, began_));
}

TEST_F(ServerTest, refuses_an_address_that_is_taken) {
    serve();
    EXPECT_THROW(Server(io_, {.port = server_->port()}, router_), boost::system::system_error);
}

TEST(RunLoop, goes_on_after_an_exception) {
    asio::io_context io;
    bool reached = false;
    asio::post(io, [] { throw std::runtime_error("escaped"); });
    asio::post(io, [&] { reached = true; });
    run_loop(io);
    EXPECT_TRUE(reached);
}

}  // namespace
}  // namespace parley::http

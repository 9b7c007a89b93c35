// Requests whose body goes to a file, and what is asked before a body is read.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/json.hpp"
#include "base/temp_file.hpp"
#include "http/raw_peer.hpp"
#include "http/server.hpp"
#include "http/transfer_fixture.hpp"

namespace parley::http {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

/// What the handler of the last request saw.
struct Handled {
    int count = 0;
    std::uint64_t size = 0;
    std::string content;
    std::string path;
    std::size_t resident = 0;
};

awaitable<Response> take_file(Handled& handled, bool with_content, Request& request) {
    ++handled.count;
    handled.resident = resident_bytes();
    EXPECT_EQ(request.body, "");
    EXPECT_TRUE(request.file);
    if (!request.file) co_return text_response(500, "no file");
    handled.size = request.file->size();
    handled.path = request.file->path().string();
    if (with_content) handled.content = content_of(request.file->path());
    co_return text_response(200, std::to_string(handled.size));
}

awaitable<Response> keep_file(std::filesystem::path target, Request& request) {
    request.file->keep_as(target);
    co_return text_response(201, "kept");
}

/// As an application may: who is calling, then how much of which type.
awaitable<std::optional<Response>> judge(const Request& request) {
    if (request.header("Authorization").empty()) co_return problem(request, 401, "unauthenticated", "Who are you?");
    if (request.header("Authorization") == "bug") throw std::logic_error("a bug");
    if (request.header("Authorization") == "away") throw ServiceUnavailable("no database");
    if (request.header("Content-Type") == "image/png" && request.content_length > 1000)
        co_return problem(request, 413, "body_too_large", "Images are smaller.");
    co_return std::nullopt;
}

awaitable<std::optional<Response>> judge_for_ever(Signal& signal, const Request&) {
    co_await signal.wait_for(std::chrono::hours(1));
    co_await signal.wait_for(std::chrono::hours(1));
    co_return std::nullopt;
}

class BodyFileTest : public testing::Test {
  protected:
    BodyFileTest() : never_(io_.get_executor()) {
        RouteOptions spooled{.body_limit = 100 * kMiB, .spool = folder_.path().string()};
        router_.add(
            Method::post, "/files", [this](Request& request) { return take_file(handled_, true, request); }, spooled);
        router_.add(
            Method::post, "/large", [this](Request& request) { return take_file(handled_, false, request); }, spooled);
        router_.add(
            Method::post, "/kept", [this](Request& request) { return keep_file(folder_.path() / "kept", request); },
            spooled);
        auto guarded = spooled;
        guarded.admit = judge;
        router_.add(
            Method::post, "/guarded", [this](Request& request) { return take_file(handled_, true, request); }, guarded);
        guarded.admit = [this](const Request& request) { return judge_for_ever(never_, request); };
        router_.add(
            Method::post, "/slow", [this](Request& request) { return take_file(handled_, true, request); }, guarded);
        spooled.spool += "/absent";
        router_.add(
            Method::post, "/nowhere", [this](Request& request) { return take_file(handled_, true, request); }, spooled);
    }
    ~BodyFileTest() override {
        if (server_) run_script(io_, server_->stop());
    }

    void serve(ServerOptions options = {}) {
        server_.emplace(io_, std::move(options), router_);
        server_->start();
    }
    /// Sends `bytes`; the answer and what came until the connection was closed, if `to_end`.
    awaitable<void> ask(std::string bytes, bool to_end = true) {
        RawPeer peer(io_);
        co_await peer.connect(server_->port());
        co_await peer.send(std::move(bytes));
        answer_ = co_await peer.receive();
        if (to_end) rest_ = co_await peer.receive_all();
    }
    std::string code() const {
        auto body = json::parse(answer_.body);
        return body ? json::text(*body, "code") : "";
    }

    TestFolder folder_;
    asio::io_context io_;
    Router router_;
    Signal never_;
    std::optional<Server> server_;
    Handled handled_;
    RawAnswer answer_;
    std::string rest_;
};

std::string head(std::string_view path, std::size_t length, std::string_view fields = "") {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) +
           "Content-Length: " + std::to_string(length) + "\r\n\r\n";
}

awaitable<void> bodies_script(asio::io_context& io, std::uint16_t port, Handled& handled) {
    RawPeer peer(io);
    co_await peer.connect(port);
    for (std::size_t size : {0UL, 1UL, 5000UL, 65'536UL, 65'537UL, 1'000'000UL}) {
        auto body = varied(size);
        co_await peer.send(head("/files", size) + body);
        auto answer = co_await peer.receive();
        EXPECT_EQ(answer.status, 200U);
        EXPECT_EQ(answer.body, std::to_string(size));
        EXPECT_TRUE(handled.content == body) << size;
        EXPECT_FALSE(answer.says_close());
    }
    // The next request is not taken for a part of the body.
    co_await peer.send(head("/files", 3) + "one" + head("/files", 5) + "three");
    auto first = co_await peer.receive();
    EXPECT_EQ(first.body, "3");
    auto second = co_await peer.receive();
    EXPECT_EQ(second.body, "5");
    EXPECT_EQ(handled.content, "three");
}

TEST_F(BodyFileTest, brings_the_body_to_the_handler_in_a_file) {
    serve();
    run_script(io_, bodies_script(io_, server_->port(), handled_));
    EXPECT_EQ(handled_.count, 8);
    EXPECT_EQ(folder_.entries(), 0U);
}

TEST_F(BodyFileTest, leaves_what_the_handler_keeps) {
    serve();
    run_script(io_, ask(head("/kept", 4) + "body", false));
    EXPECT_EQ(answer_.status, 201U);
    EXPECT_EQ(content_of(folder_.path() / "kept"), "body");
    EXPECT_EQ(folder_.entries(), 1U);
}

awaitable<void> large_script(std::uint16_t port, asio::io_context& io) {
    auto socket = co_await connect_to(io.get_executor(), port);
    auto request = head("/large", 50 * kMiB);
    co_await asio::async_write(socket, asio::buffer(request), use_awaitable);
    co_await send_bytes(socket, 50 * kMiB);
    RawPeer peer(std::move(socket));
    auto answer = co_await peer.receive();
    EXPECT_EQ(answer.body, std::to_string(50 * kMiB));
}

TEST_F(BodyFileTest, does_not_grow_with_the_body) {
    serve();
    run_script(io_, large_script(server_->port(), io_));
    auto before = resident_bytes();
    run_script(io_, large_script(server_->port(), io_));
    EXPECT_LT(handled_.resident, before + 4 * kMiB);
}

TEST_F(BodyFileTest, refuses_before_the_body_is_read) {
    serve();
    struct Case {
        std::string fields;
        std::size_t length;
        unsigned status;
        std::string code;
    };
    for (const auto& given :
         {Case{"", 9000, 401, "unauthenticated"}, Case{"Expect: 100-continue\r\n", 9000, 401, "unauthenticated"},
          Case{"Authorization: x\r\nContent-Type: image/png\r\n", 1001, 413, "body_too_large"},
          Case{"Authorization: x\r\n", 101 * kMiB, 413, "body_too_large"},
          Case{"Authorization: bug\r\n", 9000, 500, "internal"},
          Case{"Authorization: away\r\n", 9000, 503, "unavailable"}}) {
        // The body is never sent: the answer cannot have waited for it.
        run_script(io_, ask(head("/guarded", given.length, given.fields)));
        EXPECT_EQ(answer_.status, given.status) << given.fields;
        EXPECT_EQ(code(), given.code) << given.fields;
        EXPECT_TRUE(answer_.says_close()) << given.fields;
        EXPECT_EQ(rest_, "");
    }
    EXPECT_EQ(handled_.count, 0);
    EXPECT_EQ(folder_.entries(), 0U);
}

TEST_F(BodyFileTest, does_not_take_a_refused_body_for_a_request) {
    serve();
    auto smuggled = head("/files", 0);
    run_script(io_, ask(head("/guarded", smuggled.size()) + smuggled));
    EXPECT_EQ(answer_.status, 401U);
    EXPECT_EQ(rest_, "");
    EXPECT_EQ(handled_.count, 0);
}

TEST_F(BodyFileTest, answers_a_sender_that_goes_on_after_the_refusal) {
    serve();
    run_script(io_, ask(head("/guarded", kMiB) + std::string(kMiB, 'x')));
    EXPECT_EQ(answer_.status, 401U);
}

awaitable<void> admitted_script(asio::io_context& io, std::uint16_t port) {
    RawPeer peer(io);
    co_await peer.connect(port);
    co_await peer.send(head("/guarded", 0));
    auto without_body = co_await peer.receive();
    EXPECT_EQ(without_body.status, 401U);
    EXPECT_FALSE(without_body.says_close());
    co_await peer.send(head("/guarded", 4, "Authorization: x\r\nExpect: 100-continue\r\n"));
    auto interim = co_await peer.receive();
    EXPECT_EQ(interim.status, 100U);
    co_await peer.send("body");
    auto answer = co_await peer.receive();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, "4");
}

TEST_F(BodyFileTest, lets_in_what_is_admitted) {
    serve();
    run_script(io_, admitted_script(io_, server_->port()));
    EXPECT_EQ(handled_.content, "body");
}

TEST_F(BodyFileTest, bounds_the_time_of_admission) {
    serve({.handler_deadline = std::chrono::seconds(1)});
    run_script(io_, ask(head("/slow", 10)));
    EXPECT_EQ(answer_.status, 503U);
    EXPECT_EQ(code(), "handler_timeout");
    EXPECT_TRUE(answer_.says_close());
}

TEST_F(BodyFileTest, answers_507_when_the_disk_is_full) {
    serve();
    auto before = std::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
    rlimit small{.rlim_cur = kMiB, .rlim_max = old.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    run_script(io_, ask(head("/files", 3 * kMiB / 2) + std::string(3 * kMiB / 2, 'x')));
    ::setrlimit(RLIMIT_FSIZE, &old);
    std::signal(SIGXFSZ, before);
    EXPECT_EQ(answer_.status, 507U);
    EXPECT_EQ(code(), "disk_full");
    EXPECT_TRUE(answer_.says_close());
    EXPECT_EQ(handled_.count, 0);
    EXPECT_EQ(folder_.entries(), 0U);
    run_script(io_, ask(head("/files", 4) + "body", false));
    EXPECT_EQ(answer_.status, 200U);
}

TEST_F(BodyFileTest, fails_before_the_body_where_there_is_no_folder) {
    serve();
    run_script(io_, ask(head("/nowhere", 10, "Expect: 100-continue\r\n")));
    EXPECT_EQ(answer_.status, 500U);
    EXPECT_EQ(code(), "internal");
    EXPECT_TRUE(answer_.says_close());
}

awaitable<void> disappearing_script(asio::io_context& io, Server& server, TestFolder& folder) {
    RawPeer peer(io);
    co_await peer.connect(server.port());
    co_await peer.send(head("/files", kMiB) + std::string(kMiB / 2, 'x'));
    bool began = co_await until(io.get_executor(), [&] { return folder.entries() == 1; });
    EXPECT_TRUE(began);
    peer.close();
    bool ended = co_await until(io.get_executor(), [&] { return server.open_connections() == 0; });
    EXPECT_TRUE(ended);
}

TEST_F(BodyFileTest, leaves_nothing_of_a_client_that_disappears) {
    serve();
    run_script(io_, disappearing_script(io_, *server_, folder_));
    EXPECT_EQ(handled_.count, 0);
    EXPECT_EQ(folder_.entries(), 0U);
}

TEST_F(BodyFileTest, closes_a_slow_body_with_408) {
    serve({.body_deadline = std::chrono::seconds(1)});
    run_script(io_, ask(head("/files", kMiB) + "begin"));
    EXPECT_EQ(answer_.status, 408U);
    EXPECT_EQ(code(), "body_timeout");
    EXPECT_EQ(folder_.entries(), 0U);
}

awaitable<void> steady_script(asio::io_context& io, std::uint16_t port) {
    RawPeer peer(io);
    co_await peer.connect(port);
    co_await peer.send(head("/files", 160 * 1024));
    for (int i = 0; i < 5; ++i) {
        co_await peer.send(std::string(32 * 1024, 'x'));
        co_await sleep_for(io.get_executor(), std::chrono::milliseconds(400));
    }
    auto answer = co_await peer.receive();
    EXPECT_EQ(answer.status, 200U);
}

TEST_F(BodyFileTest, waits_for_a_slow_sender_that_makes_progress) {
    serve({.body_deadline = std::chrono::seconds(1)});
    run_script(io_, steady_script(io_, server_->port()));
}

}  // namespace
}  // namespace parley::http

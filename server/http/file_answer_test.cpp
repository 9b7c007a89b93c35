// Answers whose body is a file.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "http/file_range.hpp"
#include "http/open_file.hpp"
#include "http/raw_peer.hpp"
#include "http/server.hpp"
#include "http/transfer_fixture.hpp"

namespace parley::http {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

awaitable<Response> send_file(const TestFolder& folder, Request& request) {
    std::shared_ptr<const OpenFile> file;
    try {
        file = std::make_shared<const OpenFile>(folder.path() / request.path_parameter("name"));
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::no_such_file_or_directory)
            co_return problem(request, 404, "not_found", "There is no such file.");
        throw;
    }
    if (request.query == "removed") std::filesystem::remove(folder.path() / request.path_parameter("name"));
    if (request.query == "cut") std::filesystem::resize_file(folder.path() / request.path_parameter("name"), 1000);
    co_return file_range_response(request, std::move(file), "image/png", "\"tag\"");
}

class FileAnswerTest : public testing::Test {
  protected:
    FileAnswerTest() {
        router_.add(Method::get, "/files/{name}", [this](Request& request) { return send_file(folder_, request); });
    }
    ~FileAnswerTest() override {
        if (server_) run_script(io_, server_->stop());
    }
    void serve(ServerOptions options = {}) {
        server_.emplace(io_, std::move(options), router_);
        server_->start();
    }
    awaitable<void> ask(std::string bytes, RawAnswer& answer, bool with_body = true) {
        RawPeer peer(io_);
        co_await peer.connect(server_->port());
        co_await peer.send(std::move(bytes));
        answer = co_await peer.receive(with_body);
    }
    RawAnswer answer_to(std::string bytes) {
        RawAnswer answer;
        run_script(io_, ask(std::move(bytes), answer));
        return answer;
    }

    TestFolder folder_;
    asio::io_context io_;
    Router router_;
    std::optional<Server> server_;
};

std::string get(std::string_view target, std::string_view fields = "", std::string_view method = "GET") {
    return std::string(method) + " /files/" + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) +
           "\r\n";
}

TEST_F(FileAnswerTest, is_the_whole_file) {
    serve();
    for (std::size_t size : {0UL, 1UL, 65'536UL, 65'537UL, 3'000'000UL}) {
        auto content = varied(size);
        folder_.add("a", content);
        auto answer = answer_to(get("a"));
        EXPECT_EQ(answer.status, 200U);
        EXPECT_EQ(answer.header("Content-Length"), std::to_string(size));
        EXPECT_EQ(answer.header("Content-Type"), "image/png");
        EXPECT_EQ(answer.header("ETag"), "\"tag\"");
        EXPECT_FALSE(answer.header("Last-Modified").empty());
        EXPECT_TRUE(answer.body == content) << size;
    }
}

TEST_F(FileAnswerTest, is_a_part_of_the_file) {
    serve();
    auto content = varied(200'000);
    folder_.add("a", content);
    auto answer = answer_to(get("a", "Range: bytes=1000-150999\r\n"));
    EXPECT_EQ(answer.status, 206U);
    EXPECT_EQ(answer.header("Content-Length"), "150000");
    EXPECT_EQ(answer.header("Content-Range"), "bytes 1000-150999/200000");
    EXPECT_TRUE(answer.body == content.substr(1000, 150'000));
    auto beyond = answer_to(get("a", "Range: bytes=200000-\r\n"));
    EXPECT_EQ(beyond.status, 416U);
    EXPECT_EQ(beyond.header("Content-Range"), "bytes */200000");
    EXPECT_EQ(beyond.header("Content-Type"), "application/problem+json");
    EXPECT_NE(beyond.body.find("range_not_satisfiable"), std::string::npos);
}

awaitable<void> without_body_script(asio::io_context& io, std::uint16_t port) {
    RawPeer peer(io);
    co_await peer.connect(port);
    co_await peer.send(get("a", "", "HEAD"));
    auto head = co_await peer.receive(false);
    EXPECT_EQ(head.status, 200U);
    EXPECT_EQ(head.header("Content-Length"), "100000");
    co_await peer.send(get("a", "If-None-Match: \"tag\"\r\n"));
    auto unchanged = co_await peer.receive();
    EXPECT_EQ(unchanged.status, 304U);
    EXPECT_EQ(unchanged.header("ETag"), "\"tag\"");
    EXPECT_EQ(unchanged.header("Content-Length"), "");
    // Had either sent bytes of the file, they would stand before this answer.
    co_await peer.send(get("a", "Range: bytes=0-0\r\n"));
    auto next = co_await peer.receive();
    EXPECT_EQ(next.status, 206U);
    EXPECT_EQ(next.body.size(), 1U);
    EXPECT_FALSE(next.says_close());
}

TEST_F(FileAnswerTest, has_no_body_for_head_and_304) {
    serve();
    folder_.add("a", std::string(100'000, 'x'));
    run_script(io_, without_body_script(io_, server_->port()));
}

TEST_F(FileAnswerTest, is_404_when_there_is_no_file) {
    serve();
    EXPECT_EQ(answer_to(get("absent")).status, 404U);
    std::filesystem::create_directory(folder_.path() / "folder");
    EXPECT_EQ(answer_to(get("folder")).status, 500U);
}

TEST_F(FileAnswerTest, outlives_the_name_of_its_file) {
    serve();
    auto content = varied(1'000'000);
    folder_.add("a", content);
    auto answer = answer_to(get("a?removed"));
    EXPECT_EQ(answer.status, 200U);
    EXPECT_TRUE(answer.body == content);
    EXPECT_EQ(folder_.entries(), 0U);
}

awaitable<void> cut_file_script(asio::io_context& io, std::uint16_t port, std::size_t& received) {
    auto socket = co_await connect_to(io.get_executor(), port);
    auto request = get("a?cut");
    co_await asio::async_write(socket, asio::buffer(request), use_awaitable);
    RawPeer peer(std::move(socket));
    auto head = co_await peer.receive_head();
    EXPECT_NE(head.find("Content-Length: 1000000\r\n"), std::string::npos);
    auto rest = co_await peer.receive_all();
    received = rest.size();
}

TEST_F(FileAnswerTest, ends_the_connection_when_the_file_became_shorter) {
    serve();
    folder_.add("a", varied(1'000'000));
    std::size_t received = 0;
    run_script(io_, cut_file_script(io_, server_->port(), received));
    EXPECT_EQ(received, 1000U);
}

awaitable<void> large_script(asio::io_context& io, std::uint16_t port, std::size_t& resident) {
    auto socket = co_await connect_to(io.get_executor(), port);
    auto request = get("large");
    co_await asio::async_write(socket, asio::buffer(request), use_awaitable);
    auto received = co_await skip_bytes(socket, 50 * kMiB);
    EXPECT_EQ(received, 50 * kMiB);
    resident = resident_bytes();
}

TEST_F(FileAnswerTest, does_not_grow_with_the_file) {
    serve();
    folder_.add_sparse("large", 60 * kMiB);
    std::size_t resident = 0;
    run_script(io_, large_script(io_, server_->port(), resident));
    auto before = resident;
    run_script(io_, large_script(io_, server_->port(), resident));
    EXPECT_LT(resident, before + 4 * kMiB);
}

awaitable<void> slow_reader_script(asio::io_context& io, std::uint16_t port, std::size_t& received) {
    auto socket = co_await connect_to(io.get_executor(), port, 64 * 1024);
    auto request = get("large", "Connection: close\r\n");
    co_await asio::async_write(socket, asio::buffer(request), use_awaitable);
    for (int i = 0; i < 8; ++i) {
        co_await sleep_for(io.get_executor(), std::chrono::milliseconds(300));
        received += co_await skip_bytes(socket, 2 * kMiB);
    }
    received += co_await skip_bytes(socket, 100 * kMiB);
}

TEST_F(FileAnswerTest, waits_for_a_slow_reader_that_makes_progress) {
    serve({.write_deadline = std::chrono::seconds(1)});
    folder_.add_sparse("large", 20 * kMiB);
    std::size_t received = 0;
    run_script(io_, slow_reader_script(io_, server_->port(), received));
    EXPECT_GT(received, 20 * kMiB);
    EXPECT_LT(received, 20 * kMiB + 2000);
}

awaitable<void> no_reader_script(asio::io_context& io, Server& server) {
    auto socket = co_await connect_to(io.get_executor(), server.port(), 64 * 1024);
    auto request = get("large");
    co_await asio::async_write(socket, asio::buffer(request), use_awaitable);
    bool began = co_await until(io.get_executor(), [&] { return server.open_connections() == 1; });
    EXPECT_TRUE(began);
    bool ended = co_await until(io.get_executor(), [&] { return server.open_connections() == 0; });
    EXPECT_TRUE(ended);
}

TEST_F(FileAnswerTest, gives_up_on_a_peer_that_does_not_read) {
    serve({.write_deadline = std::chrono::seconds(1)});
    folder_.add_sparse("large", 60 * kMiB);
    run_script(io_, no_reader_script(io_, *server_));
}

awaitable<void> leaving_reader_script(asio::io_context& io, Server& server) {
    auto socket = co_await connect_to(io.get_executor(), server.port());
    auto request = get("large");
    co_await asio::async_write(socket, asio::buffer(request), use_awaitable);
    co_await skip_bytes(socket, kMiB);
    socket.close();
    bool ended = co_await until(io.get_executor(), [&] { return server.open_connections() == 0; });
    EXPECT_TRUE(ended);
}

TEST_F(FileAnswerTest, survives_a_reader_that_leaves) {
    serve();
    folder_.add_sparse("large", 60 * kMiB);
    run_script(io_, leaving_reader_script(io_, *server_));
}

}  // namespace
}  // namespace parley::http

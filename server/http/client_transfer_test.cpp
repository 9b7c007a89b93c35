// What the client sends from files, and what it gives to a sink.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "base/temp_file.hpp"
#include "http/client.hpp"
#include "http/open_file.hpp"
#include "http/raw_peer.hpp"
#include "http/server.hpp"
#include "http/transfer_fixture.hpp"

namespace parley::http {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

using Outcome = std::expected<ClientResponse, ClientError>;

awaitable<void> send_into(Client& client, ClientRequest request, Outcome& outcome) {
    outcome = co_await client.send(std::move(request));
}

awaitable<void> play(TcpAcceptor& acceptor, std::string answer, std::string& request) {
    RawPeer peer(co_await acceptor.async_accept(use_awaitable));
    request = co_await peer.receive_request();
    co_await peer.send(answer);
    co_await peer.receive_all();
}

/// Answers with the head and then `size` bytes.
awaitable<void> play_large(TcpAcceptor& acceptor, std::string head, std::size_t size) {
    auto socket = co_await acceptor.async_accept(use_awaitable);
    std::vector<char> request(4096);
    co_await socket.async_read_some(asio::buffer(request), use_awaitable);
    co_await asio::async_write(socket, asio::buffer(head), use_awaitable);
    co_await send_bytes(socket, size);
    co_await skip_bytes(socket, 1);
}

/// Reads `size` bytes at most, then nothing.
awaitable<void> play_stalled(TcpAcceptor& acceptor, std::size_t size, std::string answer) {
    auto socket = co_await acceptor.async_accept(use_awaitable);
    co_await skip_bytes(socket, size);
    co_await asio::async_write(socket, asio::buffer(answer), use_awaitable);
    co_await sleep_for(socket.get_executor(), std::chrono::hours(1));
}

awaitable<void> play_slow(TcpAcceptor& acceptor) {
    RawPeer peer(co_await acceptor.async_accept(use_awaitable));
    co_await peer.receive_request();
    co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    for (int i = 0; i < 5; ++i) {
        co_await sleep_for(acceptor.get_executor(), std::chrono::milliseconds(250));
        co_await peer.send("x");
    }
    co_await peer.receive_all();
}

class ClientTransferTest : public testing::Test {
  protected:
    ClientTransferTest() : acceptor_(io_.get_executor(), {asio::ip::make_address("127.0.0.1"), 0}), client_(io_) {}
    ~ClientTransferTest() override {
        client_.stop();
        acceptor_.close();
    }

    void spawn(awaitable<void> script) {
        asio::co_spawn(io_, std::move(script), [](std::exception_ptr) {});
    }
    void answer(std::string bytes) { spawn(play(acceptor_, std::move(bytes), request_)); }

    ClientRequest a_request(Method method = Method::get) {
        ClientRequest request{.method = method,
                              .url = {"http", "127.0.0.1", std::to_string(acceptor_.local_endpoint().port()), "/"},
                              .headers = {},
                              .body = {}};
        request.timeout = std::chrono::seconds(20);
        return request;
    }
    /// Its sink is `sunk_`.
    ClientRequest a_download(std::size_t max_body) {
        auto request = a_request();
        request.max_body = max_body;
        request.sink = [this](std::string_view bytes) { sunk_ += bytes; };
        return request;
    }
    /// With a client of its own, so that no connection is left over from another exchange.
    Outcome send(ClientRequest request) {
        Outcome outcome;
        Client client(io_);
        run_script(io_, send_into(client, std::move(request), outcome));
        return outcome;
    }

    TestFolder folder_;
    asio::io_context io_;
    TcpAcceptor acceptor_;
    Client client_;
    std::string request_;
    std::string sunk_;
};

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

std::string sized(std::string_view body, std::string_view status = "200 OK") {
    return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

std::string chunked(std::string_view body, std::size_t piece) {
    std::string out = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (; !body.empty(); body.remove_prefix(std::min(piece, body.size()))) {
        auto part = body.substr(0, piece);
        std::array<char, 16> size{};
        std::snprintf(size.data(), size.size(), "%zx\r\n", part.size());
        out += size.data();
        out += part;
        out += "\r\n";
    }
    return out + "0\r\n\r\n";
}

TEST_F(ClientTransferTest, sends_strings_and_parts_of_files_as_one_body) {
    answer(std::string(kOk));
    auto content = varied(300'000);
    auto part = whole_file(folder_.add("a", content));
    part.offset = 1000;
    part.length = 200'000;
    auto request = a_request(Method::post);
    request.body = "<first>";
    request.parts = {std::string("<before>"), part, std::string("<after>"), whole_file(folder_.add("empty", ""))};
    auto outcome = send(std::move(request));
    ASSERT_TRUE(outcome) << outcome.error().reason;
    auto end = request_.find("\r\n\r\n") + 4;
    EXPECT_TRUE(request_.substr(end) == "<first><before>" + content.substr(1000, 200'000) + "<after>");
    EXPECT_NE(request_.find("\r\nContent-Length: 200022\r\n"), std::string::npos);
}

TEST_F(ClientTransferTest, refuses_a_part_that_is_not_there) {
    auto file = whole_file(folder_.add("a", "1234"));
    for (auto [offset, length] : {std::pair{0UL, 5UL}, {5UL, 0UL}, {4UL, 1UL}, {1UL, ~0UL}, {~0UL, 1UL}}) {
        auto request = a_request(Method::post);
        request.parts = {FilePart{file.file, offset, length}};
        auto outcome = send(std::move(request));
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().reason, "malformed request");
        EXPECT_FALSE(outcome.error().request_written);
    }
}

TEST_F(ClientTransferTest, fails_when_a_file_became_shorter) {
    answer(std::string(kOk));
    auto path = folder_.add("a", varied(100'000));
    auto request = a_request(Method::post);
    request.parts = {whole_file(path)};
    std::filesystem::resize_file(path, 70'000);
    auto outcome = send(std::move(request));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "file: it is shorter than it was");
    EXPECT_TRUE(outcome.error().request_written);
}

awaitable<Response> measure(std::uint64_t& size, std::size_t& resident, Request& request) {
    size = request.file->size();
    resident = resident_bytes();
    co_return text_response(200, "ok");
}

awaitable<void> upload_and_stop(Server& server, Client& client, ClientRequest request, Outcome& outcome) {
    outcome = co_await client.send(std::move(request));
    co_await server.stop();
}

TEST_F(ClientTransferTest, does_not_grow_with_what_it_sends) {
    auto large = whole_file(folder_.add_sparse("large", 50 * kMiB));
    std::uint64_t size = 0;
    std::size_t resident = 0;
    Router router;
    router.add(
        Method::post, "/", [&](Request& request) { return measure(size, resident, request); },
        RouteOptions{.body_limit = 100 * kMiB, .spool = folder_.path().string()});
    std::size_t before = 0;
    for (int i = 0; i < 2; ++i) {
        before = resident_bytes();
        Server server(io_, {}, router);
        server.start();
        auto request = a_request(Method::post);
        request.url.port = std::to_string(server.port());
        request.parts = {large};
        Outcome outcome;
        run_script(io_, upload_and_stop(server, client_, std::move(request), outcome));
        ASSERT_TRUE(outcome) << outcome.error().reason;
        EXPECT_EQ(size, 50 * kMiB);
    }
    EXPECT_LT(resident, before + 4 * kMiB);
    EXPECT_EQ(folder_.entries(), 1U);
}

TEST_F(ClientTransferTest, reads_the_answer_of_a_peer_that_takes_no_large_body) {
    Router router;
    router.add(Method::post, "/", [](Request&) -> awaitable<Response> { co_return text_response(200, "ok"); });
    Server server(io_, {}, router);
    server.start();
    auto request = a_request(Method::post);
    request.url.port = std::to_string(server.port());
    request.parts = {whole_file(folder_.add_sparse("large", 50 * kMiB))};
    Outcome outcome;
    run_script(io_, upload_and_stop(server, client_, std::move(request), outcome));
    ASSERT_TRUE(outcome) << outcome.error().reason;
    EXPECT_EQ(outcome->status, 413U);
}

TEST_F(ClientTransferTest, gives_a_good_answer_to_the_sink) {
    auto body = varied(500'000);
    for (const auto& bytes :
         {sized(body), sized(body, "206 Partial Content"), chunked(body, 60'000), chunked(body, 7)}) {
        sunk_.clear();
        answer(bytes);
        auto outcome = send(a_download(body.size()));
        ASSERT_TRUE(outcome) << outcome.error().reason << ' ' << bytes.substr(0, 60);
        EXPECT_EQ(outcome->status / 100, 2U);
        EXPECT_EQ(outcome->body, "");
        EXPECT_TRUE(sunk_ == body);
    }
}

TEST_F(ClientTransferTest, keeps_the_answer_of_an_error) {
    answer(sized("not here", "404 Not Found"));
    auto outcome = send(a_download(3));
    ASSERT_TRUE(outcome) << outcome.error().reason;
    EXPECT_EQ(outcome->status, 404U);
    EXPECT_EQ(outcome->body, "not here");
    EXPECT_EQ(sunk_, "");
}

TEST_F(ClientTransferTest, keeps_the_beginning_of_a_long_error) {
    auto body = varied(300'000);
    answer(sized(body, "500 Oops"));
    auto outcome = send(a_download(1000));
    ASSERT_TRUE(outcome) << outcome.error().reason;
    EXPECT_EQ(outcome->status, 500U);
    EXPECT_TRUE(outcome->body == body.substr(0, 64 * 1024));
    EXPECT_EQ(sunk_, "");
    // The rest of it is not taken for the next answer.
    answer(std::string(kOk));
    auto next = send(a_request());
    ASSERT_TRUE(next) << next.error().reason;
    EXPECT_EQ(next->body, "ok");
}

TEST_F(ClientTransferTest, follows_no_redirect) {
    answer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 4\r\n\r\nmove");
    auto outcome = send(a_download(100));
    ASSERT_TRUE(outcome) << outcome.error().reason;
    EXPECT_EQ(outcome->status, 302U);
    EXPECT_EQ(outcome->body, "move");
    EXPECT_EQ(sunk_, "");
}

TEST_F(ClientTransferTest, refuses_a_longer_answer) {
    answer(sized(std::string(1001, 'x')));
    auto outcome = send(a_download(1000));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "answer too large");
    EXPECT_EQ(sunk_, "");
    for (const auto& bytes : {chunked(std::string(100'000, 'x'), 999),
                              "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(100'000, 'x')}) {
        sunk_.clear();
        answer(bytes);
        outcome = send(a_download(50'000));
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().reason, "answer too large");
        EXPECT_TRUE(outcome.error().request_written);
        EXPECT_LE(sunk_.size(), 50'000U);
    }
}

awaitable<void> play_truncated(TcpAcceptor& acceptor) {
    RawPeer peer(co_await acceptor.async_accept(use_awaitable));
    co_await peer.receive_request();
    co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
}

TEST_F(ClientTransferTest, says_when_an_answer_ends_early) {
    spawn(play_truncated(acceptor_));
    auto outcome = send(a_download(100));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "truncated answer");
    EXPECT_EQ(sunk_, "half");
}

TEST_F(ClientTransferTest, ends_when_the_sink_fails) {
    answer(sized("body"));
    auto request = a_download(100);
    request.sink = [](std::string_view) { throw std::runtime_error("no room"); };
    auto outcome = send(std::move(request));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "sink: no room");
    EXPECT_TRUE(outcome.error().request_written);
}

TEST_F(ClientTransferTest, does_not_grow_with_what_it_receives) {
    auto head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(50 * kMiB) + "\r\n\r\n";
    std::size_t before = 0;
    std::size_t received = 0;
    for (int i = 0; i < 2; ++i) {
        before = resident_bytes();
        received = 0;
        spawn(play_large(acceptor_, head, 50 * kMiB));
        auto request = a_download(100 * kMiB);
        request.sink = [&](std::string_view bytes) { received += bytes.size(); };
        auto outcome = send(std::move(request));
        ASSERT_TRUE(outcome) << outcome.error().reason;
        EXPECT_EQ(received, 50 * kMiB);
    }
    EXPECT_LT(resident_bytes(), before + 4 * kMiB);
}

TEST_F(ClientTransferTest, gives_up_when_nothing_moves) {
    auto large = whole_file(folder_.add_sparse("large", 50 * kMiB));
    spawn(play_stalled(acceptor_, kMiB, ""));
    auto request = a_request(Method::post);
    request.parts = {large};
    request.progress_timeout = std::chrono::milliseconds(300);
    auto outcome = send(std::move(request));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "no progress");
    EXPECT_TRUE(outcome.error().request_written);

    spawn(play_stalled(acceptor_, 10, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"));
    auto download = a_download(100);
    download.progress_timeout = std::chrono::milliseconds(300);
    outcome = send(std::move(download));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "no progress");
    EXPECT_EQ(sunk_, "half");
}

TEST_F(ClientTransferTest, waits_while_something_moves_until_the_timeout) {
    spawn(play_slow(acceptor_));
    auto request = a_download(100);
    request.progress_timeout = std::chrono::milliseconds(1000);
    auto outcome = send(std::move(request));
    ASSERT_TRUE(outcome) << outcome.error().reason;
    EXPECT_EQ(sunk_, "xxxxx");
    spawn(play_slow(acceptor_));
    request = a_download(100);
    request.progress_timeout = std::chrono::milliseconds(1000);
    request.timeout = std::chrono::milliseconds(600);
    outcome = send(std::move(request));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "timeout");
}

}  // namespace
}  // namespace parley::http

// One exchange with a peer on the loopback interface that answers with given bytes.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include "wa/graph.hpp"

namespace parley::wa {
namespace {

using asio::ip::tcp;

struct Peer {
    explicit Peer(asio::io_context& io) : acceptor(io.get_executor(), {asio::ip::address_v4::loopback(), 0}) {}
    std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()); }

    TcpAcceptor acceptor;
    std::string head;
    std::string body;
};

awaitable<void> answer_once(Peer& peer, std::string answer) {
    auto socket = co_await peer.acceptor.async_accept(use_awaitable);
    std::string received;
    auto head_size = co_await asio::async_read_until(socket, asio::dynamic_buffer(received), "\r\n\r\n", use_awaitable);
    peer.head = received.substr(0, head_size);
    // The body is one JSON object that ends in two braces.
    if (!received.substr(head_size).ends_with("}}"))
        co_await asio::async_read_until(socket, asio::dynamic_buffer(received), "}}", use_awaitable);
    peer.body = received.substr(head_size);
    co_await asio::async_write(socket, asio::buffer(answer), use_awaitable);
    socket.close();
}

std::string an_answer(const std::string& status, const std::string& body) {
    return "HTTP/1.1 " + status +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\nConnection: close\r\n\r\n" + body;
}

awaitable<void> keep_outcome(GraphClient& graph, OutgoingMessage message, std::optional<SendOutcome>& outcome) {
    outcome = co_await graph.send(std::move(message), "TOKEN");
}

OutgoingMessage a_text(std::string number = "106540352242922") {
    return {.phone_number_id = std::move(number),
            .to = "16505551234",
            .kind = "text",
            .text = "Hello",
            .media_url = "",
            .callback_data = "m-1"};
}

SendOutcome send_through(asio::io_context& io, const std::string& url, OutgoingMessage message) {
    http::Client client(io);
    GraphClient graph(client, url, "v24.0");
    std::optional<SendOutcome> outcome;
    asio::co_spawn(io, keep_outcome(graph, std::move(message), outcome), [&](std::exception_ptr error) {
        io.stop();
        if (error) std::rethrow_exception(error);
    });
    io.run();
    return outcome.value();
}

TEST(GraphClient, posts_one_message_with_the_token) {
    asio::io_context io;
    Peer peer(io);
    asio::co_spawn(io, answer_once(peer, an_answer("200 OK", R"({"messages":[{"id":"wamid.1"}]})")), asio::detached);
    auto outcome = send_through(io, peer.url() + "/", a_text());
    ASSERT_TRUE(std::holds_alternative<Accepted>(outcome));
    EXPECT_EQ(std::get<Accepted>(outcome).wamid, "wamid.1");
    EXPECT_TRUE(peer.head.starts_with("POST /v24.0/106540352242922/messages HTTP/1.1\r\n")) << peer.head;
    EXPECT_NE(peer.head.find("Authorization: Bearer TOKEN\r\n"), std::string::npos) << peer.head;
    EXPECT_NE(peer.head.find("Content-Type: application/json\r\n"), std::string::npos) << peer.head;
    EXPECT_EQ(peer.body, message_body(a_text()));
}

TEST(GraphClient, tells_a_refusal) {
    asio::io_context io;
    Peer peer(io);
    asio::co_spawn(io, answer_once(peer, an_answer("400 Bad Request", R"({"error":{"message":"m","code":131047}})")),
                   asio::detached);
    auto outcome = send_through(io, peer.url(), a_text());
    ASSERT_TRUE(std::holds_alternative<Refused>(outcome));
    EXPECT_EQ(std::get<Refused>(outcome).error.code, 131047);
    EXPECT_EQ(std::get<Refused>(outcome).http_status, 400u);
}

TEST(GraphClient, does_not_know_the_outcome_once_the_request_is_written) {
    for (std::string answer : {"", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"messages\"", "nonsense\r\n\r\n"}) {
        asio::io_context io;
        Peer peer(io);
        asio::co_spawn(io, answer_once(peer, answer), asio::detached);
        auto outcome = send_through(io, peer.url(), a_text());
        EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(outcome)) << answer;
        EXPECT_FALSE(peer.body.empty());
    }
}

TEST(GraphClient, bounds_the_answer) {
    asio::io_context io;
    Peer peer(io);
    auto body = R"({"messages":[{"id":"wamid.1"}],"filler":")" + std::string(300 * 1024, 'x') + "\"}";
    asio::co_spawn(io, answer_once(peer, an_answer("200 OK", body)), asio::detached);
    EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(send_through(io, peer.url(), a_text())));
}

TEST(GraphClient, repeats_later_when_nothing_was_sent) {
    asio::io_context io;
    std::string url;
    {
        Peer gone(io);
        url = gone.url();
    }
    auto outcome = send_through(io, url, a_text());
    ASSERT_TRUE(std::holds_alternative<Refused>(outcome));
    const auto& refusal = std::get<Refused>(outcome);
    EXPECT_EQ(refusal.remedy, Remedy::retry);
    EXPECT_EQ(refusal.error.code, 0);
    EXPECT_EQ(refusal.error.title, "Could not reach the Graph API");
    EXPECT_FALSE(refusal.error.details.empty());
    EXPECT_EQ(refusal.http_status, 0u);
}

TEST(GraphClient, sends_nothing_to_a_path_made_up_by_a_number_id) {
    for (std::string id : {"", "1/2", "..", "1?x=", "1 2", "1\r\nX: y"}) {
        asio::io_context io;
        Peer peer(io);
        auto outcome = send_through(io, peer.url(), a_text(id));
        ASSERT_TRUE(std::holds_alternative<Refused>(outcome)) << id;
        EXPECT_EQ(std::get<Refused>(outcome).remedy, Remedy::give_up) << id;
    }
}

TEST(GraphClient, refuses_a_base_url_that_is_none) {
    asio::io_context io;
    http::Client client(io);
    for (std::string url : {"", "graph.facebook.com", "ftp://x", "https://", "https://user@host"})
        EXPECT_THROW(GraphClient(client, url, "v24.0"), std::invalid_argument) << url;
}

}  // namespace
}  // namespace parley::wa

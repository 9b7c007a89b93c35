// Requests to addresses that somebody else chose.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <string>
#include <vector>

#include "http/client.hpp"
#include "http/public_address.hpp"
#include "http/raw_peer.hpp"

namespace parley::http {
namespace {

using Outcome = std::expected<ClientResponse, ClientError>;

awaitable<void> send_into(Client& client, ClientRequest request, Outcome& outcome) {
    outcome = co_await client.send(std::move(request));
}

awaitable<void> answer_peer(RawPeer peer, int& requests) {
    while (true) {
        auto request = co_await peer.receive_request();
        if (request.empty()) co_return;
        ++requests;
        co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
}

awaitable<void> answer_all(TcpAcceptor& acceptor, int& connections, int& requests) {
    while (true) {
        auto socket = co_await acceptor.async_accept(use_awaitable);
        ++connections;
        asio::co_spawn(acceptor.get_executor(), answer_peer(RawPeer(std::move(socket)), requests),
                       [](std::exception_ptr) {});
    }
}

class ClientAdmitsTest : public testing::Test {
  protected:
    ClientAdmitsTest() : acceptor_(io_.get_executor(), {asio::ip::make_address("127.0.0.1"), 0}), client_(io_) {
        asio::co_spawn(io_, answer_all(acceptor_, connections_, requests_), [](std::exception_ptr) {});
    }
    ~ClientAdmitsTest() override {
        client_.stop();
        acceptor_.close();
    }

    std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }
    Outcome send(Url url, std::function<bool(const asio::ip::address&)> admits) {
        ClientRequest request{.method = Method::get, .url = std::move(url), .headers = {}, .body = {}};
        request.timeout = std::chrono::seconds(5);
        request.admits = std::move(admits);
        Outcome outcome;
        run_script(io_, send_into(client_, std::move(request), outcome));
        return outcome;
    }
    Outcome send(const std::string& host, std::function<bool(const asio::ip::address&)> admits) {
        return send(Url{"http", host, port(), "/"}, std::move(admits));
    }

    asio::io_context io_;
    TcpAcceptor acceptor_;
    Client client_;
    int connections_ = 0;
    int requests_ = 0;
};

bool anything(const asio::ip::address&) {
    return true;
}

TEST_F(ClientAdmitsTest, refuses_a_host_without_an_admitted_address) {
    for (const char* host : {"127.0.0.1", "localhost"}) {
        auto outcome = send(host, is_public);
        ASSERT_FALSE(outcome) << host;
        EXPECT_TRUE(outcome.error().address_refused) << host << ": " << outcome.error().reason;
        EXPECT_FALSE(outcome.error().request_written);
        EXPECT_EQ(outcome.error().reason, "address refused");
    }
    EXPECT_EQ(connections_, 0);
    Url nobody{"http", "127.0.0.1", port(), "/"};
    acceptor_.close();
    auto other = send(nobody, anything);
    ASSERT_FALSE(other);
    EXPECT_FALSE(other.error().address_refused) << other.error().reason;
}

TEST_F(ClientAdmitsTest, connects_to_the_address_that_was_judged) {
    std::vector<std::string> judged;
    auto outcome = send("localhost", [&](const asio::ip::address& address) {
        judged.push_back(address.to_string());
        return address.is_v4();
    });
    ASSERT_TRUE(outcome) << outcome.error().reason;
    EXPECT_NE(std::ranges::find(judged, "127.0.0.1"), judged.end());
    EXPECT_EQ(connections_, 1);
}

TEST_F(ClientAdmitsTest, shares_no_connection_with_other_requests) {
    ASSERT_TRUE(send("127.0.0.1", {}));
    EXPECT_EQ(connections_, 1);
    auto refused = send("127.0.0.1", is_public);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().address_refused);
    ASSERT_TRUE(send("127.0.0.1", anything));
    EXPECT_EQ(connections_, 2);
    ASSERT_TRUE(send("127.0.0.1", {}));
    EXPECT_EQ(connections_, 2);
    ASSERT_TRUE(send("127.0.0.1", anything));
    EXPECT_EQ(connections_, 3);
    EXPECT_EQ(requests_, 4);
}

/// Every way to write an address of this machine or its network that a URL parser and a resolver may read differently.
TEST_F(ClientAdmitsTest, is_not_fooled_by_odd_hosts) {
    for (const char* host : {"127.0.0.1",
                             "127.1",
                             "127.0.1",
                             "2130706433",
                             "017700000001",
                             "0x7f000001",
                             "0177.0.0.1",
                             "0x7f.1",
                             "0x7F.0x0.0x0.0x1",
                             "0",
                             "0.0.0.0",
                             "0x0",
                             "localhost",
                             "LOCALHOST",
                             "10.1",
                             "192.168.257",
                             "169.254.43518",
                             "0xa9fea9fe",
                             "[::1]",
                             "[::]",
                             "[0:0:0:0:0:0:0:1]",
                             "[::ffff:127.0.0.1]",
                             "[::ffff:7f00:1]",
                             "[::127.0.0.1]",
                             "[64:ff9b::7f00:1]",
                             "[2002:7f00:1::]",
                             "[fe80::1]",
                             "[fd00::1]"}) {
        auto url = parse_url("http://" + std::string(host) + ':' + port() + "/");
        ASSERT_TRUE(url) << host;
        auto outcome = send(*url, is_public);
        ASSERT_FALSE(outcome) << host;
        EXPECT_TRUE(outcome.error().address_refused) << host << ": " << outcome.error().reason;
    }
    EXPECT_EQ(connections_, 0);
}

TEST_F(ClientAdmitsTest, does_not_reach_this_machine_by_a_trailing_dot) {
    // The resolver may know these names or not; wherever they lead is judged.
    for (const char* host : {"127.0.0.1.", "localhost.", "2130706433.", "0x7f.1."}) {
        auto url = parse_url("http://" + std::string(host) + ':' + port() + "/");
        if (url) EXPECT_FALSE(send(*url, is_public)) << host;
    }
    EXPECT_EQ(connections_, 0);
}

TEST(ParseUrl, refuses_hosts_in_disguise) {
    for (const char* authority : {"user@127.0.0.1",
                                  "user:pass@127.0.0.1",
                                  "8.8.8.8@127.0.0.1",
                                  "8.8.8.8%40127.0.0.1",
                                  "%31%32%37.0.0.1",
                                  "127%2e0%2e0%2e1",
                                  "127.0.0.1%00.example.com",
                                  "[::1%lo]",
                                  "[::1%25lo]",
                                  "[fe80::1%251]",
                                  "[127.0.0.1]",
                                  "\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1",
                                  "127\xe3\x80\x82"
                                  "0\xe3\x80\x82"
                                  "0\xe3\x80\x82"
                                  "1",
                                  "loc\xc3\xa4lhost",
                                  "8.8.8.8\\@127.0.0.1",
                                  "8.8.8.8\\",
                                  "127.0.0.1:80:80",
                                  "127.0.0.1 ",
                                  "\t127.0.0.1",
                                  "[::1]127.0.0.1",
                                  "[[::1]]",
                                  "::1",
                                  "127.0.0.1:+80",
                                  "127.0.0.1: 80",
                                  "127.0.0.1:080x",
                                  ""})
        EXPECT_FALSE(parse_url("http://" + std::string(authority) + "/")) << authority;
    // What stands behind the authority does not change the host.
    for (const char* text :
         {"http://a.example/@127.0.0.1/", "http://a.example?@127.0.0.1/", "http://a.example#@127.0.0.1/"}) {
        auto url = parse_url(text);
        ASSERT_TRUE(url) << text;
        EXPECT_EQ(url->host, "a.example") << text;
    }
}

}  // namespace
}  // namespace parley::http

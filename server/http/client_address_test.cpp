#include "http/client_address.hpp"

#include <gtest/gtest.h>

namespace parley::http {
namespace {

std::string client(const std::string& peer, std::vector<Header> headers,
                   std::vector<std::string> trusted = {"127.0.0.1", "10.0.0.0/8", "fd00::/8"}) {
    return TrustedProxies::parse(trusted).value().client_of(peer, headers);
}

TEST(ClientAddress, is_the_peer_when_that_is_no_trusted_proxy) {
    EXPECT_EQ(client("203.0.113.9", {{"X-Forwarded-For", "198.51.100.1"}}), "203.0.113.9");
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}}, {}), "127.0.0.1");
    EXPECT_EQ(client("11.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}}), "11.0.0.1");
    EXPECT_EQ(client("127.0.0.1", {}), "127.0.0.1");
}

TEST(ClientAddress, is_what_the_trusted_proxy_says) {
    EXPECT_EQ(client("127.0.0.1", {{"x-forwarded-for", "198.51.100.1"}}), "198.51.100.1");
    EXPECT_EQ(client("::ffff:127.0.0.1", {{"X-Forwarded-For", "198.51.100.1:4711"}}), "198.51.100.1");
    EXPECT_EQ(client("fd00::1", {{"X-Forwarded-For", "[2001:db8::7]:4711"}}), "2001:db8::7");
    EXPECT_EQ(client("fd00::1", {{"X-Forwarded-For", "2001:db8::7"}}), "2001:db8::7");
}

TEST(ClientAddress, is_not_what_the_client_claims_in_front_of_that) {
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "8.8.8.8, 198.51.100.1, 10.1.2.3"}}), "198.51.100.1");
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "8.8.8.8"}, {"X-Forwarded-For", "198.51.100.1"}}),
              "198.51.100.1");
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "8.8.8.8, ' OR 1=1, 10.1.2.3"}}), "10.1.2.3");
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "unknown"}}), "127.0.0.1");
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", ""}}), "127.0.0.1");
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", ",,,"}}), "127.0.0.1");
    EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "10.9.9.9, 10.1.2.3"}}), "10.9.9.9");
}

TEST(ClientAddress, refuses_what_is_no_network) {
    for (const char* text : {"", "localhost", "10.0.0.0/33", "10.0.0/8", "::1/129", "10.0.0.1 "}) {
        auto parsed = TrustedProxies::parse(std::vector<std::string>{text});
        EXPECT_FALSE(parsed) << text;
    }
    EXPECT_TRUE(TrustedProxies::parse(std::vector<std::string>{"::1", "2001:db8::/32", "192.0.2.7/24"}));
}

}  // namespace
}  // namespace parley::http

#include "http/gate.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/read_buffer.hpp"

namespace parley::http {
namespace {

std::string a_head(std::string_view request_line, std::string_view fields = "") {
    return std::string(request_line) + "\r\nHost: a.example\r\n" + std::string(fields) + "\r\n";
}

/// The status of the refusal; 200 when the head passed.
unsigned judged(std::string_view head) {
    auto gated = judge_head(head);
    return gated ? 200 : gated.error().status;
}

TEST(Gate, reads_a_plain_request) {
    auto gated =
        judge_head("POST /a/b%20c?d=e&f HTTP/1.1\r\nHost: a.example:8080\r\nX-Empty:\r\nContent-Length: 12\r\n\r\n");
    ASSERT_TRUE(gated);
    EXPECT_EQ(gated->request.method, Method::post);
    EXPECT_EQ(gated->request.path, "/a/b%20c");
    EXPECT_EQ(gated->request.query, "d=e&f");
    EXPECT_EQ(gated->request.header("host"), "a.example:8080");
    EXPECT_EQ(gated->request.count_headers("X-Empty"), 1U);
    EXPECT_EQ(gated->content_length, 12U);
    EXPECT_TRUE(gated->keep_alive);
    EXPECT_FALSE(gated->expects_continue);
    EXPECT_FALSE(gated->request.upgrade);
}

TEST(Gate, trims_white_space_around_values_only) {
    auto gated = judge_head(a_head("GET / HTTP/1.1", "X-A: \t a  b \t\r\n"));
    ASSERT_TRUE(gated);
    EXPECT_EQ(gated->request.header("X-A"), "a  b");
}

TEST(Gate, knows_its_methods) {
    for (auto method :
         {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::del, Method::options}) {
        auto gated = judge_head(a_head(std::string(to_string(method)) + " / HTTP/1.1"));
        ASSERT_TRUE(gated);
        EXPECT_EQ(gated->request.method, method);
    }
    for (std::string_view other : {"TRACE", "CONNECT", "get", "Post", "BREW", "PRI"})
        EXPECT_EQ(judged(a_head(std::string(other) + " / HTTP/1.1")), 501U) << other;
}

TEST(Gate, speaks_http_1_1_only) {
    for (std::string_view version : {"HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.2"})
        EXPECT_EQ(judged(a_head("GET / " + std::string(version))), 505U) << version;
    for (std::string_view version : {"http/1.1", "HTTP/1", "HTTP/1.10", "HTTP/11", "HTTP /1.1", ""})
        EXPECT_EQ(judged(a_head("GET / " + std::string(version))), 400U) << version;
}

TEST(Gate, refuses_malformed_request_lines) {
    for (std::string_view line : {"", " ", "GET", "GET /", "GET  / HTTP/1.1", "GET /  HTTP/1.1", " GET / HTTP/1.1",
                                  "GET / HTTP/1.1 ", "GET\t/\tHTTP/1.1", "G@T / HTTP/1.1", "GET / x HTTP/1.1"})
        EXPECT_EQ(judged(a_head(line)), 400U) << line;
}

TEST(Gate, takes_origin_form_targets_of_printable_ascii) {
    for (std::string_view target : {"/", "//", "/a?b=c?d", "/%2e%2e/", "/a;b=1,2!$&'()*+:@-._~", "/?"})
        EXPECT_EQ(judged(a_head("GET " + std::string(target) + " HTTP/1.1")), 200U) << target;
    for (std::string_view target :
         {"*", "a", "http://a.example/", "a.example:443", "/a#b", "/a\"b", "/a<b", "/a>b", "/a\\b", "/a^b", "/a`b",
          "/a{b", "/a|b", "/a}b", "/caf\xc3\xa9", "/a\x01", "/a\x7f", "/a\rb"})
        EXPECT_EQ(judged(a_head("GET " + std::string(target) + " HTTP/1.1")), 400U) << target;
    EXPECT_EQ(judged(a_head("GET /" + std::string(9000, 'a') + " HTTP/1.1")), 414U);
}

TEST(Gate, wants_exactly_one_valid_host) {
    auto with_host = [](std::string_view fields) { return "GET / HTTP/1.1\r\n" + std::string(fields) + "\r\n"; };
    for (std::string_view host :
         {"a", "a.example", "a_b-c.example:1", "127.0.0.1:65535", "[::1]", "[::ffff:1.2.3.4]:80"})
        EXPECT_EQ(judged(with_host("Host: " + std::string(host) + "\r\n")), 200U) << host;
    for (std::string_view host : {"", "a b", "a/b", "u@a", "a:", "a:x", "a:65536", "a:+1", "a:1:2", ":80", "[::1", "[]",
                                  "[g::]", "[::1]x", "a,b", "a?b", "\xc3\xa9"})
        EXPECT_EQ(judged(with_host("Host: " + std::string(host) + "\r\n")), 400U) << host;
    EXPECT_EQ(judged(with_host("")), 400U);
    EXPECT_EQ(judged(with_host("Host: a\r\nHost: a\r\n")), 400U);
    EXPECT_EQ(judged(with_host("Host: a\r\nhost: b\r\n")), 400U);
}

TEST(Gate, refuses_malformed_fields) {
    for (std::string_view field :
         {"X-A : 1", " X-A: 1", "X-A: 1\r\n folded", "X-A: 1\r\n\tfolded", "X-A", ": 1", "X A: 1", "X-\xc3\xa9: 1",
          "X-A: a\rb", "X-A: a\nb", "X-A: a\x01", "X-A: a\x7f", "X(A): 1"})
        EXPECT_EQ(judged(a_head("GET / HTTP/1.1", std::string(field) + "\r\n")), 400U) << field;
    EXPECT_EQ(judged(a_head("GET / HTTP/1.1", std::string("X-A: a\0b\r\n", 10))), 400U);
    EXPECT_EQ(judged(a_head("GET / HTTP/1.1", "X-A: caf\xc3\xa9\tx\r\n")), 200U);
}

TEST(Gate, refuses_bare_line_feeds_and_what_follows_the_section) {
    EXPECT_EQ(judged("GET / HTTP/1.1\nHost: a\n\n"), 400U);
    EXPECT_EQ(judged("GET / HTTP/1.1\r\nHost: a\n\r\n"), 400U);
    EXPECT_EQ(judged("GET / HTTP/1.1\r\nHost: a\r\n\n"), 400U);
    EXPECT_EQ(judged("GET / HTTP/1.1\r\nHost: a\r\n"), 400U);
    EXPECT_EQ(judged("GET / HTTP/1.1\r\nHost: a\r\n\r\nmore"), 400U);
    EXPECT_EQ(judged("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400U);
    EXPECT_EQ(judged(""), 400U);
    EXPECT_EQ(judged("\r\n\r\n"), 400U);
}

TEST(Gate, refuses_any_transfer_encoding) {
    for (std::string_view fields :
         {"Transfer-Encoding: chunked", "Transfer-Encoding: xchunked",
          "Transfer-Encoding: xchunked\r\nContent-Length: 4", "Content-Length: 4\r\nTransfer-Encoding: chunked",
          "Transfer-Encoding: chunked, identity", "Transfer-Encoding: chunked, chunked",
          "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity",
          "Transfer-Encoding:", "transfer-encoding: CHUNKED"})
        EXPECT_EQ(judged(a_head("POST / HTTP/1.1", std::string(fields) + "\r\n")), 411U) << fields;
}

TEST(Gate, takes_one_plain_content_length) {
    auto with = [](std::string_view value) {
        return a_head("POST / HTTP/1.1", "Content-Length: " + std::string(value) + "\r\n");
    };
    for (std::string_view value : {"0", "4", "123456789012"}) EXPECT_EQ(judged(with(value)), 200U) << value;
    for (std::string_view value : {"", "4,4", "4, 4", "0004", "00", "+4", "-4", "0x4", "4.0", "4 4", "4a",
                                   "18446744073709551616", "9223372036854775808", "99999999999999999999999"})
        EXPECT_EQ(judged(with(value)), 400U) << value;
    EXPECT_EQ(judged(a_head("POST / HTTP/1.1", "Content-Length: 4\r\nContent-Length: 4\r\n")), 400U);
    EXPECT_EQ(judged(a_head("POST / HTTP/1.1")), 200U);
}

TEST(Gate, takes_no_body_where_none_belongs) {
    for (std::string_view method : {"GET", "HEAD", "OPTIONS"}) {
        auto line = std::string(method) + " / HTTP/1.1";
        EXPECT_EQ(judged(a_head(line, "Content-Length: 4\r\n")), 400U) << method;
        EXPECT_EQ(judged(a_head(line, "Content-Length: 0\r\n")), 200U) << method;
    }
    EXPECT_EQ(judged(a_head("POST / HTTP/1.1", "Upgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 4\r\n")), 400U);
    EXPECT_EQ(judged(a_head("DELETE / HTTP/1.1", "Content-Length: 4\r\n")), 200U);
}

TEST(Gate, reads_connection_expect_and_upgrade) {
    auto closing = judge_head(a_head("GET / HTTP/1.1", "Connection: x, CLOSE\r\n"));
    ASSERT_TRUE(closing);
    EXPECT_FALSE(closing->keep_alive);

    auto expecting = judge_head(a_head("POST / HTTP/1.1", "Expect: 100-Continue\r\nContent-Length: 1\r\n"));
    ASSERT_TRUE(expecting);
    EXPECT_TRUE(expecting->expects_continue);
    EXPECT_EQ(judged(a_head("POST / HTTP/1.1", "Expect: 200-ok\r\n")), 417U);

    auto upgrading = judge_head(a_head("GET / HTTP/1.1", "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"));
    ASSERT_TRUE(upgrading);
    EXPECT_TRUE(upgrading->request.upgrade);
    auto half = judge_head(a_head("GET / HTTP/1.1", "Upgrade: websocket\r\n"));
    ASSERT_TRUE(half);
    EXPECT_FALSE(half->request.upgrade);
}

TEST(Gate, refuses_encoded_bodies) {
    EXPECT_EQ(judged(a_head("POST / HTTP/1.1", "Content-Encoding: gzip\r\n")), 415U);
    EXPECT_EQ(judged(a_head("POST / HTTP/1.1", "Content-Encoding: identity, br\r\n")), 415U);
    EXPECT_EQ(judged(a_head("POST / HTTP/1.1", "Content-Encoding: Identity\r\n")), 200U);
}

TEST(Gate, bounds_fields_and_bytes) {
    auto fields = [](int count) {
        std::string text;
        for (int i = 0; i < count; ++i) text += "X-" + std::to_string(i) + ": 1\r\n";
        return a_head("GET / HTTP/1.1", text);
    };
    EXPECT_EQ(judged(fields(63)), 200U);
    EXPECT_EQ(judged(fields(64)), 431U);
    auto sized = [](std::size_t size) {
        auto head = a_head("GET / HTTP/1.1", "X-A: \r\n");
        head.insert(head.size() - 4, std::string(size - head.size(), 'a'));
        return head;
    };
    EXPECT_EQ(judged(sized(kMaxHeaderBytes)), 200U);
    EXPECT_EQ(judged(sized(kMaxHeaderBytes + 1)), 431U);
}

TEST(HeadScan, finds_the_end_however_it_is_cut_up) {
    std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\nbody\n";
    auto end = text.find("\r\n\r\n") + 4;
    for (std::size_t step : {1U, 2U, 3U, 7U, 100U}) {
        HeadScan scan;
        auto found = HeadScan::Found::nothing_yet;
        std::size_t given = 0;
        while (found == HeadScan::Found::nothing_yet && given < text.size()) {
            given = std::min(text.size(), given + step);
            found = scan.look(std::string_view(text).substr(0, given));
        }
        EXPECT_EQ(found, HeadScan::Found::end) << step;
        EXPECT_EQ(scan.size(), end) << step;
    }
}

TEST(HeadScan, tells_bare_line_feeds) {
    EXPECT_EQ(HeadScan().look("GET / HTTP/1.1\nHost"), HeadScan::Found::bare_line_feed);
    EXPECT_EQ(HeadScan().look("\n"), HeadScan::Found::bare_line_feed);
    EXPECT_EQ(HeadScan().look("\r\n"), HeadScan::Found::end);
    EXPECT_EQ(HeadScan().look("GET / HTTP/1.1\r"), HeadScan::Found::nothing_yet);
}

TEST(ReadBuffer, keeps_what_is_not_consumed) {
    ReadBuffer buffer;
    std::string sent;
    std::string got;
    for (int i = 0; i < 100; ++i) {
        std::string piece(static_cast<std::size_t>(i % 17 + 1), static_cast<char>('a' + i % 26));
        auto room = buffer.prepare(piece.size());
        ASSERT_GE(room.size(), piece.size());
        std::copy(piece.begin(), piece.end(), room.begin());
        buffer.commit(piece.size());
        sent += piece;
        auto take = std::min<std::size_t>(buffer.data().size(), static_cast<std::size_t>(i % 13));
        got += buffer.data().substr(0, take);
        buffer.consume(take);
    }
    got += buffer.data();
    EXPECT_EQ(got, sent);
}

}  // namespace
}  // namespace parley::http

#include "http/message.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "http/answer.hpp"
#include "http/request_ids.hpp"

namespace parley::http {
namespace {

Request a_request(std::string query) {
    Request request;
    request.query = std::move(query);
    request.request_id = "id-1";
    return request;
}

TEST(Request, finds_headers_in_any_case) {
    Request request;
    request.headers = {{"X-One", "1"}, {"x-one", "2"}, {"Other", "3"}};
    EXPECT_EQ(request.header("X-ONE"), "1");
    EXPECT_EQ(request.count_headers("x-One"), 2U);
    EXPECT_EQ(request.header("absent"), "");
    EXPECT_EQ(request.count_headers("absent"), 0U);
}

TEST(Request, reads_the_first_query_parameter_of_a_name) {
    auto request = a_request("a=1&b=&c&a=2&na%6De=x%2By+z");
    EXPECT_EQ(request.query_parameter("a"), "1");
    EXPECT_EQ(request.query_parameter("b"), "");
    EXPECT_EQ(request.query_parameter("c"), "");
    EXPECT_EQ(request.query_parameter("name"), "x+y z");
    EXPECT_EQ(request.query_parameter("d"), std::nullopt);
}

TEST(Request, treats_badly_encoded_query_parameters_as_absent) {
    auto request = a_request("a=%zz&b=%0&c=%00&%=1&d=ok");
    EXPECT_EQ(request.query_parameter("a"), std::nullopt);
    EXPECT_EQ(request.query_parameter("b"), std::nullopt);
    EXPECT_EQ(request.query_parameter("c"), std::nullopt);
    EXPECT_EQ(request.query_parameter("d"), "ok");
}

TEST(PercentDecode, decodes_and_refuses) {
    EXPECT_EQ(percent_decode("a%2Fb%c3%a9+", false), "a/b\xc3\xa9+");
    EXPECT_EQ(percent_decode("", false), "");
    EXPECT_EQ(percent_decode("%", false), std::nullopt);
    EXPECT_EQ(percent_decode("%4", false), std::nullopt);
    EXPECT_EQ(percent_decode("%4g", false), std::nullopt);
    EXPECT_EQ(percent_decode(std::string_view("a\0b", 3), false), std::nullopt);
}

TEST(Problem, is_json_with_every_member) {
    auto response = problem(a_request(""), 409, "window_closed", "It said \"no\".\n", "message", R"("closed_at":"x")");
    EXPECT_EQ(response.status, 409U);
    EXPECT_EQ(response.content_type, "application/problem+json");
    auto body = json::parse(response.body);
    ASSERT_TRUE(body);
    EXPECT_EQ(json::text(*body, "type"), "about:blank");
    EXPECT_EQ(json::text(*body, "title"), "Conflict");
    EXPECT_EQ(json::integer(*body, "status"), 409);
    EXPECT_EQ(json::text(*body, "code"), "window_closed");
    EXPECT_EQ(json::text(*body, "detail"), "It said \"no\".\n");
    EXPECT_EQ(json::text(*body, "request_id"), "id-1");
    EXPECT_EQ(json::text(*body, "member"), "message");
    EXPECT_EQ(json::text(*body, "closed_at"), "x");
}

TEST(RequestIds, are_distinct_uuids_of_version_4) {
    RequestIds ids;
    auto first = ids.next();
    auto second = ids.next();
    EXPECT_TRUE(is_uuid(first)) << first;
    EXPECT_EQ(first[14], '4');
    EXPECT_NE(std::string_view("89ab").find(first[19]), std::string_view::npos);
    EXPECT_NE(first, second);
    EXPECT_NE(RequestIds().next(), RequestIds().next());
}

TEST(HttpDate, is_imf_fixdate) {
    EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

std::string head_of(const Response& response,
                    const AnswerContext& context = {.request_id = "r", .cors_origin = {}, .date = "d"}) {
    std::string out;
    append_head(out, response, context);
    return out;
}

TEST(AnswerHead, has_the_headers_of_every_answer) {
    auto head = head_of(json_response(200, "{}"));
    for (std::string_view line :
         {"HTTP/1.1 200 OK\r\n", "\r\nContent-Length: 2\r\n", "\r\nContent-Type: application/json\r\n",
          "\r\nX-Request-Id: r\r\n", "\r\nX-Content-Type-Options: nosniff\r\n", "\r\nReferrer-Policy: no-referrer\r\n",
          "\r\nCross-Origin-Resource-Policy: same-origin\r\n", "\r\nX-Frame-Options: DENY\r\n",
          "\r\nCache-Control: no-store\r\n",
          "\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"})
        EXPECT_NE(head.find(line), head.npos) << line;
    EXPECT_EQ(head.find("Server:"), head.npos);
    EXPECT_EQ(head.find("Connection:"), head.npos);
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST(AnswerHead, lets_the_handler_replace_defaults_once) {
    auto response = text_response(200, "x");
    response.headers = {{"cache-control", "max-age=60"}, {"Content-Security-Policy", "default-src 'self'"}};
    auto head = head_of(response);
    EXPECT_EQ(head.find("no-store"), head.npos);
    EXPECT_EQ(head.find("'none'"), head.npos);
    EXPECT_NE(head.find("cache-control: max-age=60\r\n"), head.npos);
}

TEST(AnswerHead, drops_what_would_break_the_framing) {
    auto response = text_response(200, "x");
    response.content_type = "text/plain\r\nEvil: 1";
    response.headers = {{"X-A", "a\r\nEvil: 2"},
                        {"X-B\nEvil", "3"},
                        {"X-C", std::string("a\0b", 3)},
                        {"Content-Length", "99"},
                        {"Transfer-Encoding", "x"},
                        {"X-Good", "yes"},
                        {"", "4"}};
    auto head = head_of(response);
    EXPECT_EQ(head.find("Evil"), head.npos);
    EXPECT_EQ(head.find("99"), head.npos);
    EXPECT_EQ(head.find("Transfer-Encoding"), head.npos);
    EXPECT_EQ(head.find('\0'), head.npos);
    EXPECT_NE(head.find("X-Good: yes\r\n"), head.npos);
}

TEST(AnswerHead, has_no_length_for_204_and_304) {
    EXPECT_EQ(head_of(text_response(204, "")).find("Content-Length"), std::string::npos);
    EXPECT_EQ(head_of(text_response(304, "")).find("Content-Length"), std::string::npos);
    EXPECT_NE(head_of(text_response(200, "")).find("Content-Length: 0\r\n"), std::string::npos);
}

}  // namespace
}  // namespace parley::http

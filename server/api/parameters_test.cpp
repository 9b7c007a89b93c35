#include "api/parameters.hpp"

#include <gtest/gtest.h>

#include <string>

namespace parley::api {
namespace {

http::Request a_query(std::string query) {
    http::Request request;
    request.query = std::move(query);
    return request;
}

http::Request a_body(std::string body) {
    http::Request request;
    request.body = std::move(body);
    return request;
}

template <class T>
void expect_refused(const Result<T>& result, const std::string& member, const std::string& about) {
    ASSERT_FALSE(result) << about;
    EXPECT_EQ(result.error().code, Errc::invalid_argument) << about;
    EXPECT_EQ(result.error().member, member) << about;
    EXPECT_TRUE(result.error().detail.starts_with(member + " must ")) << result.error().detail;
}

TEST(IntegerParameter, is_read_within_its_range) {
    EXPECT_EQ(integer_parameter(a_query("id=7"), "id", {1}), 7);
    EXPECT_EQ(integer_parameter(a_query("x=1&id=-5"), "id", {-5, 5}), -5);
    EXPECT_EQ(integer_parameter(a_query("id=9223372036854775807"), "id", {1}), INT64_MAX);
    EXPECT_EQ(integer_parameter(a_query("id=%37"), "id", {1}), 7);
    EXPECT_EQ(integer_parameter(a_query("id=1&id=2"), "id", {1}), 1) << "the first one wins";
    EXPECT_EQ(integer_parameter(a_query("other=1"), "id", {1}), std::nullopt);
}

TEST(IntegerParameter, refuses_everything_else_and_names_the_parameter) {
    for (const char* query : {"id=", "id=x", "id=1x", "id=1.0", "id=+1", "id=%201", "id=0x1", "id=1e3", "id=--1",
                              "id=9223372036854775808", "id=0", "id=-1", "id=11"})
        expect_refused(integer_parameter(a_query(query), "id", {1, 10}), "id", query);
}

TEST(BooleanParameter, has_two_spellings) {
    EXPECT_EQ(boolean_parameter(a_query("b=true"), "b"), true);
    EXPECT_EQ(boolean_parameter(a_query("b=1"), "b"), true);
    EXPECT_EQ(boolean_parameter(a_query("b=false"), "b"), false);
    EXPECT_EQ(boolean_parameter(a_query("b=0"), "b"), false);
    EXPECT_EQ(boolean_parameter(a_query(""), "b"), std::nullopt);
    for (const char* query : {"b=", "b=True", "b=yes", "b=2", "b"})
        expect_refused(boolean_parameter(a_query(query), "b"), "b", query);
}

TEST(TextParameter, is_valid_text_of_bounded_length) {
    EXPECT_EQ(text_parameter(a_query("q=Gr%C3%BC%C3%9Fe+an"), "q", 20),
              "Gr\xc3\xbc\xc3\x9f"
              "e an");
    EXPECT_EQ(text_parameter(a_query(""), "q", 20), "");
    EXPECT_EQ(text_parameter(a_query("q=12345"), "q", 5), "12345");
    expect_refused(text_parameter(a_query("q=123456"), "q", 5), "q", "too long");
    expect_refused(text_parameter(a_query("q=%FF"), "q", 5), "q", "not UTF-8");
    expect_refused(text_parameter(a_query("q=%ED%A0%80"), "q", 5), "q", "a surrogate");
}

TEST(LimitParameter, has_a_standard_and_a_cap) {
    EXPECT_EQ(limit_parameter(a_query(""), 50), 50);
    EXPECT_EQ(limit_parameter(a_query("limit=1"), 50), 1);
    EXPECT_EQ(limit_parameter(a_query("limit=200"), 50), 200);
    EXPECT_EQ(limit_parameter(a_query("limit=9223372036854775807"), 50), kMaxPage);
    for (const char* query : {"limit=0", "limit=-1", "limit=ten", "limit="})
        expect_refused(limit_parameter(a_query(query), 50), "limit", query);
}

TEST(OffsetParameter, starts_at_nothing) {
    EXPECT_EQ(offset_parameter(a_query("")), 0);
    EXPECT_EQ(offset_parameter(a_query("offset=120")), 120);
    for (const char* query : {"offset=-1", "offset=x", "offset=1000000001"})
        expect_refused(offset_parameter(a_query(query)), "offset", query);
}

TEST(PathId, is_not_found_when_it_is_none) {
    auto with = [](std::string id) {
        http::Request request;
        request.path_parameters.emplace_back("id", std::move(id));
        return path_id(request, "id");
    };
    EXPECT_EQ(with("7"), 7);
    for (const char* id : {"0", "-1", "x", "7x", "7.0", " 7", "9223372036854775808"}) {
        auto result = with(id);
        ASSERT_FALSE(result) << id;
        EXPECT_EQ(result.error().code, Errc::not_found) << id;
    }
}

TEST(JsonBody, is_one_object) {
    EXPECT_TRUE(json_body(a_body("{}")));
    EXPECT_TRUE(json_body(a_body(" {\"a\": 1} ")));
    for (const char* body : {"", "[]", "null", "7", "\"x\"", "{", "{} {}", "{\"a\":}", "{\"a\":\"\xff\"}", "a=1"}) {
        auto result = json_body(a_body(body));
        ASSERT_FALSE(result) << body;
        EXPECT_EQ(result.error().code, Errc::malformed_json) << body;
    }
}

TEST(TextMember, is_a_string_or_absent) {
    auto body = json_body(a_body(R"({"s":"x","n":null,"i":1,"b":true,"o":{},"a":[]})")).value();
    EXPECT_EQ(text_member(body, "s"), "x");
    EXPECT_EQ(text_member(body, "n"), "");
    EXPECT_EQ(text_member(body, "none"), "");
    for (const char* name : {"i", "b", "o", "a"}) expect_refused(text_member(body, name), name, name);
}

TEST(IntegerMember, is_an_integer_or_absent) {
    auto body =
        json_body(a_body(R"({"i":7,"m":-7,"n":null,"s":"7","d":7.0,"w":18446744073709551615,"b":true})")).value();
    EXPECT_EQ(integer_member(body, "i"), 7);
    EXPECT_EQ(integer_member(body, "m"), -7);
    EXPECT_EQ(integer_member(body, "n"), 0);
    EXPECT_EQ(integer_member(body, "none"), 0);
    for (const char* name : {"s", "d", "w", "b"}) expect_refused(integer_member(body, name), name, name);
}

}  // namespace
}  // namespace parley::api

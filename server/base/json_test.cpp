#include "base/json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace parley::json {
namespace {

using namespace std::string_view_literals;

std::string repaired(std::string_view text) {
    auto parsed = parse_storable(text);
    return parsed ? boost::json::serialize(*parsed) : "refused";
}

value a_value(std::string_view text) {
    return parse(text).value();
}

TEST(ParseJson, takes_one_whole_text) {
    EXPECT_TRUE(parse("{}"));
    EXPECT_TRUE(parse(" [1, 2.5, null, true, \"x\"] \n"));
    for (auto text :
         {""sv, "{"sv, "{} {}"sv, "{a:1}"sv, "{'a':1}"sv, "[1,]"sv, "// x\n{}"sv, "nul"sv, "NaN"sv, "\xef\xbb\xbf{}"sv})
        EXPECT_FALSE(parse(text)) << text;
}

TEST(ParseJson, bounds_the_depth) {
    EXPECT_TRUE(parse(std::string(32, '[') + std::string(32, ']')));
    EXPECT_FALSE(parse(std::string(65, '[') + std::string(65, ']')));
    EXPECT_FALSE(parse_storable(std::string(100'000, '[')));
}

TEST(ParseJson, is_strict_about_characters) {
    EXPECT_FALSE(parse("\"\xff\""));
    EXPECT_FALSE(parse("\"\\ud83d\""));
    EXPECT_FALSE(parse("\"\xed\xa0\x80\""));
    EXPECT_FALSE(parse("\"a\nb\""));
}

TEST(ParseStorable, replaces_nul) {
    EXPECT_EQ(repaired(R"("a\u0000b")"),
              "\"a\xef\xbf\xbd"
              "b\"");
    EXPECT_EQ(repaired("\"a\0b\""sv),
              "\"a\xef\xbf\xbd"
              "b\"");
    EXPECT_EQ(repaired(R"({"a\u0000":1})"), "{\"a\xef\xbf\xbd\":1}") << "names of members too";
}

TEST(ParseStorable, leaves_an_escaped_backslash_before_u0000_alone) {
    EXPECT_EQ(parse_storable(R"("a\\u0000")")->as_string(), R"(a\u0000)");
    EXPECT_EQ(parse_storable(R"("a\\\u0000")")->as_string(), "a\\\xef\xbf\xbd");
}

TEST(ParseStorable, replaces_lone_surrogates) {
    EXPECT_EQ(parse_storable(R"("\ud83d!")")->as_string(), "\xef\xbf\xbd!");
    EXPECT_EQ(parse_storable(R"("\udc4b!")")->as_string(), "\xef\xbf\xbd!");
    EXPECT_EQ(parse_storable(R"("\ud83d\ud83d\udc4b")")->as_string(), "\xef\xbf\xbd\xf0\x9f\x91\x8b");
    EXPECT_EQ(parse_storable(R"("\ud83d\u0041")")->as_string(),
              "\xef\xbf\xbd"
              "A");
    EXPECT_EQ(parse_storable(R"("\uD83D\uDC4B \u0000")")->as_string(), "\xf0\x9f\x91\x8b \xef\xbf\xbd");
    EXPECT_EQ(parse_storable("\"\xed\xa0\xbd\"")->as_string(), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(ParseStorable, replaces_bytes_that_are_not_utf8) {
    EXPECT_EQ(repaired("{\"a\":\"x\xff\"}"), "{\"a\":\"x\xef\xbf\xbd\"}");
}

TEST(ParseStorable, makes_numbers_null_that_jsonb_would_refuse_or_write_out) {
    EXPECT_EQ(repaired(R"([1e999,-1e999,1e308,1e31,{"a":[1e999]}])"), R"([null,null,null,null,{"a":[null]}])");
    auto kept = parse_storable("[1e29,-1.5,9223372036854775807,18446744073709551615]");
    ASSERT_TRUE(kept);
    for (const auto& number : kept->as_array()) EXPECT_TRUE(number.is_number());
    EXPECT_TRUE(std::isinf(a_value("1e999").as_double())) << "what the strict reader makes of it";
}

TEST(ParseStorable, still_refuses_what_is_no_json) {
    for (auto text :
         {""sv, "{\"a\":\"\\u0000\""sv, "\"\\u00\""sv, "\"\\u\""sv, "\"\\"sv, "\"\\ud83d"sv, "\"a\nb\""sv, "{\xff}"sv})
        EXPECT_FALSE(parse_storable(text)) << text;
}

TEST(JsonMembers, are_found_in_objects_alone) {
    auto v = a_value(R"({"o":{"x":1},"a":[1],"n":null})");
    EXPECT_NE(find_object(v, "o"), nullptr);
    EXPECT_EQ(find_object(v, "a"), nullptr);
    EXPECT_NE(find_array(v, "a"), nullptr);
    EXPECT_EQ(find_array(v, "o"), nullptr);
    EXPECT_NE(find(v, "n"), nullptr);
    EXPECT_EQ(find(v, "none"), nullptr);
    EXPECT_EQ(find(a_value("[1]"), "o"), nullptr);
    EXPECT_EQ(find(a_value("\"o\""), "o"), nullptr);
}

TEST(JsonText, takes_numbers_for_their_digits) {
    auto v = a_value(R"({"s":"x","e":"","i":-5,"u":18446744073709551615,"d":1.5,"b":true,"n":null,"o":{}})");
    EXPECT_EQ(text(v, "s"), "x");
    EXPECT_EQ(text(v, "i"), "-5");
    EXPECT_EQ(text(v, "u"), "18446744073709551615");
    for (const char* name : {"e", "d", "b", "n", "o", "none"}) EXPECT_EQ(text(v, name), "") << name;
    EXPECT_EQ(optional_text(v, "e"), "");
    for (const char* name : {"d", "b", "n", "o", "none"}) EXPECT_EQ(optional_text(v, name), std::nullopt) << name;
}

TEST(JsonInteger, takes_strings_and_cuts_fractions_off) {
    auto v = a_value(R"({"i":7,"s":"1749416383","f":"1749416383.0","d":1.9,"m":-1.9,"e":"","x":"12x","h":"0x1","p":"+1",
                         "big":18446744073709551615,"wide":"99999999999999999999","inf":1e999,"far":1e300,"b":true})");
    EXPECT_EQ(integer(v, "i"), 7);
    EXPECT_EQ(integer(v, "s"), 1'749'416'383);
    EXPECT_EQ(integer(v, "f"), 1'749'416'383);
    EXPECT_EQ(integer(v, "d"), 1);
    EXPECT_EQ(integer(v, "m"), -1);
    for (const char* name : {"e", "x", "h", "p", "big", "wide", "inf", "far", "b", "none"})
        EXPECT_EQ(integer(v, name), std::nullopt) << name;
}

TEST(JsonBoolean, is_true_for_true_alone) {
    auto v = a_value(R"({"t":true,"f":false,"one":1,"s":"true"})");
    EXPECT_TRUE(boolean(v, "t"));
    for (const char* name : {"f", "one", "s", "none"}) EXPECT_FALSE(boolean(v, name)) << name;
}

}  // namespace
}  // namespace parley::json

#include "base/text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace parley {
namespace {

using namespace std::string_view_literals;

constexpr std::array kValid{""sv,
                            "plain"sv,
                            "\x01\x7f"sv,
                            "\xc2\x80"sv,
                            "\xdf\xbf"sv,
                            "\xe0\xa0\x80"sv,
                            "\xed\x9f\xbf"sv,
                            "\xee\x80\x80"sv,
                            "\xef\xbf\xbf"sv,
                            "\xf0\x90\x80\x80"sv,
                            "\xf4\x8f\xbf\xbf"sv,
                            "Gr\xc3\xbc\xc3\x9f dich \xf0\x9f\x91\x8b\xf0\x9f\x8f\xbd"sv};

TEST(StorableText, leaves_valid_text_alone) {
    for (auto text : kValid) {
        EXPECT_TRUE(is_storable_text(text)) << text;
        EXPECT_EQ(storable_text(text), text);
    }
}

TEST(StorableText, replaces_nul_and_what_is_not_utf8) {
    const std::array<std::pair<std::string_view, std::string_view>, 11> table{{
        {"a\0b"sv,
         "a\xef\xbf\xbd"
         "b"},
        {"\x80", "\xef\xbf\xbd"},
        {"\xc3", "\xef\xbf\xbd"},
        {"\xc3(", "\xef\xbf\xbd("},
        {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},                  // overlong NUL
        {"\xe0\x9f\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},  // overlong
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},  // a surrogate
        {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},                  // cut off
        {"\xf0\x8f\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},  // beyond U+10FFFF
        {"\xff ok", "\xef\xbf\xbd ok"},
    }};
    for (const auto& [raw, repaired] : table) {
        EXPECT_FALSE(is_storable_text(raw));
        EXPECT_EQ(storable_text(raw), repaired);
        EXPECT_TRUE(is_storable_text(repaired));
    }
}

TEST(CodePoints, are_the_unit_of_lengths) {
    EXPECT_EQ(count_code_points(""), 0u);
    EXPECT_EQ(count_code_points("abc"), 3u);
    EXPECT_EQ(count_code_points("\xc3\xa9\xf0\x9f\x91\x8b!"), 3u);
}

TEST(CodePoints, are_never_cut_apart) {
    constexpr auto text = "a\xc3\xa9\xf0\x9f\x91\x8b!"sv;
    EXPECT_EQ(first_code_points(text, 0), "");
    EXPECT_EQ(first_code_points(text, 1), "a");
    EXPECT_EQ(first_code_points(text, 2), "a\xc3\xa9");
    EXPECT_EQ(first_code_points(text, 3), "a\xc3\xa9\xf0\x9f\x91\x8b");
    EXPECT_EQ(first_code_points(text, 4), text);
    EXPECT_EQ(first_code_points(text, 100), text);
}

}  // namespace
}  // namespace parley

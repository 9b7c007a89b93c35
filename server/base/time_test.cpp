#include "base/time.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace parley {
namespace {

using namespace std::chrono;

TimePoint at(int year, unsigned month, unsigned day, std::int64_t micros_of_day = 0) {
    return TimePoint{sys_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)}} +
           microseconds{micros_of_day};
}

TEST(Rfc3339, has_as_many_fraction_digits_as_needed) {
    const std::array<std::pair<TimePoint, const char*>, 7> table{{
        {at(2026, 1, 31, 29'700'000'000), "2026-01-31T08:15:00Z"},
        {at(2026, 1, 31, 29'700'250'000), "2026-01-31T08:15:00.250Z"},
        {at(2026, 1, 31, 29'700'000'001), "2026-01-31T08:15:00.000001Z"},
        {at(2026, 1, 31, 29'700'123'450), "2026-01-31T08:15:00.123450Z"},
        {at(1970, 1, 1), "1970-01-01T00:00:00Z"},
        {at(1969, 12, 31, 86'399'999'999), "1969-12-31T23:59:59.999999Z"},
        {at(9999, 12, 31, 86'399'000'000), "9999-12-31T23:59:59Z"},
    }};
    for (const auto& [time, text] : table) {
        EXPECT_EQ(to_rfc3339(time), text);
        EXPECT_EQ(parse_utc(text), time) << text;
    }
}

TEST(ParseUtc, reads_what_postgresql_prints) {
    EXPECT_EQ(parse_utc("2026-01-31 08:15:00+00"), at(2026, 1, 31, 29'700'000'000));
    EXPECT_EQ(parse_utc("2026-01-31 08:15:00.25+00"), at(2026, 1, 31, 29'700'250'000));
    EXPECT_EQ(parse_utc("1999-12-31 23:59:59.999999+00"), at(1999, 12, 31, 86'399'999'999));
}

TEST(ParseUtc, reads_every_form_of_rfc3339_in_utc) {
    auto expected = at(2024, 2, 29, 1'500'000);
    for (const char* text : {"2024-02-29T00:00:01.5Z", "2024-02-29T00:00:01.5z", "2024-02-29T00:00:01.500+00:00",
                             "2024-02-29 00:00:01.5000009Z"})
        EXPECT_EQ(parse_utc(text), expected) << text;
    EXPECT_EQ(parse_utc("2016-12-31T23:59:60Z"), at(2017, 1, 1)) << "a leap second";
}

TEST(ParseUtc, refuses_everything_else) {
    for (const char* text : {"",
                             "now",
                             "infinity",
                             "2026-01-31",
                             "2026-01-31T08:15Z",
                             "2026-01-31T08:15:00",
                             "2026-01-31T08:15:00+01",
                             "2026-01-31T08:15:00+00:30",
                             "2026-01-31T08:15:00-00",
                             "2026-01-31T08:15:00.Z",
                             "2026-01-31T08:15:00Z ",
                             " 2026-01-31T08:15:00Z",
                             "2026-02-29T00:00:00Z",
                             "2026-13-01T00:00:00Z",
                             "2026-00-01T00:00:00Z",
                             "2026-01-00T00:00:00Z",
                             "2026-01-31T24:00:00Z",
                             "2026-01-31T08:60:00Z",
                             "2026-01-31T08:15:61Z",
                             "26-01-31T08:15:00Z",
                             "2026/01/31T08:15:00Z",
                             "2026-01-31T08:15:00+00 BC",
                             "+026-01-31T08:15:00Z"})
        EXPECT_EQ(parse_utc(text), std::nullopt) << text;
}

TEST(FromUnixSeconds, counts_from_1970) {
    EXPECT_EQ(from_unix_seconds(0), at(1970, 1, 1));
    EXPECT_EQ(to_rfc3339(from_unix_seconds(1'749'416'383)), "2025-06-08T20:59:43Z");
    EXPECT_EQ(to_rfc3339(from_unix_seconds(-1)), "1969-12-31T23:59:59Z");
}

}  // namespace
}  // namespace parley

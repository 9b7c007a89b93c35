#include "store/params.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.hpp"
#include "support/database.hpp"

namespace parley::store {
namespace {

using namespace std::string_view_literals;

const Statement kScalars{"scalars",
                         "SELECT $1::text AS t, $2::bigint AS i, $3::bool AS b, $4::timestamptz AS at, "
                         "encode($5::bytea, 'hex') AS bytes, $6::text AS nothing"};
const Statement kTexts{"texts", "SELECT v, octet_length(v) AS size FROM unnest($1::text[]) AS v"};
const Statement kIntegers{"integers", "SELECT v FROM unnest($1::bigint[]) AS v"};
const Statement kBooleans{"booleans", "SELECT v FROM unnest($1::bool[]) AS v"};
const Statement kTimes{"times", "SELECT v, v::text AS shown FROM unnest($1::timestamptz[]) AS v"};
const Statement kBytes{"bytes", "SELECT encode(v, 'hex') AS v FROM unnest($1::bytea[]) AS v"};
const Statement kCounts{"counts", "SELECT cardinality($1::text[]) AS texts, cardinality($2::bigint[]) AS integers"};

constexpr auto kSmallest = std::numeric_limits<std::int64_t>::min();
constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();

class ParamsOnPostgres : public ::testing::Test {
  protected:
    Rows query(const Statement& statement, Params params) {
        return test::run(io, connection->query(statement, std::move(params)));
    }
    Rows query(const Statement& statement, Column column) {
        Params params;
        params.add(std::move(column));
        return query(statement, std::move(params));
    }

    test::Database database{false};
    asio::io_context io;
    std::unique_ptr<Connection> connection = test::run(io, Connection::open(io.get_executor(), database.options()));
};

const std::vector<std::string_view> kAwkward{"plain",
                                             "",
                                             "NULL",
                                             "{a,\"b\"}",
                                             "it's \"quoted\" \\ and \\\\",
                                             "a,b{c}\n\r\t",
                                             "$1 %s '; DROP TABLE accounts; --",
                                             "Gr\xc3\xbc\xc3\x9f dich \xf0\x9f\x91\x8b\xf0\x9f\x8f\xbd"};

TEST_F(ParamsOnPostgres, scalars_arrive_as_they_are) {
    auto before_2000 = parse_utc("1999-12-31T23:59:59.999999Z").value();
    for (auto text : kAwkward) {
        Params params;
        params.add(text).add(kSmallest).add(true).add(before_2000).add(Bytes{"\0\xff\\x"sv}).add_null();
        auto row = query(kScalars, std::move(params));
        ASSERT_EQ(row.size(), 1u);
        EXPECT_EQ(row.front().get<std::string>("t"), text);
        EXPECT_EQ(row.front().get<std::int64_t>("i"), kSmallest);
        EXPECT_TRUE(row.front().get<bool>("b"));
        EXPECT_EQ(row.front().get<TimePoint>("at"), before_2000);
        EXPECT_EQ(row.front().get<std::string>("bytes"), "00ff5c78");
        EXPECT_EQ(row.front().get<std::optional<std::string>>("nothing"), std::nullopt);
    }
}

TEST_F(ParamsOnPostgres, empty_means_null_where_asked_for) {
    Params params;
    params.add_nullable("").add(kLargest).add(false).add(std::optional<TimePoint>{}).add(Bytes{""}).add_nullable("x");
    auto rows = query(kScalars, std::move(params));
    auto row = rows.front();
    EXPECT_EQ(row.get<std::optional<std::string>>("t"), std::nullopt);
    EXPECT_EQ(row.get<std::int64_t>("i"), kLargest);
    EXPECT_FALSE(row.get<bool>("b"));
    EXPECT_EQ(row.get<std::optional<TimePoint>>("at"), std::nullopt);
    EXPECT_EQ(row.get<std::string>("bytes"), "");
    EXPECT_EQ(row.get<std::string>("nothing"), "x");
}

TEST_F(ParamsOnPostgres, arrays_of_text_need_no_quoting) {
    auto column = Column::of_text(kAwkward.size());
    for (auto text : kAwkward) column.add(text);
    column.add_null();
    column.add_nullable("");
    EXPECT_EQ(column.size(), kAwkward.size() + 2);
    auto rows = query(kTexts, std::move(column));
    ASSERT_EQ(rows.size(), kAwkward.size() + 2);
    for (std::size_t i = 0; i < kAwkward.size(); ++i) EXPECT_EQ(rows[i].get<std::string_view>("v"), kAwkward[i]);
    EXPECT_EQ(rows[kAwkward.size()].get<std::optional<std::string>>("v"), std::nullopt);
    EXPECT_EQ(rows[kAwkward.size() + 1].get<std::optional<std::string>>("v"), std::nullopt);
}

TEST_F(ParamsOnPostgres, arrays_of_integers_reach_the_extremes) {
    const std::vector<std::int64_t> values{0, -1, 1, kSmallest, kLargest, 4'294'967'296};
    auto column = Column::of_int64();
    for (auto value : values) column.add(value);
    column.add(MessageId{77});
    column.add_null();
    auto rows = query(kIntegers, std::move(column));
    ASSERT_EQ(rows.size(), values.size() + 2);
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(rows[i].get<std::int64_t>("v"), values[i]);
    EXPECT_EQ(rows[values.size()].get<MessageId>("v"), MessageId{77});
    EXPECT_EQ(rows[values.size() + 1].get<std::optional<std::int64_t>>("v"), std::nullopt);
}

TEST_F(ParamsOnPostgres, arrays_of_booleans_have_three_values) {
    auto column = Column::of_bool();
    column.add(true);
    column.add(false);
    column.add_null();
    auto rows = query(kBooleans, std::move(column));
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_TRUE(rows[0].get<bool>("v"));
    EXPECT_FALSE(rows[1].get<bool>("v"));
    EXPECT_EQ(rows[2].get<std::optional<bool>>("v"), std::nullopt);
}

TEST_F(ParamsOnPostgres, arrays_of_times_are_exact_on_both_sides_of_2000) {
    const std::vector<std::string> times{"2000-01-01T00:00:00Z",       "1999-12-31T23:59:59.999999Z",
                                         "1969-12-31T23:59:59Z",       "2026-01-31T08:15:00.000001Z",
                                         "0001-01-01T00:00:00Z",       "9999-12-31T23:59:59.999999Z",
                                         "2009-01-01T00:00:00.250000Z"};
    auto column = Column::of_time();
    for (const auto& time : times) column.add(parse_utc(time).value());
    column.add_null();
    auto rows = query(kTimes, std::move(column));
    ASSERT_EQ(rows.size(), times.size() + 1);
    for (std::size_t i = 0; i < times.size(); ++i)
        EXPECT_EQ(rows[i].get<TimePoint>("v"), parse_utc(times[i])) << times[i];
    EXPECT_EQ(rows[1].get<std::string>("shown"), "1999-12-31 23:59:59.999999+00");
    EXPECT_EQ(rows[times.size()].get<std::optional<TimePoint>>("v"), std::nullopt);
}

TEST_F(ParamsOnPostgres, arrays_of_bytes_hold_any_byte) {
    std::string all;
    for (int i = 255; i >= 0; --i) all += static_cast<char>(i);
    auto column = Column::of_bytes();
    column.add(all);
    column.add("\0\0"sv);
    column.add("");
    column.add_null();
    auto rows = query(kBytes, std::move(column));
    ASSERT_EQ(rows.size(), 4u);
    EXPECT_EQ(from_hex(rows[0].get<std::string_view>("v")), all);
    EXPECT_EQ(rows[1].get<std::string>("v"), "0000");
    EXPECT_EQ(rows[2].get<std::string>("v"), "");
    EXPECT_EQ(rows[3].get<std::optional<std::string>>("v"), std::nullopt);
}

TEST_F(ParamsOnPostgres, arrays_may_be_empty_or_of_nulls_alone) {
    auto nulls = Column::of_int64();
    nulls.add_null();
    nulls.add_null();
    Params params;
    params.add(Column::of_text()).add(std::move(nulls));
    auto rows = query(kCounts, std::move(params));
    EXPECT_EQ(rows.front().get<int>("texts"), 0);
    EXPECT_EQ(rows.front().get<int>("integers"), 2);
}

}  // namespace
}  // namespace parley::store

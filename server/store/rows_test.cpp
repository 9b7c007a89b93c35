#include "store/rows.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "support/database.hpp"

namespace parley::store {
namespace {

const Statement kTypes{"types",
                       "SELECT 7 AS id, 'x' AS word, true AS yes, '2026-01-31 08:15:00.25+00'::timestamptz AS at, "
                       "NULL::bigint AS none, 'infinity'::timestamptz AS never, 1.5 AS half"};
const Statement kThree{"three", "SELECT g AS n FROM generate_series(1, 3) AS g"};
const Statement kNone{"none", "SELECT 1 AS n WHERE false"};
const Statement kMake{"make", "CREATE TABLE things (n integer)"};
const Statement kInsert{"insert", "INSERT INTO things SELECT generate_series(1, 5)"};

class RowsOfPostgres : public ::testing::Test {
  protected:
    Rows query(const Statement& statement) { return test::run(io, connection->query(statement)); }

    test::Database database{false};
    asio::io_context io;
    std::unique_ptr<Connection> connection = test::run(io, Connection::open(io.get_executor(), database.options()));
};

TEST_F(RowsOfPostgres, are_read_by_name_and_type) {
    auto rows = query(kTypes);
    auto row = rows.front();
    EXPECT_EQ(row.get<std::int64_t>("id"), 7);
    EXPECT_EQ(row.get<int>("id"), 7);
    EXPECT_EQ(row.get<MessageId>("id"), MessageId{7});
    EXPECT_EQ(row.get<std::string>("id"), "7");
    EXPECT_EQ(row.get<std::string_view>("word"), "x");
    EXPECT_TRUE(row.get<bool>("yes"));
    EXPECT_EQ(row.get<TimePoint>("at"), parse_utc("2026-01-31T08:15:00.250Z"));
    EXPECT_EQ(row.get<std::optional<std::int64_t>>("id"), 7);
    EXPECT_EQ(row.get<std::optional<std::int64_t>>("none"), std::nullopt);
    EXPECT_EQ(row.get<std::optional<ContactId>>("none"), std::nullopt);
}

TEST_F(RowsOfPostgres, tell_mistakes_in_a_query) {
    auto rows = query(kTypes);
    auto row = rows.front();
    EXPECT_THROW(row.get<std::int64_t>("none"), std::logic_error) << "NULL as a plain type";
    EXPECT_THROW(row.get<std::string>("none"), std::logic_error);
    EXPECT_THROW(row.get<std::string>("ID"), std::logic_error) << "an unknown column";
    EXPECT_THROW(row.get<std::optional<std::string>>("missing"), std::logic_error);
    EXPECT_THROW(row.get<std::int64_t>("word"), std::logic_error);
    EXPECT_THROW(row.get<std::int64_t>("half"), std::logic_error);
    EXPECT_THROW(row.get<TimePoint>("word"), std::logic_error);
    EXPECT_THROW(row.get<TimePoint>("never"), std::logic_error);
}

TEST_F(RowsOfPostgres, are_walked_in_order) {
    auto rows = query(kThree);
    std::string seen;
    for (auto row : rows) seen += row.get<std::string>("n");
    EXPECT_EQ(seen, "123");
    EXPECT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[2].get<int>("n"), 3);
}

TEST_F(RowsOfPostgres, may_be_none) {
    auto rows = query(kNone);
    EXPECT_TRUE(rows.empty());
    for ([[maybe_unused]] auto row : rows) ADD_FAILURE();
    EXPECT_TRUE(Rows().empty());
    EXPECT_EQ(Rows().affected(), 0);
}

TEST_F(RowsOfPostgres, count_what_a_statement_changed) {
    EXPECT_EQ(query(kMake).affected(), 0);
    EXPECT_EQ(query(kInsert).affected(), 5);
}

TEST_F(RowsOfPostgres, outlive_their_connection) {
    auto rows = query(kThree);
    connection.reset();
    EXPECT_EQ(rows[1].get<int>("n"), 2);
}

}  // namespace
}  // namespace parley::store

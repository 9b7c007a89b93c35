#include "store/statement.hpp"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <memory>
#include <stdexcept>

#include "support/database.hpp"

namespace parley::store {
namespace {

struct CloseConnection {
    void operator()(PGconn* pg) const { PQfinish(pg); }
};
struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};

TEST(ParseStatements, splits_at_the_headings) {
    auto blocks =
        parse_statements("-- Words before.\n\n-- name: one\nSELECT 1;\n\n-- name: two\n-- why\nSELECT\n  2;\n");
    ASSERT_EQ(blocks.size(), 2u);
    EXPECT_EQ(blocks[0].name, "one");
    EXPECT_EQ(blocks[0].sql, "SELECT 1");
    EXPECT_EQ(blocks[1].name, "two");
    EXPECT_EQ(blocks[1].sql, "-- why\nSELECT\n  2");
    EXPECT_TRUE(parse_statements("").empty());
    EXPECT_TRUE(parse_statements("SELECT 1;").empty());
}

TEST(Statements, are_found_by_name_as_one_object) {
    EXPECT_EQ(&statement("ping"), &statement("ping"));
    EXPECT_EQ(statement("ping").sql, "SELECT 1 AS one");
    EXPECT_THROW(statement("no_such_statement"), std::logic_error);
}

TEST(Statements, all_prepare_against_the_migrated_schema) {
    test::Database database;
    std::unique_ptr<PGconn, CloseConnection> pg(PQconnectdb(database.address().c_str()));
    ASSERT_EQ(PQstatus(pg.get()), CONNECTION_OK) << PQerrorMessage(pg.get());
    EXPECT_GT(all_statements().size(), 40u);
    for (const auto& one : all_statements()) {
        std::unique_ptr<PGresult, ClearResult> prepared(
            PQprepare(pg.get(), one.name.c_str(), one.sql.c_str(), 0, nullptr));
        EXPECT_EQ(PQresultStatus(prepared.get()), PGRES_COMMAND_OK) << one.name << ": " << PQerrorMessage(pg.get());
    }
}

}  // namespace
}  // namespace parley::store

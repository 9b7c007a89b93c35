#include "store/connection.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/database.hpp"
#include "support/db_error.hpp"

namespace parley::store {
namespace {

const Statement kEcho{"echo", "SELECT $1::bigint AS n"};
const Statement kEchoText{"echo_text", "SELECT $1::text AS t"};
const Statement kSize{"size", "SELECT octet_length($1::text) AS n"};
const Statement kNow{"now", "SELECT now()::text AS at, pg_current_xact_id()::text AS transaction"};
const Statement kMake{"make", "CREATE TABLE things (n bigint CONSTRAINT things_positive CHECK (n > 0), t text)"};
const Statement kMakeLater{"make_later", "CREATE TABLE later (n bigint)"};
const Statement kInsert{"insert", "INSERT INTO things VALUES ($1::bigint, 'x')"};
const Statement kCount{"count", "SELECT count(*) AS n FROM things"};
const Statement kLater{"later", "SELECT count(*) AS n FROM later"};
const Statement kWrong{"wrong", "SELEC 1"};
const Statement kSleep{"sleep", "SELECT pg_sleep(0.1)"};
const Statement kBegin{"begin", "BEGIN"};
const Statement kRollback{"rollback", "ROLLBACK"};
const Statement kSettings{"settings",
                          "SELECT current_setting('TimeZone') AS zone, current_setting('client_encoding') AS encoding, "
                          "current_setting('statement_timeout') AS timeout, current_setting('DateStyle') AS style"};

Params one(std::int64_t n) {
    Params params;
    params.add(n);
    return params;
}

Params one(const std::string& text) {
    Params params;
    params.add(text);
    return params;
}

class ConnectionToPostgres : public ::testing::Test {
  protected:
    std::vector<Rows> send(Batch batch) { return test::run(io, connection->run(std::move(batch))); }
    Rows query(const Statement& statement, Params params = {}) {
        return test::run(io, connection->query(statement, std::move(params)));
    }

    test::Database database{false};
    asio::io_context io;
    std::unique_ptr<Connection> connection = test::run(io, Connection::open(io.get_executor(), database.options()));
};

TEST_F(ConnectionToPostgres, opens_with_the_settings_that_every_session_needs) {
    auto rows = query(kSettings);
    EXPECT_EQ(rows.front().get<std::string>("zone"), "UTC");
    EXPECT_EQ(rows.front().get<std::string>("encoding"), "UTF8");
    EXPECT_EQ(rows.front().get<std::string>("timeout"), "10s");
    EXPECT_EQ(rows.front().get<std::string>("style").substr(0, 3), "ISO");
    EXPECT_FALSE(connection->broken());
    EXPECT_TRUE(connection->still_open());
    EXPECT_FALSE(connection->in_transaction());
}

TEST_F(ConnectionToPostgres, answers_a_batch_in_order_as_one_transaction) {
    Batch batch;
    batch.add(kNow).add(kEcho, one(1)).add(kEcho, one(2)).add(kEchoText, one("three")).add(kNow);
    EXPECT_EQ(batch.size(), 5u);
    auto results = send(std::move(batch));
    ASSERT_EQ(results.size(), 5u);
    EXPECT_EQ(results[1].front().get<int>("n"), 1);
    EXPECT_EQ(results[2].front().get<int>("n"), 2);
    EXPECT_EQ(results[3].front().get<std::string>("t"), "three");
    EXPECT_EQ(results[0].front().get<std::string>("transaction"), results[4].front().get<std::string>("transaction"));
    EXPECT_EQ(results[0].front().get<std::string>("at"), results[4].front().get<std::string>("at"));
}

TEST_F(ConnectionToPostgres, appends_batches) {
    Batch first, second;
    first.add(kEcho, one(1));
    second.add(kEcho, one(2)).add("ping");
    first.append(std::move(second));
    auto results = send(std::move(first));
    ASSERT_EQ(results.size(), 3u);
    EXPECT_EQ(results[2].front().get<int>("one"), 1);
}

TEST_F(ConnectionToPostgres, takes_an_empty_batch) {
    EXPECT_TRUE(send(Batch{}).empty());
    EXPECT_EQ(query(kEcho, one(5)).front().get<int>("n"), 5);
}

TEST_F(ConnectionToPostgres, tells_the_first_failure_of_a_batch_and_stores_none_of_it) {
    query(kMake);
    Batch batch;
    batch.add(kInsert, one(1)).add(kInsert, one(-1)).add(kEchoText, one("never")).add(kInsert, one(2));
    auto error = test::db_error_of([&] { send(std::move(batch)); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), DbErrorKind::data);
    EXPECT_EQ(error->sqlstate(), "23514");
    EXPECT_EQ(error->constraint(), "things_positive");
    EXPECT_FALSE(connection->broken());
    EXPECT_FALSE(connection->in_transaction());
    EXPECT_EQ(query(kCount).front().get<int>("n"), 0);
    EXPECT_EQ(query(kEchoText, one("again")).front().get<std::string>("t"), "again") << "its preparing was skipped";
}

TEST_F(ConnectionToPostgres, shows_no_values_in_its_errors) {
    query(kMake);
    auto error = test::db_error_of([&] { query(kInsert, one("-4711")); });
    ASSERT_TRUE(error);
    EXPECT_EQ(std::string(error->what()).find("4711"), std::string::npos) << error->what();
}

TEST_F(ConnectionToPostgres, prepares_again_what_could_not_be_prepared) {
    auto error = test::db_error_of([&] { query(kLater); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->sqlstate(), "42P01");
    EXPECT_EQ(error->kind(), DbErrorKind::bug);
    Batch mixed;
    mixed.add(kEcho, one(1)).add(kWrong).add(kEchoText, one("x"));
    EXPECT_TRUE(test::db_error_of([&] { send(std::move(mixed)); }));
    query(kMakeLater);
    EXPECT_EQ(query(kLater).front().get<int>("n"), 0);
    EXPECT_EQ(query(kEcho, one(3)).front().get<int>("n"), 3);
    EXPECT_EQ(query(kEchoText, one("x")).front().get<std::string>("t"), "x");
    EXPECT_TRUE(test::db_error_of([&] { query(kWrong); }));
}

TEST_F(ConnectionToPostgres, survives_a_failure_inside_a_transaction) {
    query(kMake);
    Batch batch;
    batch.add(kBegin).add(kInsert, one(1)).add(kInsert, one(-1));
    EXPECT_TRUE(test::db_error_of([&] { send(std::move(batch)); }));
    EXPECT_TRUE(connection->in_transaction());
    EXPECT_TRUE(test::db_error_of([&] { query(kEcho, one(1)); })) << "the transaction is lost";
    query(kRollback);
    EXPECT_FALSE(connection->in_transaction());
    EXPECT_EQ(query(kCount).front().get<int>("n"), 0);
}

TEST_F(ConnectionToPostgres, does_not_lock_up_when_both_sides_have_much_to_say) {
    constexpr std::size_t size = 8 * 1024 * 1024;
    std::string large(size, 'x');
    Batch batch;
    for (int i = 0; i < 4; ++i) {
        large[0] = static_cast<char>('a' + i);
        batch.add(kEchoText, one(large)).add(kSize, one(large));
    }
    auto results = send(std::move(batch));
    ASSERT_EQ(results.size(), 8u);
    for (std::size_t i = 0; i < 8; i += 2) {
        auto text = results[i].front().get<std::string_view>("t");
        EXPECT_EQ(text.size(), size);
        EXPECT_EQ(text.front(), static_cast<char>('a' + i / 2));
        EXPECT_EQ(results[i + 1].front().get<std::size_t>("n"), size);
    }
}

TEST_F(ConnectionToPostgres, answers_thousands_of_runs_alike) {
    query(kMake);
    for (int i = 1; i <= 3'000; ++i) {
        Batch batch;
        batch.add(kEcho, one(i)).add(kInsert, one(i));
        auto results = send(std::move(batch));
        ASSERT_EQ(results.size(), 2u) << i;
        ASSERT_EQ(results[0].front().get<int>("n"), i);
        ASSERT_EQ(results[1].affected(), 1) << i;
    }
    EXPECT_EQ(query(kCount).front().get<int>("n"), 3'000);
}

TEST_F(ConnectionToPostgres, can_roll_back_again_and_again) {
    query(kMake);
    for (int i = 1; i <= 100; ++i) {
        Batch lost;
        lost.add(kBegin).add(kInsert, one(i)).add(kInsert, one(-1));
        EXPECT_TRUE(test::db_error_of([&] { send(std::move(lost)); }));
        ASSERT_NO_THROW(query(kRollback)) << i;
        ASSERT_FALSE(connection->in_transaction()) << i;
    }
    EXPECT_EQ(query(kCount).front().get<int>("n"), 0);
}

TEST_F(ConnectionToPostgres, keeps_its_plans_through_a_change_of_a_table) {
    query(kMake);
    for (int i = 0; i < 20; ++i) query(kCount);
    database.execute("ALTER TABLE things ALTER n TYPE numeric");
    EXPECT_EQ(query(kCount).front().get<int>("n"), 0);
}

awaitable<void> run_into(Connection& connection, Batch batch, std::vector<std::string>& answers, std::string name) {
    try {
        auto rows = co_await connection.run(std::move(batch));
        answers.push_back(name + ": " + std::to_string(rows.size()));
    } catch (const DbError& error) {
        answers.push_back(name + ": " + error.sqlstate());
    }
}

TEST_F(ConnectionToPostgres, runs_batches_behind_one_another) {
    query(kMake);
    std::vector<std::string> answers;
    Batch slow, failing, last, counting;
    slow.add(kSleep).add(kInsert, one(1));
    failing.add(kInsert, one(2)).add(kInsert, one(-1)).add(kEcho, one(1));
    last.add(kInsert, one(3)).add(kEcho, one(1));
    counting.add(kCount);
    asio::co_spawn(io, run_into(*connection, std::move(slow), answers, "slow"), asio::detached);
    asio::co_spawn(io, run_into(*connection, std::move(failing), answers, "failing"), asio::detached);
    asio::co_spawn(io, run_into(*connection, std::move(last), answers, "last"), asio::detached);
    auto counted = send(std::move(counting));
    // Those behind the failure count on statements that it brought.
    EXPECT_EQ(answers, (std::vector<std::string>{"slow: 2", "failing: 23514", "last: 2"}));
    EXPECT_EQ(counted.front().front().get<std::int64_t>("n"), 2);
    EXPECT_FALSE(connection->broken());
}

TEST_F(ConnectionToPostgres, sends_more_behind_a_batch_than_a_socket_holds) {
    std::vector<std::string> answers;
    Batch slow, large;
    slow.add(kSleep);
    large.add(kSize, one(std::string(4'000'000, 'x')));
    asio::co_spawn(io, run_into(*connection, std::move(slow), answers, "slow"), asio::detached);
    auto sizes = send(std::move(large));
    EXPECT_EQ(sizes.front().front().get<std::int64_t>("n"), 4'000'000);
    EXPECT_EQ(answers, std::vector<std::string>{"slow: 1"});
}

}  // namespace
}  // namespace parley::store

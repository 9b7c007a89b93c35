#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/pool.hpp"
#include "support/database.hpp"
#include "support/db_error.hpp"

namespace parley::store {
namespace {

const Statement kInsert{"insert", "INSERT INTO things VALUES ($1::bigint) RETURNING n"};
const Statement kCount{"count", "SELECT count(*) AS n FROM things"};

Batch inserting(std::int64_t n) {
    Params params;
    params.add(n);
    Batch batch;
    batch.add(kInsert, std::move(params));
    return batch;
}

enum class Ending { none, commit, run_and_commit, throws, refused };

awaitable<std::vector<Rows>> insert_two(Pool& pool, Ending ending) {
    auto transaction = co_await Transaction::begin(pool);
    auto rows = co_await transaction.run(inserting(1));
    auto last = co_await transaction.run(ending == Ending::refused ? inserting(-1) : inserting(2));
    rows.push_back(std::move(last.front()));
    if (ending == Ending::throws) throw std::runtime_error("on the way");
    if (ending == Ending::commit) co_await transaction.commit();
    if (ending == Ending::run_and_commit) {
        auto third = co_await transaction.run_and_commit(inserting(3));
        for (auto& more : third) rows.push_back(std::move(more));
    }
    co_return rows;
}

awaitable<std::vector<Rows>> insert_and_commit_at_once(Pool& pool, std::int64_t n) {
    auto transaction = co_await Transaction::begin(pool);
    co_return co_await transaction.run_and_commit(inserting(n));
}

awaitable<void> commit_nothing(Pool& pool) {
    auto transaction = co_await Transaction::begin(pool);
    co_await transaction.commit();
}

awaitable<std::int64_t> count_inside_and_leave(Pool& pool) {
    auto transaction = co_await Transaction::begin(pool);
    co_await transaction.run(inserting(1));
    Batch counting;
    counting.add(kCount);
    auto rows = co_await transaction.run(std::move(counting));
    co_return rows.front().front().get<std::int64_t>("n");
}

class TransactionGuard : public ::testing::Test {
  protected:
    TransactionGuard() { database.execute("CREATE TABLE things (n bigint CHECK (n > 0))"); }
    std::string stored() const { return database.value("SELECT string_agg(n::text, ',' ORDER BY n) FROM things"); }

    test::Database database{false};
    asio::io_context io;
    Pool pool{io, database.options(), 1};
};

TEST_F(TransactionGuard, rolls_back_what_was_not_committed) {
    EXPECT_EQ(test::run(io, insert_two(pool, Ending::none)).size(), 2u);
    EXPECT_NO_THROW(test::run(io, pool.query("ping")));
    EXPECT_EQ(stored(), "");
    EXPECT_EQ(pool.open_connections(), 1u);
}

TEST_F(TransactionGuard, sees_its_own_rows) {
    EXPECT_EQ(test::run(io, count_inside_and_leave(pool)), 1);
}

TEST_F(TransactionGuard, keeps_what_was_committed) {
    auto rows = test::run(io, insert_two(pool, Ending::commit));
    EXPECT_EQ(rows[1].front().get<int>("n"), 2);
    EXPECT_EQ(stored(), "1,2");
}

TEST_F(TransactionGuard, commits_together_with_its_last_statements) {
    auto rows = test::run(io, insert_two(pool, Ending::run_and_commit));
    ASSERT_EQ(rows.size(), 3u) << "neither BEGIN nor COMMIT has rows of its own";
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(rows[i].front().get<std::size_t>("n"), i + 1);
    EXPECT_EQ(stored(), "1,2,3");
    EXPECT_EQ(pool.idle_connections(), 1u) << "nothing is left to roll back";
}

TEST_F(TransactionGuard, may_be_one_batch) {
    auto rows = test::run(io, insert_and_commit_at_once(pool, 7));
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].front().get<int>("n"), 7);
    EXPECT_EQ(stored(), "7");
}

TEST_F(TransactionGuard, stores_nothing_when_a_statement_is_refused) {
    auto error = test::db_error_of([&] { test::run(io, insert_two(pool, Ending::refused)); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->sqlstate(), "23514");
    EXPECT_TRUE(test::db_error_of([&] { test::run(io, insert_and_commit_at_once(pool, -1)); }));
    EXPECT_NO_THROW(test::run(io, pool.query("ping")));
    EXPECT_EQ(stored(), "");
    EXPECT_EQ(pool.open_connections(), 1u);
}

TEST_F(TransactionGuard, rolls_back_when_the_work_throws) {
    EXPECT_THROW(test::run(io, insert_two(pool, Ending::throws)), std::runtime_error);
    EXPECT_NO_THROW(test::run(io, pool.query("ping")));
    EXPECT_EQ(stored(), "");
}

TEST_F(TransactionGuard, may_be_empty) {
    EXPECT_NO_THROW(test::run(io, commit_nothing(pool)));
    EXPECT_EQ(pool.idle_connections(), 1u);
}

}  // namespace
}  // namespace parley::store

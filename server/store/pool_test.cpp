#include "store/pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/database.hpp"
#include "support/db_error.hpp"

namespace parley::store {
namespace {

using namespace std::chrono_literals;

const Statement kBackend{"backend", "SELECT pg_backend_pid() AS pid"};
const Statement kInsert{"insert", "INSERT INTO things VALUES (1)"};
const Statement kWrong{"wrong", "SELECT 1 / 0"};
const Statement kBegin{"begin", "BEGIN"};
constexpr const char* kNobody = "postgresql://parley@127.0.0.1:1/parley";

/// What several coroutines did, in order, for a test that waits until they are over.
struct Diary {
    explicit Diary(asio::io_context& io) : changed(io.get_executor()) {}
    void finish() {
        ++finished;
        changed.notify();
    }
    awaitable<void> wait_for(std::size_t count) {
        while (finished < count)
            if (!co_await changed.wait_for(20s)) throw std::runtime_error("nothing more happens");
    }
    std::vector<int> turns;
    std::size_t finished = 0;
    Signal changed;
};

awaitable<void> take_turn(Pool& pool, Diary& diary, int who) {
    {
        auto lease = co_await pool.acquire();
        diary.turns.push_back(who);
        co_await lease->query(kBackend);
    }
    diary.finish();
}

/// Borrows, lets `others` queue up behind it, gives back.
awaitable<void> hold_while_others_come(asio::io_context& io, Pool& pool, Diary& diary, int others) {
    auto lease = co_await pool.acquire();
    for (int who = 1; who <= others; ++who) asio::co_spawn(io, take_turn(pool, diary, who), asio::detached);
    co_await lease->query(kBackend);
}

awaitable<void> turns_of(asio::io_context& io, Pool& pool, Diary& diary, int others) {
    co_await hold_while_others_come(io, pool, diary, others);
    co_await diary.wait_for(static_cast<std::size_t>(others));
}

awaitable<void> come_back_at_once(asio::io_context& io, Pool& pool, Diary& diary) {
    co_await hold_while_others_come(io, pool, diary, 3);
    co_await take_turn(pool, diary, 99);
    co_await diary.wait_for(4);
}

/// Fails with DbError: what kind, and how long it took.
struct Refusal {
    std::optional<DbError> error;
    std::chrono::steady_clock::duration after{};
};

awaitable<void> try_to_borrow(Pool& pool, std::vector<Refusal>& refusals, Diary& diary) {
    auto began = std::chrono::steady_clock::now();
    Refusal refusal;
    try {
        auto lease = co_await pool.acquire();
    } catch (const DbError& error) {
        refusal.error = error;
    }
    refusal.after = std::chrono::steady_clock::now() - began;
    refusals.push_back(std::move(refusal));
    diary.finish();
}

awaitable<void> all_try_to_borrow(asio::io_context& io, Pool& pool, std::vector<Refusal>& refusals, Diary& diary,
                                  std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) asio::co_spawn(io, try_to_borrow(pool, refusals, diary), asio::detached);
    co_await diary.wait_for(count);
}

awaitable<Refusal> borrow_while_all_are_out(Pool& pool) {
    auto held = co_await pool.acquire();
    Refusal refusal;
    auto began = std::chrono::steady_clock::now();
    try {
        auto another = co_await pool.acquire();
    } catch (const DbError& error) {
        refusal.error = error;
    }
    refusal.after = std::chrono::steady_clock::now() - began;
    co_return refusal;
}

awaitable<int> borrow_backend(Pool& pool) {
    auto lease = co_await pool.acquire();
    auto rows = co_await lease->query(kBackend);
    co_return rows.front().get<int>("pid");
}

awaitable<void> fail_with_a_lease(Pool& pool) {
    auto lease = co_await pool.acquire();
    co_await lease->query(kWrong);
}

awaitable<void> leave_a_transaction_open(Pool& pool) {
    auto lease = co_await pool.acquire();
    co_await lease->query(kBegin);
    co_await lease->query(kInsert);
}

class PoolOfConnections : public ::testing::Test {
  protected:
    test::Database database{false};
    asio::io_context io;
};

TEST_F(PoolOfConnections, opens_when_needed_and_uses_again) {
    Pool pool(io, database.options(), 3);
    EXPECT_EQ(pool.open_connections(), 0u);
    auto first = test::run(io, borrow_backend(pool));
    EXPECT_EQ(test::run(io, borrow_backend(pool)), first);
    EXPECT_EQ(pool.open_connections(), 1u);
    EXPECT_EQ(pool.idle_connections(), 1u);
}

TEST_F(PoolOfConnections, wakes_those_who_wait_in_the_order_in_which_they_came) {
    Pool pool(io, database.options(), 1);
    Diary diary(io);
    test::run(io, turns_of(io, pool, diary, 6));
    EXPECT_EQ(diary.turns, (std::vector{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(pool.open_connections(), 1u);
    EXPECT_EQ(pool.idle_connections(), 1u);
}

TEST_F(PoolOfConnections, lets_nobody_overtake_those_who_wait) {
    Pool pool(io, database.options(), 1);
    Diary diary(io);
    test::run(io, come_back_at_once(io, pool, diary));
    EXPECT_EQ(diary.turns, (std::vector{1, 2, 3, 99}));
}

TEST_F(PoolOfConnections, never_opens_more_than_its_size) {
    Pool pool(io, database.options(), 2);
    Diary diary(io);
    test::run(io, turns_of(io, pool, diary, 20));
    EXPECT_EQ(diary.turns.size(), 20u);
    EXPECT_EQ(pool.open_connections(), 2u);
    EXPECT_EQ(database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                             "application_name = 'parley'"),
              "2");
}

TEST_F(PoolOfConnections, lets_nobody_wait_longer_than_two_seconds) {
    Pool pool(io, database.options(), 1);
    auto refusal = test::run(io, borrow_while_all_are_out(pool));
    ASSERT_TRUE(refusal.error);
    EXPECT_EQ(refusal.error->kind(), DbErrorKind::gone);
    EXPECT_GE(refusal.after, 1900ms);
    EXPECT_LT(refusal.after, 10s);
    EXPECT_NO_THROW(test::run(io, borrow_backend(pool)));
}

TEST_F(PoolOfConnections, gets_its_connection_back_after_a_failure) {
    Pool pool(io, database.options(), 1);
    auto before = test::run(io, borrow_backend(pool));
    auto error = test::db_error_of([&] { test::run(io, fail_with_a_lease(pool)); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->sqlstate(), "22012");
    EXPECT_EQ(pool.idle_connections(), 1u);
    EXPECT_EQ(test::run(io, borrow_backend(pool)), before);
}

TEST_F(PoolOfConnections, rolls_back_what_was_left_open_before_anybody_else_gets_it) {
    database.execute("CREATE TABLE things (n integer)");
    Pool pool(io, database.options(), 1);
    auto before = test::run(io, borrow_backend(pool));
    test::run(io, leave_a_transaction_open(pool));
    EXPECT_EQ(pool.idle_connections(), 0u);
    EXPECT_EQ(test::run(io, borrow_backend(pool)), before);
    EXPECT_EQ(database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE "
                             "'idle in transaction%'"),
              "0");
    EXPECT_EQ(database.value("SELECT count(*) FROM things"), "0");
}

TEST_F(PoolOfConnections, replaces_an_idle_connection_that_the_server_closed) {
    Pool pool(io, database.options(), 1);
    auto before = test::run(io, borrow_backend(pool));
    database.execute("SELECT pg_terminate_backend(" + std::to_string(before) + ", 10000)");
    int after = 0;
    EXPECT_NO_THROW(after = test::run(io, borrow_backend(pool)));
    EXPECT_NE(after, before);
    EXPECT_EQ(pool.open_connections(), 1u);
}

TEST_F(PoolOfConnections, fails_fast_while_the_server_is_away) {
    Pool pool(io, {.conninfo = kNobody}, 4);
    auto first = test::db_error_of([&] { test::run(io, borrow_backend(pool)); });
    ASSERT_TRUE(first);
    EXPECT_EQ(first->kind(), DbErrorKind::gone);
    auto second = test::db_error_of([&] { test::run(io, borrow_backend(pool)); });
    ASSERT_TRUE(second);
    EXPECT_EQ(std::string(second->what()), "the database is away") << "no second attempt so soon";
    EXPECT_EQ(pool.open_connections(), 0u);
}

TEST_F(PoolOfConnections, lets_nobody_wait_for_a_server_that_is_away) {
    Pool pool(io, {.conninfo = kNobody}, 1);
    Diary diary(io);
    std::vector<Refusal> refusals;
    test::run(io, all_try_to_borrow(io, pool, refusals, diary, 5));
    ASSERT_EQ(refusals.size(), 5u);
    for (const auto& refusal : refusals) {
        ASSERT_TRUE(refusal.error);
        EXPECT_EQ(refusal.error->kind(), DbErrorKind::gone);
        EXPECT_LT(refusal.after, 1500ms) << refusal.error->what();
    }
}

awaitable<int> borrow_as_soon_as_possible(asio::io_context& io, Pool& pool) {
    for (auto until = std::chrono::steady_clock::now() + 20s; std::chrono::steady_clock::now() < until;) {
        try {
            co_return co_await borrow_backend(pool);
        } catch (const DbError&) {
        }
        co_await sleep_for(io.get_executor(), 10ms);
    }
    throw std::runtime_error("the pool does not recover");
}

TEST_F(PoolOfConnections, tries_again_after_a_while) {
    auto name = database.value("SELECT current_database() || '_later'");
    Pool pool(io, {.conninfo = test::cluster_address(name)}, 1);
    EXPECT_TRUE(test::db_error_of([&] { test::run(io, borrow_backend(pool)); }));
    database.execute("CREATE DATABASE " + name);
    EXPECT_GT(test::run(io, borrow_as_soon_as_possible(io, pool)), 0);
    database.execute("DROP DATABASE " + name + " WITH (FORCE)");
}

awaitable<void> hold_for_ever(asio::io_context& io, Pool& pool, Diary& diary) {
    auto lease = co_await pool.acquire();
    diary.finish();
    co_await sleep_for(io.get_executor(), 24h);
}

awaitable<void> start_to_hold(asio::io_context& io, Pool& pool, Diary& diary) {
    asio::co_spawn(io, hold_for_ever(io, pool, diary), asio::detached);
    co_await diary.wait_for(1);
}

// The parts of a server end before the io_context that still keeps what they were doing.
TEST_F(PoolOfConnections, may_end_before_its_leases) {
    auto stopped = std::make_unique<asio::io_context>();
    auto diary = std::make_unique<Diary>(*stopped);
    auto pool = std::make_unique<Pool>(*stopped, database.options(), 1);
    test::run(*stopped, start_to_hold(*stopped, *pool, *diary));
    EXPECT_EQ(pool->open_connections(), 1u);
    pool.reset();
    diary.reset();
    EXPECT_NO_THROW(stopped.reset());
}

TEST_F(PoolOfConnections, runs_batches_and_named_statements) {
    Pool pool(io, database.options(), 1);
    Batch batch;
    batch.add("ping").add("ping");
    EXPECT_EQ(test::run(io, pool.run(std::move(batch))).size(), 2u);
    EXPECT_EQ(test::run(io, pool.query("ping")).front().get<int>("one"), 1);
}

awaitable<void> note_backend(Pool& pool, Diary& diary) {
    Batch batch;
    batch.add(kBackend);
    auto rows = co_await pool.run_in_line(std::move(batch));
    diary.turns.push_back(rows.front().front().get<int>("pid"));
    diary.finish();
}

TEST_F(PoolOfConnections, runs_batches_in_line_on_one_connection) {
    Pool pool(io, database.options(), 3);
    Diary diary(io);
    test::run(io, note_backend(pool, diary));
    for (int i = 0; i < 3; ++i) asio::co_spawn(io, note_backend(pool, diary), asio::detached);
    test::run(io, diary.wait_for(4));
    EXPECT_EQ(pool.open_connections(), 1u);
    EXPECT_EQ(pool.idle_connections(), 1u);
    EXPECT_EQ(std::ranges::count(diary.turns, diary.turns.front()), 4);
}

}  // namespace
}  // namespace parley::store

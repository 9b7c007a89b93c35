// What a connection makes of a server that is slow, hangs, ends or is not there.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>

#include "store/connection.hpp"
#include "support/database.hpp"
#include "support/db_error.hpp"

namespace parley::store {
namespace {

using namespace std::chrono_literals;

const Statement kOne{"one", "SELECT 1 AS n"};
const Statement kSleep{"sleep", "SELECT pg_sleep(30)"};
const Statement kBackend{"backend", "SELECT pg_backend_pid() AS pid"};
const Statement kEndMyself{"end_myself", "SELECT pg_terminate_backend(pg_backend_pid())"};
const Statement kLock{"lock", "LOCK TABLE things"};

/// A server process that stands still as long as this lives.
class Stopped {
  public:
    explicit Stopped(pid_t pid) : pid_(pid) { kill(pid_, SIGSTOP); }
    ~Stopped() { kill(pid_, SIGCONT); }
    Stopped(const Stopped&) = delete;
    Stopped& operator=(const Stopped&) = delete;

  private:
    pid_t pid_;
};

class FailingServer : public ::testing::Test {
  protected:
    std::unique_ptr<Connection> open(ConnectionOptions options) {
        return test::run(io, Connection::open(io.get_executor(), std::move(options)));
    }
    Rows query(Connection& connection, const Statement& statement) {
        return test::run(io, connection.query(statement));
    }
    pid_t backend_of(Connection& connection) { return query(connection, kBackend).front().get<int>("pid"); }
    void end(pid_t backend) { database.execute("SELECT pg_terminate_backend(" + std::to_string(backend) + ", 10000)"); }

    test::Database database{false};
    asio::io_context io;
};

TEST_F(FailingServer, ends_a_statement_that_takes_too_long) {
    auto options = database.options();
    options.statement_timeout = 50ms;
    auto connection = open(options);
    auto error = test::db_error_of([&] { query(*connection, kSleep); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), DbErrorKind::gone);
    EXPECT_EQ(error->sqlstate(), "57014");
    EXPECT_FALSE(connection->broken()) << "the server answered";
    EXPECT_EQ(query(*connection, kOne).front().get<int>("n"), 1);
}

TEST_F(FailingServer, ends_the_wait_for_a_lock) {
    database.execute("CREATE TABLE things ()");
    auto options = database.options();
    auto holder = open(options);
    options.statement_timeout = 50ms;
    auto waiting = open(options);
    const Statement begin{"begin", "BEGIN"};
    query(*holder, begin);
    query(*holder, kLock);
    auto error = test::db_error_of([&] { query(*waiting, kLock); });
    ASSERT_TRUE(error);
    EXPECT_NE(error->kind(), DbErrorKind::bug);
    EXPECT_NE(error->kind(), DbErrorKind::data);
}

TEST_F(FailingServer, is_given_up_when_it_hangs) {
    auto options = database.options();
    options.answer_timeout = 200ms;
    auto connection = open(options);
    Stopped hanging(backend_of(*connection));
    auto began = std::chrono::steady_clock::now();
    auto error = test::db_error_of([&] { query(*connection, kOne); });
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), DbErrorKind::gone);
    EXPECT_EQ(error->sqlstate(), "");
    EXPECT_TRUE(connection->broken());
    EXPECT_FALSE(connection->still_open());
    auto after = test::db_error_of([&] { query(*connection, kOne); });
    ASSERT_TRUE(after) << "a broken connection stays broken";
    EXPECT_EQ(after->kind(), DbErrorKind::gone);
}

awaitable<void> expect_gone(Connection& connection, int& gone) {
    try {
        co_await connection.query(kOne);
    } catch (const DbError& error) {
        gone += error.kind() == DbErrorKind::gone;
    }
}

TEST_F(FailingServer, is_given_up_by_all_who_wait_for_it) {
    auto options = database.options();
    options.answer_timeout = 200ms;
    auto connection = open(options);
    Stopped hanging(backend_of(*connection));
    int gone = 0;
    for (int i = 0; i < 2; ++i) asio::co_spawn(io, expect_gone(*connection, gone), asio::detached);
    test::run(io, expect_gone(*connection, gone));
    test::drain(io);
    EXPECT_EQ(gone, 3);
}

TEST_F(FailingServer, is_given_up_when_it_stops_reading) {
    auto options = database.options();
    options.answer_timeout = 300ms;
    auto connection = open(options);
    const Statement size{"size", "SELECT octet_length($1::text) AS n"};
    Stopped hanging(backend_of(*connection));
    Params params;
    params.add(std::string(8 * 1024 * 1024, 'x'));
    auto error = test::db_error_of([&] { test::run(io, connection->query(size, std::move(params))); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), DbErrorKind::gone);
    EXPECT_TRUE(connection->broken());
}

TEST_F(FailingServer, that_was_terminated_while_idle_is_noticed_before_use) {
    auto connection = open(database.options());
    auto backend = backend_of(*connection);
    EXPECT_TRUE(connection->still_open());
    end(backend);
    EXPECT_FALSE(connection->still_open());
    EXPECT_TRUE(connection->broken());
}

TEST_F(FailingServer, that_was_terminated_while_idle_is_gone_when_used) {
    auto connection = open(database.options());
    end(backend_of(*connection));
    auto error = test::db_error_of([&] { query(*connection, kOne); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), DbErrorKind::gone);
    EXPECT_TRUE(connection->broken());
}

TEST_F(FailingServer, that_ends_in_the_middle_of_a_batch_is_gone) {
    auto connection = open(database.options());
    Batch batch;
    batch.add(kOne).add(kEndMyself).add(kOne).add(kSleep);
    auto error = test::db_error_of([&] { test::run(io, connection->run(std::move(batch))); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), DbErrorKind::gone);
    EXPECT_TRUE(connection->broken());
}

TEST_F(FailingServer, that_is_terminated_at_work_is_gone) {
    auto connection = open(database.options());
    auto backend = backend_of(*connection);
    Timer soon(io.get_executor(), 50ms);
    soon.async_wait([&](boost::system::error_code) { end(backend); });
    auto error = test::db_error_of([&] { query(*connection, kSleep); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), DbErrorKind::gone);
    EXPECT_TRUE(connection->broken());
}

TEST_F(FailingServer, that_pauses_for_less_than_the_limit_is_waited_for) {
    auto connection = open(database.options());
    auto paused = std::make_unique<Stopped>(backend_of(*connection));
    Timer soon(io.get_executor(), 50ms);
    soon.async_wait([&](boost::system::error_code) { paused.reset(); });
    EXPECT_EQ(query(*connection, kOne).front().get<int>("n"), 1);
}

TEST_F(FailingServer, that_is_not_there_is_told_with_a_reason) {
    auto options = database.options();
    options.conninfo = "postgresql://parley@127.0.0.1:1/parley";
    auto error = test::db_error_of([&] { open(options); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), DbErrorKind::gone);
    EXPECT_NE(std::string(error->what()).find("refused"), std::string::npos) << error->what();
}

TEST_F(FailingServer, that_has_no_such_database_is_gone) {
    auto options = database.options();
    options.conninfo = test::cluster_address("no_such_database");
    auto error = test::db_error_of([&] { open(options); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), DbErrorKind::gone);
    EXPECT_TRUE(test::db_error_of([&] { open({.conninfo = "nonsense"}); }));
    EXPECT_TRUE(test::db_error_of([&] { open({.conninfo = "postgresql://[bad"}); }));
}

TEST_F(FailingServer, that_accepts_and_says_nothing_is_given_up) {
    TcpAcceptor silent(io.get_executor(), {asio::ip::address_v4::loopback(), 0});
    auto port = std::to_string(silent.local_endpoint().port());
    ConnectionOptions options{.conninfo = "postgresql://parley@127.0.0.1:" + port + "/parley"};
    options.connect_timeout = 100ms;
    auto error = test::db_error_of([&] { open(options); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), DbErrorKind::gone);
}

}  // namespace
}  // namespace parley::store

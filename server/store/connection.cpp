#include "store/connection.hpp"

#include <poll.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <exception>

namespace parley::store {
namespace {

DbError error_of(const PGresult* result) {
    auto field = [&](int code) {
        const char* text = PQresultErrorField(result, code);
        return std::string(text ? text : "");
    };
    auto sqlstate = field(PG_DIAG_SQLSTATE);
    // The primary message names columns and rules; DETAIL would quote the values, which are personal.
    return DbError(kind_of_sqlstate(sqlstate), sqlstate, field(PG_DIAG_CONSTRAINT_NAME),
                   sqlstate + " " + field(PG_DIAG_MESSAGE_PRIMARY));
}

struct ResultGuard {
    PGresult* result;
    explicit ResultGuard(PGresult* r) : result(r) {}
    ResultGuard(const ResultGuard&) = delete;
    ResultGuard& operator=(const ResultGuard&) = delete;
    ~ResultGuard() { PQclear(result); }
};

}  // namespace

Batch& Batch::add(const Statement& s, Params params) {
    steps_.push_back({&s, std::move(params)});
    return *this;
}

Batch& Batch::append(Batch other) {
    std::move(other.steps_.begin(), other.steps_.end(), std::back_inserter(steps_));
    return *this;
}

Connection::Connection(Executor executor, ConnectionOptions options)
    : executor_(executor),
      options_(std::move(options)),
      socket_(executor),
      watchdog_(executor),
      turn_(executor, Timer::time_point::max()) {}

Connection::~Connection() {
    watchdog_.cancel();
    if (socket_.is_open()) socket_.release();
    PQfinish(pg_);
}

void Connection::fail(const char* doing) {
    broken_ = true;
    std::string message = pg_ ? PQerrorMessage(pg_) : "out of memory";
    while (!message.empty() && message.back() == '\n') message.pop_back();
    throw DbError(DbErrorKind::gone, "", "", std::string(doing) + ": " + message);
}

awaitable<void> Connection::wait_for_socket(bool readable, bool writable) {
    using namespace asio::experimental::awaitable_operators;
    using Wait = asio::posix::descriptor_base;
    if (readable && writable) {
        try {
            co_await (socket_.async_wait(Wait::wait_read, use_awaitable) ||
                      socket_.async_wait(Wait::wait_write, use_awaitable));
        } catch (const asio::multiple_exceptions& both) {
            // Cancelled: both waits fail alike.
            std::rethrow_exception(both.first_exception());
        }
    } else {
        co_await socket_.async_wait(readable ? Wait::wait_read : Wait::wait_write, use_awaitable);
    }
}

void Connection::give_up() {
    broken_ = true;
    watchdog_.cancel();
    turn_.cancel();
}

void Connection::watch(std::chrono::milliseconds timeout) {
    watchdog_.expires_after(timeout);
    watchdog_.async_wait([this, alive = std::weak_ptr<bool>(alive_)](boost::system::error_code cancelled) {
        if (cancelled || alive.expired()) return;
        broken_ = true;
        socket_.cancel();
    });
}

awaitable<std::unique_ptr<Connection>> Connection::open(Executor executor, ConnectionOptions options) {
    std::unique_ptr<Connection> connection(new Connection(executor, std::move(options)));
    try {
        co_await connection->connect();
    } catch (const boost::system::system_error&) {
        throw DbError(DbErrorKind::gone, "", "", "connecting to the database timed out");
    }
    co_return connection;
}

awaitable<void> Connection::connect() {
    auto timeout = std::to_string(options_.statement_timeout.count());
    // What every session needs: UTC so that times parse, and limits so that nothing waits for ever.
    auto settings = "-c TimeZone=UTC -c DateStyle=ISO -c statement_timeout=" + timeout + " -c lock_timeout=" + timeout +
                    " -c idle_in_transaction_session_timeout=30000 -c jit=off";
    const char* keys[] = {"dbname",           "options",         "application_name",     "client_encoding",
                          "tcp_user_timeout", "keepalives_idle", "target_session_attrs", nullptr};
    const char* values[] = {
        options_.conninfo.c_str(), settings.c_str(), "parley", "UTF8", "15000", "30", "read-write", nullptr};
    pg_ = PQconnectStartParams(keys, values, 1);
    if (!pg_ || PQstatus(pg_) == CONNECTION_BAD) fail("connecting to the database");
    watch(options_.connect_timeout);
    auto state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        if (state == PGRES_POLLING_FAILED) fail("connecting to the database");
        // libpq may open another socket between two steps (several hosts, TLS fallback).
        socket_.assign(PQsocket(pg_));
        bool reading = state == PGRES_POLLING_READING;
        try {
            co_await wait_for_socket(reading, !reading);
        } catch (...) {
            socket_.release();
            throw;
        }
        socket_.release();
        state = PQconnectPoll(pg_);
    }
    watchdog_.cancel();
    if (PQsetnonblocking(pg_, 1) != 0 || PQenterPipelineMode(pg_) != 1) fail("preparing the connection");
    // Notices ("relation already exists, skipping") are not ours to print.
    PQsetNoticeProcessor(pg_, [](void*, const char*) {}, nullptr);
    socket_.assign(PQsocket(pg_));
}

bool Connection::still_open() {
    if (broken_) return false;
    pollfd descriptor{PQsocket(pg_), POLLIN, 0};
    // Something arrived unasked: a notice, or the server's farewell and after it the end of the connection.
    while (!broken_ && poll(&descriptor, 1, 0) != 0)
        broken_ = PQconsumeInput(pg_) != 1 || PQstatus(pg_) != CONNECTION_OK;
    return !broken_;
}

awaitable<PGresult*> Connection::next_result() {
    while (PQisBusy(pg_)) {
        co_await wait_for_socket(true, false);
        if (PQconsumeInput(pg_) != 1) fail("reading from the database");
    }
    co_return PQgetResult(pg_);
}

awaitable<std::vector<Rows>> Connection::run(Batch batch) {
    if (broken_) fail("using a broken connection");
    // Before anything is executed, so that a statement that fails leaves none unprepared that later batches count on.
    std::vector<const Statement*> preparing;
    for (const auto& step : batch.steps_) {
        if (!prepared_.insert(step.statement).second) continue;
        preparing.push_back(step.statement);
        if (PQsendPrepare(pg_, step.statement->name.c_str(), step.statement->sql.c_str(), 0, nullptr) != 1)
            fail("sending a statement");
    }
    for (const auto& step : batch.steps_) {
        const auto& params = step.params.values();
        std::vector<const char*> values;
        std::vector<int> lengths, formats;
        values.reserve(params.size());
        lengths.reserve(params.size());
        formats.reserve(params.size());
        for (const auto& param : params) {
            values.push_back(param.null ? nullptr : param.data.c_str());
            lengths.push_back(static_cast<int>(param.data.size()));
            formats.push_back(param.binary ? 1 : 0);
        }
        if (PQsendQueryPrepared(pg_, step.statement->name.c_str(), static_cast<int>(params.size()), values.data(),
                                lengths.data(), formats.data(), 0) != 1)
            fail("sending a statement");
    }
    if (PQpipelineSync(pg_) != 1 || PQflush(pg_) < 0) fail("sending a batch");

    // Answers come in the order of the batches; whose turn it is also sends what could not be sent at once.
    auto number = batches_sent_++;
    while (number != batches_answered_ && !broken_) {
        boost::system::error_code woken;
        co_await turn_.async_wait(asio::redirect_error(use_awaitable, woken));
    }
    if (broken_) fail("using a broken connection");
    std::vector<Rows> rows;
    rows.reserve(batch.size());
    std::optional<DbError> error;
    std::size_t answered = 0;
    watch(options_.answer_timeout);
    try {
        for (int unsent = PQflush(pg_); unsent != 0; unsent = PQflush(pg_)) {
            if (unsent < 0) fail("writing to the database");
            // The server may stop reading until its answers are taken, so both directions are watched.
            co_await wait_for_socket(true, true);
            if (PQconsumeInput(pg_) != 1) fail("reading from the database");
        }
        for (bool synced = false; !synced;) {
            PGresult* result = co_await next_result();
            if (!result) continue;  // the end of one statement's results
            ResultGuard guard(result);
            auto status = PQresultStatus(result);
            if (status == PGRES_PIPELINE_SYNC) {
                synced = true;
                continue;
            }
            const Statement* prepared = answered < preparing.size() ? preparing[answered] : nullptr;
            ++answered;
            if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
                if (!prepared) rows.emplace_back(std::exchange(guard.result, nullptr));
                continue;
            }
            // Failed, or skipped because an earlier one failed.
            if (prepared) prepared_.erase(prepared);
            if (status == PGRES_FATAL_ERROR && !error) error = error_of(result);
        }
    } catch (const boost::system::system_error&) {
        give_up();
        throw DbError(DbErrorKind::gone, "", "", "the database did not answer in time");
    } catch (...) {
        give_up();
        throw;
    }
    watchdog_.cancel();
    ++batches_answered_;
    if (PQstatus(pg_) != CONNECTION_OK) broken_ = true;
    turn_.cancel();
    if (error) throw *error;
    co_return rows;
}

awaitable<Rows> Connection::query(const Statement& s, Params params) {
    Batch batch;
    batch.add(s, std::move(params));
    auto results = co_await run(std::move(batch));
    co_return std::move(results.front());
}

awaitable<Rows> Connection::query(std::string_view name, Params params) {
    co_return co_await query(statement(name), std::move(params));
}

}  // namespace parley::store

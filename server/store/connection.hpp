// One PostgreSQL connection, driven without blocking: libpq in pipeline mode under a coroutine.
#pragma once

#include <libpq-fe.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/async.hpp"
#include "store/error.hpp"
#include "store/params.hpp"
#include "store/rows.hpp"
#include "store/statement.hpp"

namespace parley::store {

/// Statements that travel together: one write, one answer. They run in order; the first that fails ends the batch.
class Batch {
  public:
    Batch& add(const Statement& statement, Params params = {});
    Batch& add(std::string_view name, Params params = {}) { return add(statement(name), std::move(params)); }
    /// Adds all statements of `other` behind these.
    Batch& append(Batch other);
    std::size_t size() const { return steps_.size(); }
    bool empty() const { return steps_.empty(); }

  private:
    friend class Connection;
    struct Step {
        const Statement* statement;
        Params params;
    };
    std::vector<Step> steps_;
};

struct ConnectionOptions {
    std::string conninfo;                                 ///< libpq's key=value form or a postgresql:// URL
    std::chrono::milliseconds statement_timeout{10'000};  ///< enforced by the server
    std::chrono::milliseconds answer_timeout{15'000};     ///< for a server that hangs: then the connection is given up
    std::chrono::milliseconds connect_timeout{5'000};
};

/// A batch may be run while others are: it is sent behind them and answered after them. Whoever opens a transaction
/// must be alone. Any failure other than an error answer of the server leaves it broken.
class Connection {
  public:
    /// Throws DbError (gone) when the server cannot be reached or refuses.
    static awaitable<std::unique_ptr<Connection>> open(Executor executor, ConnectionOptions options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Runs the batch; the result has one Rows per statement. Throws DbError. Outside an explicit transaction the batch
    /// is one implicit transaction.
    awaitable<std::vector<Rows>> run(Batch batch);
    awaitable<Rows> query(const Statement& statement, Params params = {});
    awaitable<Rows> query(std::string_view name, Params params = {});

    bool broken() const { return broken_; }
    bool in_transaction() const { return PQtransactionStatus(pg_) != PQTRANS_IDLE; }
    /// Looks, without waiting, whether the server closed the connection while it lay idle.
    bool still_open();

  private:
    friend class Listener;
    Connection(Executor executor, ConnectionOptions options);
    awaitable<void> connect();
    awaitable<void> wait_for_socket(bool readable, bool writable);
    awaitable<PGresult*> next_result();
    void give_up();
    void watch(std::chrono::milliseconds timeout);
    [[noreturn]] void fail(const char* doing);

    Executor executor_;
    ConnectionOptions options_;
    PGconn* pg_ = nullptr;
    asio::posix::basic_stream_descriptor<Executor> socket_;
    Timer watchdog_;
    std::unordered_set<const Statement*> prepared_;
    std::size_t batches_sent_ = 0;
    std::size_t batches_answered_ = 0;
    Timer turn_;  // never expires; cancelled when another batch was answered
    bool broken_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for timer handlers that are already queued
};

}  // namespace parley::store

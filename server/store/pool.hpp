// A bounded set of connections. Coroutines borrow one, use it alone and give it back.
#pragma once

#include <deque>
#include <list>
#include <memory>

#include "base/async.hpp"
#include "store/connection.hpp"

namespace parley::store {

class Pool;

/// A borrowed connection; goes back to its pool when the lease ends, after a ROLLBACK if a transaction was left open. A
/// lease that outlives its pool (a coroutine that the end of the program interrupts) closes its connection.
class Lease {
  public:
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

  private:
    friend class Pool;
    Lease(Pool& pool, std::unique_ptr<Connection> connection);
    Pool* pool_;
    std::weak_ptr<bool> pool_alive_;
    std::unique_ptr<Connection> connection_;
};

class Pool {
  public:
    Pool(asio::io_context& io, ConnectionOptions options, std::size_t size);
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Waits up to 2 s for a free connection. Throws DbError (gone) when none becomes free or the server is away; after
    /// a failed attempt to connect, callers fail at once until a back-off of 0.1 to 2 s has passed.
    awaitable<Lease> acquire();

    /// Borrows, runs one batch or statement, gives back. A batch is one implicit transaction.
    awaitable<std::vector<Rows>> run(Batch batch);
    awaitable<Rows> query(std::string_view name, Params params = {});
    /// The same on one connection that all these batches share: each is sent at once and runs when those before it are
    /// over.
    awaitable<std::vector<Rows>> run_in_line(Batch batch);

    std::size_t open_connections() const { return open_; }
    std::size_t idle_connections() const { return idle_.size(); }

  private:
    friend class Lease;
    void give_back(std::unique_ptr<Connection> connection);
    awaitable<std::unique_ptr<Connection>> connect();
    void wake_one();
    awaitable<void> wait_for_turn();

    Executor executor_;
    ConnectionOptions options_;
    std::size_t size_;
    std::size_t open_ = 0;
    std::deque<std::unique_ptr<Connection>> idle_;
    std::list<Signal*> waiting_;
    std::weak_ptr<Lease> line_;
    std::size_t promised_ = 0;  // woken, but not yet here to take what was freed for them
    std::chrono::steady_clock::time_point retry_at_{};
    std::chrono::milliseconds back_off_{0};
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// A transaction as a guard: rolled back unless committed. Statements are sent with their neighbours; BEGIN travels
/// with the first batch and COMMIT with the last.
class Transaction {
  public:
    static awaitable<Transaction> begin(Pool& pool);

    awaitable<std::vector<Rows>> run(Batch batch);
    awaitable<Rows> query(std::string_view name, Params params = {});
    awaitable<void> commit();
    /// Runs the batch and commits in the same round trip.
    awaitable<std::vector<Rows>> run_and_commit(Batch batch);

  private:
    explicit Transaction(Lease lease) : lease_(std::move(lease)) {}
    Lease lease_;
    bool begun_ = false;
};

}  // namespace parley::store

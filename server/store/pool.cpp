#include "store/pool.hpp"

#include <algorithm>
#include <random>

#include "base/log.hpp"

namespace parley::store {
namespace {

using namespace std::chrono_literals;

constexpr auto kWaitForConnection = 2s;
constexpr auto kFirstBackOff = 100ms;
constexpr auto kLongestBackOff = 2s;

const Statement kBegin{"begin_transaction", "BEGIN"};
const Statement kCommit{"commit_transaction", "COMMIT"};
const Statement kRollback{"rollback_transaction", "ROLLBACK"};

awaitable<void> roll_back(std::shared_ptr<std::unique_ptr<Connection>> connection, std::function<void()> done) {
    try {
        co_await (*connection)->query(kRollback);
    } catch (const DbError& error) {
        // The connection is broken now, which ends the transaction as well.
        log::debug("rollback_failed", {{"reason", error.what()}});
    }
    done();
}

}  // namespace

Lease::Lease(Pool& pool, std::unique_ptr<Connection> connection)
    : pool_(&pool), pool_alive_(pool.alive_), connection_(std::move(connection)) {}

Lease::~Lease() {
    if (connection_ && !pool_alive_.expired()) pool_->give_back(std::move(connection_));
}

Pool::Pool(asio::io_context& io, ConnectionOptions options, std::size_t size)
    : executor_(io.get_executor()), options_(std::move(options)), size_(size) {}

void Pool::wake_one() {
    if (waiting_.empty()) return;
    waiting_.front()->notify();
    waiting_.pop_front();
    ++promised_;
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
    if (!connection->broken() && connection->in_transaction()) {
        auto shared = std::make_shared<std::unique_ptr<Connection>>(std::move(connection));
        auto done = [this, shared] {
            if (!(*shared)->broken() && (*shared)->in_transaction()) {
                --open_;
                wake_one();
                return;
            }
            give_back(std::move(*shared));
        };
        asio::co_spawn(executor_, roll_back(shared, std::move(done)), asio::detached);
        return;
    }
    if (connection->broken()) {
        --open_;
    } else {
        idle_.push_back(std::move(connection));
    }
    wake_one();
}

awaitable<std::unique_ptr<Connection>> Pool::connect() {
    auto now = std::chrono::steady_clock::now();
    if (now < retry_at_) {
        // Nobody waits for a database that is away.
        wake_one();
        throw DbError(DbErrorKind::gone, "", "", "the database is away");
    }
    ++open_;
    try {
        auto connection = co_await Connection::open(executor_, options_);
        if (back_off_ != 0ms) log::info("database_back");
        back_off_ = 0ms;
        co_return connection;
    } catch (const DbError& error) {
        --open_;
        wake_one();
        back_off_ = std::clamp<std::chrono::milliseconds>(back_off_ * 2, kFirstBackOff, kLongestBackOff);
        std::uniform_int_distribution<std::int64_t> jitter(back_off_.count() / 2, back_off_.count());
        std::minstd_rand random(static_cast<unsigned>(now.time_since_epoch().count()));
        retry_at_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(jitter(random));
        log::warn("database_unreachable", {{"sqlstate", error.sqlstate()}, {"reason", error.what()}});
        throw;
    } catch (...) {
        --open_;
        wake_one();
        throw;
    }
}

awaitable<void> Pool::wait_for_turn() {
    Signal freed(executor_);
    auto place = waiting_.insert(waiting_.end(), &freed);
    bool woken = false;
    try {
        woken = co_await freed.wait_for(kWaitForConnection);
    } catch (...) {
        if (std::erase(waiting_, &freed) == 0) {
            --promised_;
            wake_one();
        }
        throw;
    }
    if (woken) {
        --promised_;
        co_return;
    }
    waiting_.erase(place);
    throw DbError(DbErrorKind::gone, "", "", "no database connection became free");
}

awaitable<Lease> Pool::acquire() {
    // What was freed for those who wait already is not for who comes now.
    if (idle_.size() + (size_ - open_) <= promised_) co_await wait_for_turn();
    while (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        if (connection->still_open()) co_return Lease(*this, std::move(connection));
        --open_;
    }
    auto connection = co_await connect();
    co_return Lease(*this, std::move(connection));
}

awaitable<std::vector<Rows>> Pool::run(Batch batch) {
    auto lease = co_await acquire();
    co_return co_await lease->run(std::move(batch));
}

awaitable<std::vector<Rows>> Pool::run_in_line(Batch batch) {
    auto line = line_.lock();
    if (!line || (*line)->broken()) {
        line = std::make_shared<Lease>(co_await acquire());
        line_ = line;
    }
    co_return co_await (*line)->run(std::move(batch));
}

awaitable<Rows> Pool::query(std::string_view name, Params params) {
    auto lease = co_await acquire();
    co_return co_await lease->query(name, std::move(params));
}

awaitable<Transaction> Transaction::begin(Pool& pool) {
    auto lease = co_await pool.acquire();
    co_return Transaction(std::move(lease));
}

awaitable<std::vector<Rows>> Transaction::run(Batch batch) {
    if (begun_) co_return co_await lease_->run(std::move(batch));
    Batch opening;
    opening.add(kBegin).append(std::move(batch));
    begun_ = true;
    auto rows = co_await lease_->run(std::move(opening));
    rows.erase(rows.begin());
    co_return rows;
}

awaitable<Rows> Transaction::query(std::string_view name, Params params) {
    Batch batch;
    batch.add(name, std::move(params));
    auto rows = co_await run(std::move(batch));
    co_return std::move(rows.front());
}

awaitable<void> Transaction::commit() {
    if (begun_) co_await lease_->query(kCommit);
}

awaitable<std::vector<Rows>> Transaction::run_and_commit(Batch batch) {
    batch.add(kCommit);
    auto rows = co_await run(std::move(batch));
    rows.pop_back();
    co_return rows;
}

}  // namespace parley::store

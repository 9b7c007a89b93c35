// A real PostgreSQL for tests: one private cluster for the test program, one migrated template in it, and a fresh copy
// of the template for each Database.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "base/async.hpp"
#include "store/pool.hpp"

namespace parley::test {

/// The address of a database of the test cluster; starts the cluster at first use and stops it when the program ends.
std::string cluster_address(const std::string& database);

/// An empty database for one test; dropped with this object.
class Database {
  public:
    /// `migrated` false: without any table, as the original script finds it.
    explicit Database(bool migrated = true);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    const std::string& address() const { return address_; }
    store::ConnectionOptions options() const { return {.conninfo = address_}; }
    /// Runs SQL of the test's own; every statement must succeed.
    void execute(const std::string& sql) const;
    /// The single value of a query's first row; empty for NULL or no row.
    std::string value(const std::string& sql) const;

  private:
    std::string name_;
    std::string address_;
};

/// Longer than anything that a test waits for: what takes longer hangs.
inline constexpr std::chrono::seconds kPatience{90};

namespace detail {

inline void run_until_stopped(asio::io_context& io) {
    io.restart();
    io.run_for(kPatience);
    if (!io.stopped()) throw std::runtime_error("a coroutine under test hangs");
}

}  // namespace detail

/// Runs the io_context until the coroutine is over; gives back what it returns, or throws what it throws. What else
/// runs on the io_context stands still until the next call.
template <class T>
T run(asio::io_context& io, awaitable<T> work) {
    std::exception_ptr failure;
    if constexpr (std::is_void_v<T>) {
        bool over = false;
        asio::co_spawn(io, std::move(work), [&](std::exception_ptr error) {
            failure = error;
            over = true;
            io.stop();
        });
        detail::run_until_stopped(io);
        if (failure) std::rethrow_exception(failure);
        if (!over) throw std::runtime_error("a coroutine under test waits for nothing");
    } else {
        std::optional<T> result;
        asio::co_spawn(io, std::move(work), [&](std::exception_ptr error, T value) {
            failure = error;
            if (!error) result.emplace(std::move(value));
            io.stop();
        });
        detail::run_until_stopped(io);
        if (failure) std::rethrow_exception(failure);
        if (!result) throw std::runtime_error("a coroutine under test waits for nothing");
        return std::move(*result);
    }
}

/// Runs until nothing is left to do: what was started on the side has ended then, and lets go of what it refers to.
inline void drain(asio::io_context& io) {
    detail::run_until_stopped(io);
}

}  // namespace parley::test

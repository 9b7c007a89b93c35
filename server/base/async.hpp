// The coroutine vocabulary of the whole program: everything runs on one io_context and one thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

namespace parley {

namespace asio = boost::asio;

/// The concrete executor, rather than any_io_executor: no type erasure on the hot path.
using Executor = asio::io_context::executor_type;

template <class T>
using awaitable = asio::awaitable<T, Executor>;

inline constexpr asio::use_awaitable_t<Executor> use_awaitable{};

using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using TcpAcceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using TcpResolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;

/// Waits for `duration`; throws operation_aborted when cancelled.
inline awaitable<void> sleep_for(Executor executor, std::chrono::steady_clock::duration duration) {
    Timer timer(executor, duration);
    co_await timer.async_wait(use_awaitable);
}

/// Wakes coroutines that wait for something to change. A notification with nobody waiting is remembered once, so a
/// loop "do the work; wait" never misses work that came in between.
class Signal {
  public:
    explicit Signal(Executor executor) : timer_(executor, Timer::time_point::max()) {}

    void notify() {
        pending_ = true;
        timer_.cancel();
    }

    /// Returns true when notified, false when `timeout` passed first.
    awaitable<bool> wait_for(std::chrono::steady_clock::duration timeout) {
        if (!pending_) {
            timer_.expires_after(timeout);
            boost::system::error_code ignored;
            co_await timer_.async_wait(asio::redirect_error(use_awaitable, ignored));
        }
        co_return std::exchange(pending_, false);
    }

  private:
    Timer timer_;
    bool pending_ = false;
};

}  // namespace parley

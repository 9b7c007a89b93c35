#include "http/server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <cerrno>
#include <ctime>
#include <exception>
#include <utility>

#include "base/log.hpp"
#include "http/answer.hpp"
#include "http/connection.hpp"

namespace parley::http {
namespace {

constexpr std::chrono::milliseconds kSweepInterval{250};
constexpr std::chrono::milliseconds kAcceptPause{100};
/// How long stop() waits for handlers that it cancelled.
constexpr std::chrono::seconds kCutDeadline{2};

TcpAcceptor listen(asio::io_context& io, const ServerOptions& options) {
    TcpResolver resolver(io.get_executor());
    auto flags = TcpResolver::passive | TcpResolver::numeric_service;
    auto found = resolver.resolve(options.host, std::to_string(options.port), flags);
    auto endpoint = found.begin()->endpoint();
    TcpAcceptor acceptor(io.get_executor(), endpoint.protocol());
    acceptor.set_option(TcpAcceptor::reuse_address(true));
    if (int on = 1;
        options.reuse_port && ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on))
        throw boost::system::system_error(errno, boost::system::system_category(), "SO_REUSEPORT");
    acceptor.bind(endpoint);
    acceptor.listen();
    return acceptor;
}

void report_end(std::exception_ptr failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        log::error("connection_failed", {{"reason", error.what()}});
    } catch (...) {
        log::error("connection_failed", {{"reason", "not a std::exception"}});
    }
}

}  // namespace

std::string_view Listener::allowed_origin(std::string_view origin) const {
    if (origin.empty()) return {};
    auto found = std::ranges::find(options.cors_origins, origin);
    return found == options.cors_origins.end() ? std::string_view{} : std::string_view(*found);
}

std::string_view Listener::date() {
    auto second = static_cast<std::int64_t>(std::time(nullptr));
    if (second != date_second_) {
        date_second_ = second;
        date_ = http_date(second);
    }
    return date_;
}

struct Server::State {
    State(asio::io_context& io, ServerOptions options, const Router& router)
        : executor(io.get_executor()),
          acceptor(listen(io, options)),
          port(acceptor.local_endpoint().port()),
          sweep(executor),
          listener(std::make_shared<Listener>(executor, std::move(options), router)) {}

    void close() {
        boost::system::error_code ignored;
        acceptor.close(ignored);
        sweep.cancel();
    }

    /// The connections as they are now: ending one takes it off the list.
    std::vector<std::shared_ptr<Connection>> connections() const {
        std::vector<std::shared_ptr<Connection>> all;
        all.reserve(listener->connections.size());
        for (auto* connection : listener->connections) all.push_back(connection->shared_from_this());
        return all;
    }

    Executor executor;
    TcpAcceptor acceptor;
    std::uint16_t port;
    Timer sweep;
    std::shared_ptr<Listener> listener;
    bool started = false;

    static void open_connection(const std::shared_ptr<Listener>& listener, TcpSocket socket,
                                const asio::ip::tcp::endpoint& peer);
    static awaitable<void> accept_all(std::shared_ptr<State> self);
    static awaitable<void> sweep_deadlines(std::shared_ptr<State> self);
};

void Server::State::open_connection(const std::shared_ptr<Listener>& listener, TcpSocket socket,
                                    const asio::ip::tcp::endpoint& peer) {
    if (listener->connections.size() >= listener->options.max_connections) return;
    auto executor = socket.get_executor();
    auto connection = std::make_shared<Connection>(std::move(socket), peer.address().to_string(), listener);
    // The completion handler holds the connection as well, because the slot belongs to it.
    auto ended = [connection](std::exception_ptr failure) { report_end(failure); };
    asio::co_spawn(executor, Connection::serve(connection),
                   asio::bind_cancellation_slot(connection->slot(), std::move(ended)));
}

awaitable<void> Server::State::accept_all(std::shared_ptr<State> self) {
    bool failing = false;
    while (self->acceptor.is_open()) {
        boost::system::error_code error;
        asio::ip::tcp::endpoint peer;
        auto socket = co_await self->acceptor.async_accept(peer, asio::redirect_error(use_awaitable, error));
        if (!self->acceptor.is_open()) break;
        if (!error) {
            failing = false;
            try {
                open_connection(self->listener, std::move(socket), peer);
            } catch (const std::exception& reason) {
                log::error("connection_not_opened", {{"reason", reason.what()}});
            }
            continue;
        }
        // Out of file descriptors or memory, most likely. Connections that end make room again.
        if (!std::exchange(failing, true)) log::error("accept_failed", {{"reason", error.message()}});
        co_await sleep_for(self->executor, kAcceptPause);
    }
}

awaitable<void> Server::State::sweep_deadlines(std::shared_ptr<State> self) {
    std::vector<std::shared_ptr<Connection>> overdue;
    while (true) {
        self->sweep.expires_after(kSweepInterval);
        boost::system::error_code error;
        co_await self->sweep.async_wait(asio::redirect_error(use_awaitable, error));
        auto now = std::chrono::steady_clock::now();
        for (auto* connection : self->listener->connections)
            if (connection->is_overdue(now)) overdue.push_back(connection->shared_from_this());
        for (const auto& connection : overdue) connection->expire();
        overdue.clear();
        if (!self->acceptor.is_open() && self->listener->connections.empty()) break;
    }
}

Server::Server(asio::io_context& io, ServerOptions options, const Router& router)
    : state_(std::make_shared<State>(io, std::move(options), router)) {}

Server::~Server() {
    state_->close();
    state_->listener->observer = nullptr;
    for (const auto& connection : state_->connections()) connection->cut();
}

void Server::on_exchange(std::function<void(const Exchange&)> observer) {
    state_->listener->observer = std::move(observer);
}

void Server::start() {
    if (std::exchange(state_->started, true)) return;
    asio::co_spawn(state_->executor, State::accept_all(state_), report_end);
    asio::co_spawn(state_->executor, State::sweep_deadlines(state_), report_end);
}

std::uint16_t Server::port() const {
    return state_->port;
}

std::size_t Server::open_connections() const {
    return state_->listener->connections.size();
}

awaitable<void> Server::stop() {
    auto state = state_;
    auto& listener = *state->listener;
    listener.draining = true;
    boost::system::error_code ignored;
    state->acceptor.close(ignored);
    for (const auto& connection : state->connections()) connection->close_if_idle();
    if (!listener.connections.empty()) co_await listener.emptied.wait_for(listener.options.drain_deadline);
    for (const auto& connection : state->connections()) connection->cut();
    if (!listener.connections.empty()) co_await listener.emptied.wait_for(kCutDeadline);
    if (!listener.connections.empty()) log::error("connections_left", {{"count", listener.connections.size()}});
    state->close();
}

void run_loop(asio::io_context& io) {
    while (true) {
        try {
            io.run();
            return;
        } catch (const std::exception& error) {
            log::error("exception_in_loop", {{"reason", error.what()}});
        } catch (...) {
            log::error("exception_in_loop", {{"reason", "not a std::exception"}});
        }
    }
}

}  // namespace parley::http

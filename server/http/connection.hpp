// One accepted connection: reads requests through the gate, calls their handlers and writes the answers in order.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/async.hpp"
#include "http/gate.hpp"
#include "http/read_buffer.hpp"
#include "http/request_ids.hpp"
#include "http/router.hpp"
#include "http/server.hpp"

namespace parley::http {

class Connection;

/// What the connections of one Server share. The Server and each of its connections own it together, so that a
/// connection whose handler is still running may outlive the Server.
struct Listener {
    Listener(Executor executor, ServerOptions given, const Router& table)
        : options(std::move(given)), router(table), emptied(executor) {}

    /// The configured origin equal to `origin`, or empty.
    std::string_view allowed_origin(std::string_view origin) const;
    /// The Date field's value, made once per second.
    std::string_view date();

    const ServerOptions options;
    const Router& router;
    RequestIds ids;
    std::function<void(const Exchange&)> observer;
    std::list<Connection*> connections;
    bool draining = false;  ///< finish the request in progress, then close
    Signal emptied;         ///< notified when the last connection ends while draining

  private:
    std::int64_t date_second_ = -1;
    std::string date_;
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(TcpSocket socket, std::string remote_address, std::shared_ptr<Listener> listener);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Serves requests until the connection ends. `self` keeps it alive meanwhile.
    static awaitable<void> serve(std::shared_ptr<Connection> self);
    /// Connect it to the coroutine of `serve`: a handler past its deadline is cancelled through it.
    asio::cancellation_slot slot() { return cancel_handler_.slot(); }

    bool is_overdue(std::chrono::steady_clock::time_point now) const { return now >= deadline_; }
    /// The deadline of the current phase passed.
    void expire();
    /// Closes at once when between two requests.
    void close_if_idle();
    /// Cancels the handler and closes, whatever is in progress.
    void cut();

  private:
    /// What the connection is waiting for; each has its deadline.
    enum class Phase { idle, header, body, handler, write, linger };
    enum class Next { request, linger, end };
    enum class Step { admit, handle };

    void enter(Phase phase);

    awaitable<Next> serve_request();
    awaitable<Next> serve_gated(GatedHead& gated);
    awaitable<Next> serve_admitted(GatedHead& gated, const Route& route);
    awaitable<std::optional<Response>> call(const Route& route, Request& request, Step step);
    awaitable<Next> answer(const Request& request, std::string_view route, Response& response, bool keep_alive);
    awaitable<Next> upgrade(const Request& request, std::string_view route, Response& response);
    awaitable<Next> refuse(Refusal refusal, std::string_view head);

    // connection_io.cpp
    awaitable<bool> receive_some();
    /// Into the request's body, or a file in the folder `spool` when that is not empty. False when the peer is gone or
    /// late (see `expired_`). Throws std::system_error when the file cannot be written.
    awaitable<bool> receive_body(GatedHead& gated, const std::string& spool);
    awaitable<bool> receive_into(std::string& body, std::size_t length);
    awaitable<bool> receive_into(TempFile& file, std::size_t length);
    awaitable<bool> write(std::string_view body);
    awaitable<bool> write_file(FilePart part);
    awaitable<void> linger();

    TcpSocket socket_;
    const std::string remote_address_;
    const std::shared_ptr<Listener> listener_;
    std::list<Connection*>::iterator position_;
    asio::cancellation_signal cancel_handler_;

    Phase phase_ = Phase::idle;
    std::chrono::steady_clock::time_point deadline_;
    std::chrono::steady_clock::time_point request_start_;
    bool expired_ = false;  ///< the deadline of the current phase passed
    bool cut_ = false;
    bool fresh_ = true;  ///< no request was received yet

    ReadBuffer input_;
    std::string output_;
    std::string_view cors_origin_;  ///< of the request in progress; points into the listener's options
};

}  // namespace parley::http

// The HTTP/1.1 listener: accepts connections, lets requests through the gate (gate.hpp), finds their route and writes
// the answers. One Server per port; everything runs on the thread of its io_context.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "http/client_address.hpp"
#include "http/router.hpp"

namespace parley::http {

struct ServerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;                    ///< 0: an ephemeral port, see Server::port()
    bool reuse_port = false;                   ///< SO_REUSEPORT: several processes share the port
    std::vector<std::string> cors_origins{};   ///< exact origins, e.g. "https://inbox.example.com"
    TrustedProxies trusted_proxies{};          ///< whose X-Forwarded-For is believed
    std::size_t max_connections = 20'000;      ///< beyond it new connections are closed at once
    std::chrono::seconds header_deadline{10};  ///< from the first byte (or the accept) to the end of the header
    std::chrono::seconds body_deadline{30};
    std::chrono::seconds handler_deadline{30};  ///< then the handler is cancelled and the answer is 503
    std::chrono::seconds write_deadline{30};
    std::chrono::seconds idle_deadline{75};   ///< between two requests of a kept-alive connection
    std::chrono::seconds drain_deadline{10};  ///< for stop()
};

/// What one answered request was, for metrics and the access log. `route` is the pattern ("" when none matched).
struct Exchange {
    Method method;
    std::string_view route;
    unsigned status;
    std::chrono::steady_clock::duration duration;
    std::string_view request_id;
};

class Server {
  public:
    /// Binds and listens; throws boost::system::system_error when the address is taken. `router` must outlive the
    /// Server.
    Server(asio::io_context& io, ServerOptions options, const Router& router);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void on_exchange(std::function<void(const Exchange&)> observer);
    void start();
    std::uint16_t port() const;
    std::size_t open_connections() const;

    /// Stops accepting, closes idle connections, lets requests in progress finish (each answered with Connection:
    /// close) for at most the drain deadline, then closes what is left. Returns when no connection is open.
    awaitable<void> stop();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Runs the io_context until it is stopped. An exception that escapes a handler is logged and the loop goes on: no
/// request may end the process.
void run_loop(asio::io_context& io);

}  // namespace parley::http

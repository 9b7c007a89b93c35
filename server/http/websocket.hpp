// A WebSocket (RFC 6455), the server's side: whole text messages in, shared text messages out. No compression: it would
// let an attacker guess secrets from lengths, and the same bytes could not go to all sockets.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.hpp"
#include "http/message.hpp"

namespace parley::http {

/// One text message, encoded once for all sockets that it goes to.
using Frame = std::shared_ptr<const std::string>;

struct WebSocketLimits {
    std::size_t message_bytes = 32 * 1024;   ///< of the peer's messages; a longer one is answered with close 1009
    std::size_t queued_bytes = 1024 * 1024;  ///< what waits to be sent
    std::size_t queued_frames = 1'000;
    std::chrono::seconds idle{50};  ///< a silent peer is asked with a ping at half of it and given up after it
    std::chrono::seconds close{3};  ///< for the closing handshake
};

/// A socket lives as long as somebody holds it or it is open: `send` and `close` work on in the background.
class WebSocket : public std::enable_shared_from_this<WebSocket> {
  public:
    /// Answers the handshake of a request that answer_handshake let in, with `headers` in the answer; empty when the
    /// connection is lost meanwhile.
    static awaitable<std::shared_ptr<WebSocket>> accept(TcpSocket socket, const Request& request,
                                                        std::span<const Header> headers);
    virtual ~WebSocket() = default;
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;

    /// The next text message; empty when the socket was closed, by whomever, or lost. One call at a time, and there
    /// should always be one: pings are answered and closing is noticed only while it waits.
    virtual awaitable<std::optional<std::string>> read() = 0;
    /// False when the queue is full: the frame was not taken. After close() frames are dropped.
    virtual bool send(Frame frame) = 0;
    /// Drops what waits and says goodbye; the connection ends in any case once the limit has passed. `reason` has at
    /// most 123 bytes. Does nothing when closing already.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
    /// Ends the connection at once.
    virtual void cut() = 0;
    /// Waits until the queue is at most half full or the socket is closing; false when that took over `timeout`.
    virtual awaitable<bool> drained(std::chrono::steady_clock::duration timeout) = 0;
    virtual bool closing() const = 0;
    /// The code that closed it: ours, or the peer's; 1006 without a goodbye.
    virtual std::uint16_t close_code() const = 0;

  protected:
    WebSocket() = default;
};

struct HandshakeRules {
    std::string subprotocol;           ///< the one that the client has to offer
    std::vector<std::string> origins;  ///< allowed beside the server's own
};

/// The answer to a request for a WebSocket: an upgrade to be given its `upgrade` function, or a problem: 426 for a
/// request that is no handshake of RFC 6455's version, 400 for a malformed one and for another subprotocol, 403 for a
/// page of a foreign origin.
Response answer_handshake(const Request& request, const HandshakeRules& rules);

}  // namespace parley::http

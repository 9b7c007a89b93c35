// One connection of the client, plain or TLS.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <optional>
#include <string>

#include "base/async.hpp"

namespace parley::http {

class ClientStream {
  public:
    explicit ClientStream(Executor executor) : socket_(executor) {}
    ClientStream(const ClientStream&) = delete;
    ClientStream& operator=(const ClientStream&) = delete;

    awaitable<boost::system::error_code> connect(asio::ip::tcp::endpoint endpoint);
    /// TLS with the certificate verified for `host` (a name or an address). `context` outlives the stream.
    awaitable<boost::system::error_code> handshake(asio::ssl::context& context, std::string host);

    struct Transfer {
        boost::system::error_code error;
        std::size_t bytes = 0;
    };
    awaitable<Transfer> write_some(std::array<asio::const_buffer, 2> buffers);
    awaitable<Transfer> read_some(asio::mutable_buffer buffer);

    bool is_encrypted() const { return tls_.has_value(); }
    /// Open, and nothing to read: a peer that closed, or that sent what nobody asked for, is not reused.
    bool is_quiet();
    /// Operations in progress end with an error.
    void close();

  private:
    TcpSocket socket_;
    std::optional<asio::ssl::stream<TcpSocket&>> tls_;
};

}  // namespace parley::http

#include "http/client_stream.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <cerrno>

namespace parley::http {

awaitable<boost::system::error_code> ClientStream::connect(asio::ip::tcp::endpoint endpoint) {
    boost::system::error_code error;
    socket_.close(error);
    co_await socket_.async_connect(endpoint, asio::redirect_error(use_awaitable, error));
    boost::system::error_code ignored;
    if (!error) socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    co_return error;
}

awaitable<boost::system::error_code> ClientStream::handshake(asio::ssl::context& context, std::string host) {
    boost::system::error_code error;
    tls_.emplace(socket_, context);
    asio::ip::make_address(host, error);
    // Server name indication is for names only (RFC 6066, section 3).
    bool is_name = static_cast<bool>(error);
    if (is_name &&
        SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data()) != 1)
        co_return boost::system::error_code(asio::error::invalid_argument);
    tls_->set_verify_mode(asio::ssl::verify_peer);
    tls_->set_verify_callback(asio::ssl::host_name_verification(host));
    error = {};
    co_await tls_->async_handshake(asio::ssl::stream_base::client, asio::redirect_error(use_awaitable, error));
    co_return error;
}

awaitable<ClientStream::Transfer> ClientStream::write_some(std::array<asio::const_buffer, 2> buffers) {
    Transfer done;
    if (tls_)
        done.bytes = co_await tls_->async_write_some(buffers, asio::redirect_error(use_awaitable, done.error));
    else
        done.bytes = co_await socket_.async_write_some(buffers, asio::redirect_error(use_awaitable, done.error));
    co_return done;
}

awaitable<ClientStream::Transfer> ClientStream::read_some(asio::mutable_buffer buffer) {
    Transfer done;
    if (tls_)
        done.bytes = co_await tls_->async_read_some(buffer, asio::redirect_error(use_awaitable, done.error));
    else
        done.bytes = co_await socket_.async_read_some(buffer, asio::redirect_error(use_awaitable, done.error));
    co_return done;
}

bool ClientStream::is_quiet() {
    if (!socket_.is_open()) return false;
    char byte = 0;
    auto count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void ClientStream::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace parley::http

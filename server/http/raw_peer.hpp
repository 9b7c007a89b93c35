// For tests: the other end of a connection, which writes and reads exactly the bytes it is told to.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/async.hpp"
#include "http/letters.hpp"
#include "http/server.hpp"

namespace parley::http {

struct RawAnswer {
    unsigned status = 0;  ///< 0: the connection ended before an answer was whole
    std::string head;
    std::string body;

    /// The value of a field; empty when absent.
    std::string header(std::string_view name) const {
        std::string_view rest = head;
        while (!rest.empty()) {
            auto end = rest.find("\r\n");
            auto line = rest.substr(0, end);
            rest = end == rest.npos ? std::string_view{} : rest.substr(end + 2);
            auto colon = line.find(':');
            if (colon != line.npos && equal_ignoring_case(line.substr(0, colon), name))
                return std::string(trimmed(line.substr(colon + 1)));
        }
        return {};
    }
    bool says_close() const { return header("Connection") == "close"; }
};

class RawPeer {
  public:
    explicit RawPeer(asio::io_context& io) : socket_(io.get_executor()) {}
    explicit RawPeer(TcpSocket socket) : socket_(std::move(socket)) {}

    awaitable<void> connect(std::uint16_t port) {
        asio::ip::tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), port);
        co_await socket_.async_connect(endpoint, use_awaitable);
        socket_.set_option(asio::ip::tcp::no_delay(true));
    }

    /// An error is not reported: the peer may have refused and closed already.
    awaitable<void> send(std::string bytes) {
        boost::system::error_code ignored;
        co_await asio::async_write(socket_, asio::buffer(bytes), asio::redirect_error(use_awaitable, ignored));
    }

    /// Reads to the end of a header section and returns that; empty when the connection ended before.
    awaitable<std::string> receive_head() {
        std::size_t end = 0;
        while ((end = input_.find("\r\n\r\n")) == input_.npos) {
            bool more = co_await read_more();
            if (!more) co_return std::string{};
        }
        auto head = input_.substr(0, end + 2);
        input_.erase(0, end + 4);
        co_return head;
    }

    awaitable<RawAnswer> receive(bool with_body = true) {
        RawAnswer answer;
        answer.head = co_await receive_head();
        if (answer.head.empty()) co_return RawAnswer{};
        auto length = answer.header("Content-Length");
        std::size_t size = with_body && !length.empty() ? std::stoul(length) : 0;
        while (input_.size() < size) {
            bool more = co_await read_more();
            if (!more) co_return RawAnswer{};
        }
        answer.body = input_.substr(0, size);
        input_.erase(0, size);
        answer.status = static_cast<unsigned>(std::stoul(answer.head.substr(9, 3)));
        co_return answer;
    }

    /// Reads one whole request: its head, and as much body as it declares.
    awaitable<std::string> receive_request() {
        std::size_t end = 0;
        while ((end = input_.find("\r\n\r\n")) == input_.npos) {
            bool more = co_await read_more();
            if (!more) co_return std::string{};
        }
        RawAnswer request;
        request.head = input_.substr(0, end + 2);
        auto length = request.header("Content-Length");
        auto size = end + 4 + (length.empty() ? 0 : std::stoul(length));
        while (input_.size() < size) {
            bool more = co_await read_more();
            if (!more) co_return std::string{};
        }
        auto text = input_.substr(0, size);
        input_.erase(0, size);
        co_return text;
    }

    /// Waits until the peer closes; returns what came before that.
    awaitable<std::string> receive_all() {
        bool more = true;
        while (more) more = co_await read_more();
        co_return std::exchange(input_, {});
    }

    void close_sending() {
        boost::system::error_code ignored;
        socket_.shutdown(TcpSocket::shutdown_send, ignored);
    }
    void close() {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

  protected:
    awaitable<bool> read_more() {
        std::array<char, 8192> piece;
        boost::system::error_code error;
        auto count = co_await socket_.async_read_some(asio::buffer(piece), asio::redirect_error(use_awaitable, error));
        input_.append(piece.data(), count);
        co_return !error;
    }

    TcpSocket socket_;
    std::string input_;
};

/// Runs the loop until `script` ends; throws what it throws, and when it takes over 30 s.
inline void run_script(asio::io_context& io, awaitable<void> script) {
    bool done = false;
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(script), [&](std::exception_ptr error) {
        failure = error;
        done = true;
    });
    auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    io.restart();
    while (!done && std::chrono::steady_clock::now() < limit) io.run_one_for(std::chrono::milliseconds(100));
    if (!done) throw std::runtime_error("the script did not end");
    if (failure) std::rethrow_exception(failure);
}

}  // namespace parley::http

// What a Connection reads from its socket and writes to it.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <memory>
#include <system_error>
#include <vector>

#include "base/log.hpp"
#include "base/temp_file.hpp"
#include "http/connection.hpp"
#include "http/open_file.hpp"

namespace parley::http {
namespace {

constexpr std::size_t kReadBytes = 4 * 1024;
constexpr std::size_t kBodyStep = 64 * 1024;
/// A body up to this size is copied behind its head rather than gathered from where it is.
constexpr std::size_t kCopiedBody = 8 * 1024;
/// The slowest sender that is waited for: every so many bytes of body extend its deadline by a second.
constexpr std::size_t kSlowestBytesPerSecond = 16 * 1024;

constexpr std::size_t kLingerBytes = 1024 * 1024;

std::chrono::seconds allowance_for(std::size_t received) {
    return std::chrono::seconds(received / kSlowestBytesPerSecond);
}

/// Gives the socket what it takes of the next piece of `part` and returns how much that was; 0 when it takes nothing
/// now. The piece is on the stack here, not in a coroutine: a peer that is waited for costs no memory.
std::expected<std::size_t, std::string> send_piece(int socket, const FilePart& part) {
    std::array<char, kBodyStep> piece;
    std::size_t size = 0;
    try {
        size = part.file->read_at(part.offset, std::span(piece).first(std::min<std::uint64_t>(part.length, kBodyStep)));
    } catch (const std::system_error& error) {
        return std::unexpected(error.what());
    }
    if (size == 0) return std::unexpected("it is shorter than it was");
    auto sent = ::send(socket, piece.data(), size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
    return std::unexpected(std::string());
}

}  // namespace

awaitable<bool> Connection::receive_some() {
    auto room = input_.prepare(input_.empty() ? kReadBytes : kReadBytes / 2);
    boost::system::error_code error;
    auto count = co_await socket_.async_read_some(asio::buffer(room.data(), room.size()),
                                                  asio::redirect_error(use_awaitable, error));
    input_.commit(count);
    co_return !error;
}

awaitable<bool> Connection::receive_body(GatedHead& gated, const std::string& spool) {
    auto& request = gated.request;
    // Before the peer is told to continue: where there is no room it is spared the sending.
    if (!spool.empty()) request.file = std::make_shared<TempFile>(spool);
    if (gated.expects_continue && gated.content_length > input_.data().size()) {
        output_ = "HTTP/1.1 100 Continue\r\n\r\n";
        bool written = co_await write({});
        if (!written) co_return false;
    }
    if (gated.content_length == 0) co_return true;
    if (request.file) co_return co_await receive_into(*request.file, gated.content_length);
    co_return co_await receive_into(request.body, gated.content_length);
}

awaitable<bool> Connection::receive_into(std::string& body, std::size_t length) {
    enter(Phase::body);
    const auto base_deadline = deadline_;
    body.reserve(length);
    body = input_.data().substr(0, length);
    input_.consume(body.size());
    std::size_t received = body.size();
    while (received < length) {
        // The body grows as it comes: a peer that declares much and sends little costs little.
        if (received == body.size()) body.resize(std::min(length, received + kBodyStep));
        boost::system::error_code error;
        received += co_await socket_.async_read_some(asio::buffer(body.data() + received, body.size() - received),
                                                     asio::redirect_error(use_awaitable, error));
        if (error || expired_) co_return false;
        deadline_ = base_deadline + allowance_for(received);
    }
    co_return true;
}

awaitable<bool> Connection::receive_into(TempFile& file, std::size_t length) {
    enter(Phase::body);
    const auto base_deadline = deadline_;
    auto first = input_.data().substr(0, length);
    file.write(first);
    input_.consume(first.size());
    std::size_t received = first.size();
    std::vector<char> piece(std::min(length - received, kBodyStep));
    while (received < length) {
        boost::system::error_code error;
        auto count =
            co_await socket_.async_read_some(asio::buffer(piece.data(), std::min(length - received, piece.size())),
                                             asio::redirect_error(use_awaitable, error));
        if (error || expired_) co_return false;
        file.write({piece.data(), count});
        received += count;
        deadline_ = base_deadline + allowance_for(received);
    }
    co_return true;
}

/// Writes `output_`, which is empty afterwards, and `body`. Nearly always the socket takes all at once.
awaitable<bool> Connection::write(std::string_view body) {
    enter(Phase::write);
    if (body.size() <= kCopiedBody) {
        output_ += body;
        body = {};
    }
    std::string_view head = output_;
    while (!head.empty() || !body.empty()) {
        std::array<asio::const_buffer, 2> rest{asio::buffer(head), asio::buffer(body)};
        boost::system::error_code error;
        auto count = socket_.write_some(rest, error);
        if (error == asio::error::would_block) {
            // Full: wait. A peer that reads slowly is waited for while it makes progress.
            count = co_await socket_.async_write_some(rest, asio::redirect_error(use_awaitable, error));
            enter(Phase::write);
        }
        if (error || cut_) co_return false;
        auto of_head = std::min(count, head.size());
        head.remove_prefix(of_head);
        body.remove_prefix(count - of_head);
    }
    output_.clear();
    co_return true;
}

/// The socket is waited for before each piece, so that a peer that reads quickly does not keep the loop to itself.
awaitable<bool> Connection::write_file(FilePart part) {
    enter(Phase::write);
    while (part.length > 0) {
        boost::system::error_code error;
        co_await socket_.async_wait(TcpSocket::wait_write, asio::redirect_error(use_awaitable, error));
        if (error || cut_) co_return false;
        auto sent = send_piece(socket_.native_handle(), part);
        if (!sent) {
            // The head is out, so all that is left is to close: the peer sees that bytes are missing.
            if (!sent.error().empty()) log::error("file_not_sent", {{"reason", sent.error()}});
            co_return false;
        }
        if (*sent == 0) continue;
        part.offset += *sent;
        part.length -= *sent;
        enter(Phase::write);
    }
    co_return true;
}

/// Closing a socket with unread bytes resets the connection, and the peer may lose the answer. So: say that nothing
/// more comes, and read on for a little.
awaitable<void> Connection::linger() {
    enter(Phase::linger);
    boost::system::error_code error;
    socket_.shutdown(TcpSocket::shutdown_send, error);
    std::size_t drained = 0;
    while (!error && drained < kLingerBytes) {
        input_.consume(input_.data().size());
        auto room = input_.prepare(kReadBytes);
        drained += co_await socket_.async_read_some(asio::buffer(room.data(), room.size()),
                                                    asio::redirect_error(use_awaitable, error));
    }
}

}  // namespace parley::http

// For tests: a browser's end of a WebSocket (RFC 6455), which sends exactly the bytes it is told to.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "http/raw_peer.hpp"

namespace parley::http {

/// Section 5.2. A reserved opcode is any other number.
enum Opcode : unsigned { op_continuation = 0, op_text = 1, op_binary = 2, op_close = 8, op_ping = 9, op_pong = 10 };

struct FrameShape {
    bool fin = true;
    bool masked = true;
    unsigned reserved_bits = 0;   ///< RSV1 is 4, RSV3 is 1
    unsigned length_bytes = 0;    ///< 2 or 8: in that many, needed or not
    std::uint64_t longer_by = 0;  ///< than its payload, the length that it declares
};

inline std::string peer_frame(unsigned opcode, std::string_view payload, FrameShape shape = {}) {
    auto length = payload.size() + shape.longer_by;
    auto length_bytes = shape.length_bytes != 0 ? shape.length_bytes : length > 65535 ? 8 : length > 125 ? 2 : 0;
    auto short_length = length_bytes == 0 ? length : length_bytes == 2 ? 126 : 127;
    std::string frame;
    frame += static_cast<char>((shape.fin ? 0x80U : 0U) | shape.reserved_bits << 4 | opcode);
    frame += static_cast<char>((shape.masked ? 0x80U : 0U) | short_length);
    for (auto byte = length_bytes; byte > 0; --byte) frame += static_cast<char>(length >> (8 * (byte - 1)));
    constexpr std::array<char, 4> kMask{0x12, 0x34, 0x56, 0x78};
    if (!shape.masked) return frame.append(payload);
    frame.append(kMask.data(), kMask.size());
    for (std::size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(payload[i] ^ kMask[i % kMask.size()]);
    return frame;
}

inline std::string peer_goodbye(unsigned code, std::string_view reason = "") {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
    return peer_frame(op_close, payload.append(reason));
}

/// A frame of the server.
struct ServerFrame {
    bool ended = false;  ///< there was none: the connection ended
    bool fin = false;
    bool masked = false;
    unsigned opcode = 0;
    std::string payload{};

    /// The code of a goodbye; 0 for any other frame and for a goodbye without one.
    unsigned code() const {
        if (opcode != op_close || payload.size() < 2) return 0;
        return static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
    }
    std::string reason() const { return opcode == op_close && payload.size() > 2 ? payload.substr(2) : ""; }
};

class WebSocketPeer : private RawPeer {
  public:
    explicit WebSocketPeer(asio::io_context& io) : RawPeer(io) {}
    using RawPeer::close_sending;
    using RawPeer::receive_head;
    using RawPeer::send;

    /// Its receive buffer is kept small, so that whoever writes to it soon has to wait.
    awaitable<void> connect(std::uint16_t port) {
        socket_.open(asio::ip::tcp::v4());
        socket_.set_option(asio::socket_base::receive_buffer_size(16 * 1024));
        co_await RawPeer::connect(port);
    }

    awaitable<ServerFrame> receive() {
        ServerFrame frame;
        while (!take_frame(frame)) {
            bool more = co_await read_more();
            if (!more) co_return ServerFrame{.ended = true};
        }
        co_return frame;
    }

    /// Vanishes: the server gets a reset, not an end.
    void reset() {
        boost::system::error_code ignored;
        socket_.set_option(asio::socket_base::linger(true, 0), ignored);
        socket_.close(ignored);
    }

  private:
    bool take_frame(ServerFrame& frame) {
        auto byte = [&](std::size_t i) { return static_cast<unsigned char>(input_[i]); };
        if (input_.size() < 2) return false;
        std::size_t size = byte(1) & 0x7fU;
        std::size_t start = size == 126 ? 4 : size == 127 ? 10 : 2;
        if (input_.size() < start) return false;
        if (start > 2) size = 0;
        for (std::size_t i = 2; i < start; ++i) size = size << 8 | byte(i);
        if (input_.size() - start < size) return false;
        frame = {.fin = (byte(0) & 0x80U) != 0,
                 .masked = (byte(1) & 0x80U) != 0,
                 .opcode = byte(0) & 0x0fU,
                 .payload = input_.substr(start, size)};
        input_.erase(0, start + size);
        return true;
    }
};

}  // namespace parley::http

#include "bench/event_sockets.hpp"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "bench/json_line.hpp"

namespace parley::bench {

namespace {

// RFC 6455, section 5.2.
constexpr unsigned kTextFrame = 0x1, kCloseFrame = 0x8, kPingFrame = 0x9, kPongFrame = 0xa;
constexpr unsigned char kFinal = 0x80, kMasked = 0x80;
constexpr Nanoseconds kLongestWait = kSecond / 100;

// Masked with zeros, so that the payload stays as it is.
std::string client_frame(unsigned opcode, std::string_view payload) {
    std::string out(1, static_cast<char>(kFinal | opcode));
    if (payload.size() < 126) {
        out += static_cast<char>(kMasked | payload.size());
    } else {
        out += static_cast<char>(kMasked | 126U);
        out += static_cast<char>(payload.size() >> 8 & 0xff);
        out += static_cast<char>(payload.size() & 0xff);
    }
    return out.append(4, '\0').append(payload);
}

void send_all(const Socket& socket, std::string_view bytes) {
    if (::send(socket.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
        throw_errno("a client's message does not fit into its socket");
}

std::int64_t number_after(std::string_view text, std::string_view name) {
    const std::size_t at = text.find(name);
    std::int64_t value = -1;
    if (at != std::string_view::npos) std::from_chars(text.data() + at + name.size(), text.data() + text.size(), value);
    return value;
}

std::string word_after(std::string_view text, std::string_view name) {
    const std::size_t at = text.find(name);
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + name.size());
    return std::string(text.substr(0, text.find('"')));
}

}  // namespace

EventSockets::EventSockets(Url url, std::vector<std::string> tokens, OnEvent on_event)
    : url_(std::move(url)), on_event_(std::move(on_event)), poll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (!poll_) throw_errno("epoll_create1");
    clients_.resize(tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) clients_[i].token = std::move(tokens[i]);
}

void EventSockets::connect() {
    for (std::size_t i = 0; i < clients_.size(); ++i) open(i);
}

void EventSockets::open(std::size_t index) {
    Client& client = clients_[index];
    client.socket = Socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!client.socket) throw_errno("socket");
    const int on = 1;
    setsockopt(client.socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(client.socket.number(), reinterpret_cast<const sockaddr*>(&url_.address), sizeof url_.address) != 0 &&
        errno != EINPROGRESS)
        throw_errno("connect");
    epoll_event event{};
    event.events = EPOLLOUT;
    event.data.u64 = index;
    if (epoll_ctl(poll_.number(), EPOLL_CTL_ADD, client.socket.number(), &event) != 0) throw_errno("epoll_ctl");
}

void EventSockets::cut() {
    for (Client& client : clients_) {
        const linger at_once{1, 0};
        setsockopt(client.socket.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        client.socket.close();
        client.received.clear();
        client.upgraded = client.is_ready = false;
    }
    ready_ = 0;
}

bool EventSockets::serve_until(const std::function<bool()>& condition, Nanoseconds limit) {
    const Nanoseconds end = now() + limit;
    std::array<epoll_event, 512> events{};
    while (!condition()) {
        if (now() > end) return false;
        const timespec timeout{0, kLongestWait};
        const int count =
            epoll_pwait2(poll_.number(), events.data(), static_cast<int>(events.size()), &timeout, nullptr);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            const auto index = static_cast<std::size_t>(event.data.u64);
            Client& client = clients_[index];
            if (event.events & EPOLLOUT) {  // connected
                epoll_event reading{};
                reading.events = EPOLLIN;
                reading.data.u64 = index;
                epoll_ctl(poll_.number(), EPOLL_CTL_MOD, client.socket.number(), &reading);
                send_all(client.socket, "GET " + url_.path + " HTTP/1.1\r\nHost: " + url_.authority +
                                            "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"
                                            "\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                                            "Sec-WebSocket-Protocol: parley.v1\r\n\r\n");
            } else {
                read(index);
            }
        }
    }
    return true;
}

void EventSockets::read(std::size_t index) {
    Client& client = clients_[index];
    if (!client.socket) return;
    const ssize_t count = ::recv(client.socket.number(), buffer_.data(), buffer_.size(), 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return lose(client);
    client.received.append(buffer_.data(), static_cast<std::size_t>(count));
    take(index, now());
}

void EventSockets::take(std::size_t index, Nanoseconds at) {
    Client& client = clients_[index];
    std::string_view rest = client.received;
    if (!client.upgraded) {
        const std::size_t end = rest.find("\r\n\r\n");
        if (end == std::string_view::npos) return;
        if (!rest.starts_with("HTTP/1.1 101 "))
            throw std::runtime_error("no upgrade: " + std::string(rest.substr(0, rest.find('\r'))));
        rest.remove_prefix(end + 4);
        upgraded(client);
    }
    while (rest.size() >= 2) {
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
        const unsigned opcode = byte(0) & 0x0fU;
        if ((byte(0) & kFinal) == 0 || (byte(1) & kMasked) != 0) throw std::runtime_error("an unexpected frame");
        std::size_t size = byte(1), head = 2;
        if (size >= 126) {
            head += size == 126 ? 2U : 8U;
            if (rest.size() < head) break;
            size = 0;
            for (std::size_t i = 2; i < head; ++i) size = size << 8 | byte(i);
        }
        if (rest.size() - head < size) break;
        frame(index, opcode, rest.substr(head, size), at);
        rest.remove_prefix(head + size);
    }
    client.received.erase(0, client.received.size() - rest.size());
}

void EventSockets::upgraded(Client& client) {
    client.upgraded = true;
    JsonLine auth;
    auth.add("type", "auth").add("token", client.token);
    if (client.offset >= 0)
        auth.raw("resume", JsonLine().add("epoch", client.epoch).add("offset", client.offset).text());
    send_all(client.socket, client_frame(kTextFrame, auth.text()));
}

void EventSockets::frame(std::size_t index, unsigned opcode, std::string_view payload, Nanoseconds at) {
    if (opcode == kTextFrame) {
        text(index, payload, at);
    } else if (opcode == kPingFrame) {
        send_all(clients_[index].socket, client_frame(kPongFrame, payload));
    } else if (opcode == kCloseFrame && payload.size() >= 2) {
        const unsigned code = static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
        goodbye_ = std::to_string(code) + " " + std::string(payload.substr(2));
    }
}

void EventSockets::text(std::size_t index, std::string_view payload, Nanoseconds at) {
    Client& client = clients_[index];
    if (payload.starts_with(R"({"type":"event",)")) {
        const std::int64_t offset = number_after(payload.substr(0, 64), "\"offset\":");
        if (offset != client.offset + 1) ++out_of_order_;
        client.offset = offset;
        on_event_(index, payload, at);
    } else if (payload.starts_with(R"({"type":"ready",)")) {
        const std::int64_t offset = number_after(payload, "\"offset\":");
        if (payload.find("\"recovered\":true") != std::string_view::npos) ++recovered_;
        if (client.offset >= 0 && offset != client.offset) ++out_of_order_;
        client.epoch = word_after(payload, "\"epoch\":\"");
        client.offset = offset;
        client.is_ready = true;
        ++ready_;
    }
}

void EventSockets::lose(Client& client) {
    if (client.is_ready) --ready_;
    client.is_ready = client.upgraded = false;
    client.received.clear();
    client.socket.close();
    ++lost_;
}

}  // namespace parley::bench

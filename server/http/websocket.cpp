#include "http/websocket.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "base/crypto.hpp"
#include "http/letters.hpp"

namespace parley::http {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

using Stream = websocket::stream<TcpSocket, false>;

/// The frames that wait. The written ones are dropped together, so that nothing moves.
class FrameQueue {
  public:
    void push(Frame frame) {
        bytes_ += frame->size();
        waiting_.push_back(std::move(frame));
    }
    Frame pop() {
        if (next_ == leaving_.size()) {
            leaving_.clear();
            next_ = 0;
            // An idle socket keeps no memory for its busiest moment.
            if (leaving_.capacity() > kKept) std::vector<Frame>().swap(leaving_);
            leaving_.swap(waiting_);
        }
        if (leaving_.empty()) return nullptr;
        auto frame = std::move(leaving_[next_++]);
        bytes_ -= frame->size();
        return frame;
    }
    void clear() { *this = FrameQueue(); }
    std::size_t size() const { return leaving_.size() - next_ + waiting_.size(); }
    std::size_t bytes() const { return bytes_; }

  private:
    static constexpr std::size_t kKept = 16;
    std::vector<Frame> leaving_;
    std::size_t next_ = 0;
    std::vector<Frame> waiting_;
    std::size_t bytes_ = 0;
};

class BeastSocket final : public WebSocket {
  public:
    explicit BeastSocket(TcpSocket socket)
        : stream_(std::move(socket)), drained_(stream_.get_executor()), close_timer_(stream_.get_executor()) {
        stream_.read_message_max(kLimits.message_bytes);
        stream_.auto_fragment(false);
        stream_.set_option(websocket::stream_base::timeout{kLimits.close, kLimits.idle, true});
        stream_.text(true);
    }

    awaitable<bool> handshake(const Request& request, std::span<const Header> headers);
    awaitable<std::optional<std::string>> read() override;
    bool send(Frame frame) override;
    void close(std::uint16_t code, std::string_view reason) override;
    void cut() override;
    awaitable<bool> drained(std::chrono::steady_clock::duration timeout) override;
    bool closing() const override { return closing_; }
    std::uint16_t close_code() const override { return close_code_; }

  private:
    std::shared_ptr<BeastSocket> self() { return std::static_pointer_cast<BeastSocket>(shared_from_this()); }
    bool half_empty() const {
        return queue_.size() <= kLimits.queued_frames / 2 && queue_.bytes() <= kLimits.queued_bytes / 2;
    }
    std::uint16_t code_of(boost::system::error_code error) const;
    void write_next();
    void written(boost::system::error_code error);

    static constexpr WebSocketLimits kLimits{};
    // Before the stream, whose operations have their slots.
    asio::cancellation_signal cancel_read_;
    asio::cancellation_signal cancel_close_;
    Stream stream_;
    FrameQueue queue_;
    Frame in_flight_;
    Signal drained_;
    Timer close_timer_;
    bool closing_ = false;
    std::uint16_t close_code_ = 1006;
};

awaitable<bool> BeastSocket::handshake(const Request& request, std::span<const Header> headers) {
    // Judged by answer_handshake, which understands lists in several fields; Beast would look at the first alone.
    beast::http::request<beast::http::empty_body> head{beast::http::verb::get, request.path, 11};
    head.set(beast::http::field::host, request.header("Host"));
    head.set(beast::http::field::connection, "upgrade");
    head.set(beast::http::field::upgrade, "websocket");
    head.set(beast::http::field::sec_websocket_version, "13");
    head.set(beast::http::field::sec_websocket_key, request.header("Sec-WebSocket-Key"));
    auto decorate = [&](websocket::response_type& answer) {
        for (const auto& field : headers) answer.set(field.name, field.value);
        answer.set("X-Request-Id", request.request_id);
        answer.set(beast::http::field::server, "Parley");
    };
    stream_.set_option(websocket::stream_base::decorator(decorate));
    boost::system::error_code error;
    co_await stream_.async_accept(head, asio::redirect_error(use_awaitable, error));
    // It refers to this frame.
    stream_.set_option(websocket::stream_base::decorator([](websocket::response_type&) {}));
    co_return !error;
}

awaitable<std::optional<std::string>> BeastSocket::read() {
    auto keep = self();
    std::string text;
    auto buffer = asio::dynamic_buffer(text);
    boost::system::error_code error;
    co_await stream_.async_read(
        buffer, asio::bind_cancellation_slot(cancel_read_.slot(), asio::redirect_error(use_awaitable, error)));
    if (!error && !closing_) {
        if (stream_.got_text()) co_return text;
        close(1003, "only text messages are understood");
    }
    if (!closing_) {
        closing_ = true;
        close_code_ = code_of(error);
        drained_.notify();
    }
    // Until the goodbye is over the socket is still somebody's.
    co_return std::nullopt;
}

/// What Beast closed it with, or the peer.
std::uint16_t BeastSocket::code_of(boost::system::error_code error) const {
    if (error == websocket::error::message_too_big) return 1009;
    if (error == websocket::error::bad_frame_payload) return 1007;
    if (error == websocket::condition::protocol_violation) return 1002;
    if (error != websocket::error::closed) return 1006;
    // RFC 6455, section 7.1.5.
    return stream_.reason().code == websocket::close_code::none ? 1005 : stream_.reason().code;
}

bool BeastSocket::send(Frame frame) {
    if (closing_) return true;
    if (queue_.size() >= kLimits.queued_frames || queue_.bytes() + frame->size() > kLimits.queued_bytes) return false;
    queue_.push(std::move(frame));
    if (!in_flight_) write_next();
    return true;
}

void BeastSocket::write_next() {
    in_flight_ = queue_.pop();
    if (!in_flight_) return;
    auto buffer = asio::buffer(*in_flight_);
    stream_.async_write(buffer,
                        [keep = self()](boost::system::error_code error, std::size_t) { keep->written(error); });
}

void BeastSocket::written(boost::system::error_code error) {
    in_flight_ = nullptr;
    if (half_empty()) drained_.notify();
    if (!error && !closing_) write_next();
}

void BeastSocket::close(std::uint16_t code, std::string_view reason) {
    if (std::exchange(closing_, true)) return;
    close_code_ = code;
    queue_.clear();
    drained_.notify();
    websocket::close_reason goodbye(static_cast<websocket::close_code>(code), beast::string_view(reason));
    stream_.async_close(goodbye,
                        asio::bind_cancellation_slot(cancel_close_.slot(),
                                                     [keep = self()](boost::system::error_code) { keep->cut(); }));
    // Beast's own deadline starts only when the frame before the goodbye is written, which a peer that reads nothing
    // prevents.
    close_timer_.expires_after(kLimits.close);
    close_timer_.async_wait([keep = self()](boost::system::error_code cancelled) {
        if (!cancelled) keep->cut();
    });
}

void BeastSocket::cut() {
    closing_ = true;
    close_timer_.cancel();
    drained_.notify();
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
    // Reading and closing may each wait for what the other one holds: reading to write the goodbye after a breach of
    // the protocol, closing to read the peer's. Later, as whoever reads must not go on in the midst of this.
    asio::post(stream_.get_executor(), [keep = self()] {
        keep->cancel_read_.emit(asio::cancellation_type::terminal);
        keep->cancel_close_.emit(asio::cancellation_type::terminal);
    });
}

awaitable<bool> BeastSocket::drained(std::chrono::steady_clock::duration timeout) {
    auto keep = self();
    auto deadline = std::chrono::steady_clock::now() + timeout;
    while (!closing_ && !half_empty()) {
        auto left = deadline - std::chrono::steady_clock::now();
        if (left <= left.zero()) co_return false;
        co_await drained_.wait_for(left);
    }
    co_return true;
}

/// RFC 6455, section 4.1: 16 bytes in base64.
bool is_key(std::string_view key) {
    constexpr std::size_t kLength = 24;
    return key.size() == kLength && key.ends_with("==") && std::ranges::all_of(key.substr(0, kLength - 2), [](char c) {
               return is_letter(c) || is_digit(c) || c == '+' || c == '/';
           });
}

/// RFC 6455, section 11.3.4: in one field or in several.
bool offers(const Request& request, std::string_view subprotocol) {
    return std::ranges::any_of(request.headers, [&](const Header& field) {
        return equal_ignoring_case(field.name, "Sec-WebSocket-Protocol") && list_has(field.value, subprotocol);
    });
}

bool is_allowed(std::string_view origin, const Request& request, const HandshakeRules& rules) {
    if (std::ranges::find(rules.origins, origin) != rules.origins.end()) return true;
    auto scheme = origin.find("://");
    if (scheme == origin.npos) return false;
    auto host = origin.substr(scheme + 3);
    return !host.empty() && equal_ignoring_case(host, request.header("Host"));
}

}  // namespace

awaitable<std::shared_ptr<WebSocket>> WebSocket::accept(TcpSocket socket, const Request& request,
                                                        std::span<const Header> headers) {
    auto opened = std::make_shared<BeastSocket>(std::move(socket));
    bool accepted = co_await opened->handshake(request, headers);
    if (!accepted) co_return nullptr;
    co_return opened;
}

Response answer_handshake(const Request& request, const HandshakeRules& rules) {
    if (!request.upgrade || request.header("Sec-WebSocket-Version") != "13") {
        auto response = problem(request, 426, "upgrade_required", "This path speaks WebSocket, version 13.");
        response.headers.push_back({"Sec-WebSocket-Version", "13"});
        return response;
    }
    if (request.count_headers("Sec-WebSocket-Key") != 1 || !is_key(request.header("Sec-WebSocket-Key")))
        return problem(request, 400, "bad_request", "The Sec-WebSocket-Key field is not 16 bytes in base64.");
    if (request.count_headers("Origin") > 1)
        return problem(request, 400, "bad_request", "There is more than one Origin.");
    if (auto origin = request.header("Origin"); !origin.empty() && !is_allowed(origin, request, rules))
        return problem(request, 403, "forbidden", "Pages of this origin may not connect.");
    if (!offers(request, rules.subprotocol))
        return problem(request, 400, "bad_request", "Offer the subprotocol " + rules.subprotocol + ".");
    return {.status = 101, .content_type = {}, .body = {}, .headers = {{"Sec-WebSocket-Protocol", rules.subprotocol}}};
}

}  // namespace parley::http

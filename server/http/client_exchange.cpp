#include "http/client_exchange.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <span>
#include <system_error>
#include <utility>
#include <variant>

#include "http/letters.hpp"
#include "http/open_file.hpp"

namespace parley::http {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kFileStep = 64 * 1024;

/// Fields that the client itself sets.
bool is_own_field(std::string_view name) {
    for (std::string_view own : {"Host", "Content-Length", "User-Agent", "Connection", "Transfer-Encoding"})
        if (equal_ignoring_case(own, name)) return true;
    return false;
}

std::uint64_t body_length(const ClientRequest& request) {
    std::uint64_t length = request.body.size();
    for (const auto& part : request.parts) {
        const auto* text = std::get_if<std::string>(&part);
        length += text ? text->size() : std::get<FilePart>(part).length;
    }
    return length;
}

/// Whether the file has the bytes that the part declares.
bool is_covered(const std::variant<std::string, FilePart>& part) {
    const auto* range = std::get_if<FilePart>(&part);
    return !range || (range->file && range->offset <= range->file->size() &&
                      range->length <= range->file->size() - range->offset);
}

std::string request_head(const ClientRequest& request) {
    const auto& url = request.url;
    std::string head(to_string(request.method));
    head += ' ' + url.target + " HTTP/1.1\r\nHost: ";
    head += url.host.find(':') == url.host.npos ? url.host : '[' + url.host + ']';
    if (url.port != (url.scheme == "https" ? "443" : "80")) head += ':' + url.port;
    head += "\r\nUser-Agent: parley\r\n";
    const auto length = body_length(request);
    bool has_length = length > 0 || request.method == Method::post || request.method == Method::put ||
                      request.method == Method::patch;
    if (has_length) head += "Content-Length: " + std::to_string(length) + "\r\n";
    for (const auto& field : request.headers)
        if (!is_own_field(field.name)) head += field.name + ": " + field.value + "\r\n";
    head += "\r\n";
    return head;
}

std::uint16_t port_number(const std::string& text) {
    std::uint16_t port = 0;
    std::from_chars(text.data(), text.data() + text.size(), port);
    return port;
}

}  // namespace

ClientExchange::ClientExchange(Executor executor, ClientRequest request)
    : executor_(executor),
      request_(std::move(request)),
      deadline_(Clock::now() + request_.timeout),
      timer_(executor),
      resolver_(executor),
      resolved_(executor) {}

bool ClientExchange::is_well_formed() const {
    const auto& url = request_.url;
    auto sendable = [](const Header& field) { return is_token(field.name) && kValueCharacters.has_all(field.value); };
    return url.target.starts_with('/') && kTargetCharacters.has_all(url.target) && !url.host.empty() &&
           kTargetCharacters.has_all(url.host) && port_number(url.port) != 0 &&
           std::ranges::all_of(request_.headers, sendable) && std::ranges::all_of(request_.parts, is_covered);
}

void ClientExchange::begin() {
    wait_until(deadline_);
}

void ClientExchange::finish() {
    timer_.cancel();
    resolver_.cancel();
    if (stream_) stream_->close();
}

void ClientExchange::abort(std::string reason) {
    if (ended_.empty()) ended_ = std::move(reason);
    resolved_.notify();
    if (stream_) stream_->close();
}

void ClientExchange::wait_until(Clock::time_point deadline) {
    timer_.expires_at(deadline);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
        // A wait that ended just before the timer was set anew still reports success.
        if (!error && self->timer_.expiry() <= Clock::now()) self->abort("timeout");
    });
}

std::unexpected<std::string> ClientExchange::failed(std::string_view what,
                                                    const boost::system::error_code& error) const {
    if (!ended_.empty()) return std::unexpected(ended_);
    return std::unexpected(std::string(what) + ": " + error.message());
}

awaitable<ClientExchange::Outcome> ClientExchange::open(asio::ssl::context* tls) {
    auto resolved = co_await resolve();
    if (!resolved) co_return resolved;
    auto connected = co_await connect();
    if (!connected) co_return connected;
    if (tls) {
        auto error = co_await stream_->handshake(*tls, request_.url.host);
        if (error) co_return failed("tls", error);
    }
    co_return Outcome{};
}

awaitable<ClientExchange::Outcome> ClientExchange::resolve() {
    boost::system::error_code no_literal;
    auto address = asio::ip::make_address(request_.url.host, no_literal);
    if (!no_literal) {
        endpoints_ = {{address, port_number(request_.url.port)}};
        co_return judge_addresses();
    }
    // Not awaited itself: a name server that does not answer can hold the operation beyond any cancellation. The
    // deadline ends the wait through `abort`.
    resolver_.async_resolve(
        request_.url.host, request_.url.port, TcpResolver::numeric_service,
        [self = shared_from_this()](boost::system::error_code error, TcpResolver::results_type found) {
            self->resolve_error_ = error;
            for (const auto& entry : found) self->endpoints_.push_back(entry.endpoint());
            self->resolved_.notify();
        });
    co_await resolved_.wait_for(request_.timeout + std::chrono::seconds(1));
    if (resolve_error_) co_return failed("resolve", resolve_error_);
    if (endpoints_.empty()) co_return failed("resolve", asio::error::timed_out);
    co_return judge_addresses();
}

ClientExchange::Outcome ClientExchange::judge_addresses() {
    if (!request_.admits) return {};
    std::erase_if(endpoints_, [&](const auto& endpoint) { return !request_.admits(endpoint.address()); });
    address_refused_ = endpoints_.empty();
    if (address_refused_) return std::unexpected("address refused");
    return {};
}

awaitable<ClientExchange::Outcome> ClientExchange::connect() {
    boost::system::error_code error = asio::error::host_not_found;
    const auto endpoints = endpoints_;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        // An address that swallows packets must leave time for the next one.
        auto now = Clock::now();
        wait_until(now + (deadline_ - now) / static_cast<int>(endpoints.size() - i));
        stream_ = std::make_shared<ClientStream>(executor_);
        error = co_await stream_->connect(endpoints[i]);
        if (!error) break;
        bool last = i + 1 == endpoints.size();
        if (ended_ == "timeout" && !last) ended_.clear();
        if (!ended_.empty()) break;
    }
    if (error || !ended_.empty()) co_return failed("connect", error);
    wait_until(deadline_);
    co_return Outcome{};
}

void ClientExchange::watch_progress() {
    if (request_.progress_timeout.count() == 0) return;
    timer_.expires_at(std::min(deadline_, last_progress_ + request_.progress_timeout));
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
        auto now = Clock::now();
        if (error || now < self->timer_.expiry()) return;
        if (now >= self->deadline_)
            self->abort("timeout");
        else if (now >= self->last_progress_ + self->request_.progress_timeout)
            self->abort("no progress");
        else
            self->watch_progress();
    });
}

awaitable<ClientExchange::Outcome> ClientExchange::write_request() {
    const auto head = request_head(request_);
    auto written = co_await write(head, request_.body);
    for (const auto& part : request_.parts) {
        if (!written) break;
        if (const auto* text = std::get_if<std::string>(&part))
            written = co_await write({}, *text);
        else
            written = co_await write_file(std::get<FilePart>(part));
    }
    co_return written;
}

awaitable<ClientExchange::Outcome> ClientExchange::write(std::string_view head, std::string_view body) {
    while (!head.empty() || !body.empty()) {
        // What TLS did with the bytes of a write that failed is not known.
        if (stream_->is_encrypted()) request_written_ = true;
        std::array<asio::const_buffer, 2> rest{asio::buffer(head), asio::buffer(body)};
        auto written = co_await stream_->write_some(rest);
        if (written.bytes > 0) request_written_ = true;
        peer_closed_ = written.error && ended_.empty();
        if (written.error || !ended_.empty()) co_return failed("write", written.error);
        progressed();
        auto of_head = std::min(written.bytes, head.size());
        head.remove_prefix(of_head);
        body.remove_prefix(written.bytes - of_head);
    }
    co_return Outcome{};
}

awaitable<ClientExchange::Outcome> ClientExchange::write_file(const FilePart& part) {
    std::vector<char> piece(std::min<std::uint64_t>(part.length, kFileStep));
    auto offset = part.offset;
    const auto end = part.offset + part.length;
    while (offset < end) {
        std::size_t size = 0;
        std::string problem = "it is shorter than it was";
        try {
            size = part.file->read_at(offset, std::span(piece).first(std::min<std::uint64_t>(end - offset, kFileStep)));
        } catch (const std::system_error& error) {
            problem = error.what();
        }
        if (size == 0) co_return std::unexpected("file: " + problem);
        auto written = co_await write({}, {piece.data(), size});
        if (!written) co_return written;
        offset += size;
    }
    co_return Outcome{};
}

awaitable<ClientExchange::Outcome> ClientExchange::transfer(AnswerReader& answer) {
    progressed();
    watch_progress();
    auto written = co_await write_request();
    // A peer that refuses a large body may answer and close before it has read all of it.
    bool answered_early = peer_closed_ && !request_.parts.empty();
    if (!written && !answered_early) co_return written;
    std::string buffer(kReadBytes, '\0');
    while (true) {
        auto received = co_await stream_->read_some(asio::buffer(buffer));
        if (!ended_.empty()) co_return std::unexpected(ended_);
        if (received.error && !written) co_return written;
        if (received.error && received.error != asio::error::eof) co_return failed("read", received.error);
        progressed();
        auto whole = received.error ? answer.take_end() : answer.take({buffer.data(), received.bytes});
        if (!whole) co_return std::unexpected(whole.error());
        if (*whole) co_return Outcome{};
    }
}

}  // namespace parley::http

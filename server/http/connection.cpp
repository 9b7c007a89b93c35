#include "http/connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>

#include "base/log.hpp"
#include "http/answer.hpp"
#include "http/letters.hpp"
#include "http/websocket.hpp"

namespace parley::http {
namespace {

constexpr std::size_t kReadBytes = 4 * 1024;
constexpr std::size_t kBodyStep = 64 * 1024;
/// A body up to this size is copied behind its head rather than gathered from where it is.
constexpr std::size_t kCopiedBody = 8 * 1024;
/// The slowest sender that is waited for: every so many bytes of body extend its deadline by a second.
constexpr std::size_t kSlowestBytesPerSecond = 16 * 1024;

constexpr std::chrono::seconds kLingerDeadline{2};
constexpr std::size_t kLingerBytes = 1024 * 1024;

/// The value of the first Origin field of a header section that the gate refused.
std::string_view find_origin(std::string_view head) {
    while (!head.empty()) {
        auto end = head.find('\n');
        auto line = head.substr(0, end);
        head = end == head.npos ? std::string_view{} : head.substr(end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        auto colon = line.find(':');
        if (colon != line.npos && equal_ignoring_case(line.substr(0, colon), "Origin"))
            return trimmed(line.substr(colon + 1));
    }
    return {};
}

Response no_route(const Request& request, const std::vector<Method>& allowed) {
    if (allowed.empty()) return problem(request, 404, "not_found", "There is nothing at this path.");
    if (request.method == Method::options) {
        Response response{.status = 204, .content_type = {}, .body = {}, .headers = {}};
        add_allow(response, allowed);
        return response;
    }
    auto response = problem(request, 405, "method_not_allowed", "This path does not have that method.");
    add_allow(response, allowed);
    return response;
}

Response internal_error(const Request& request, const char* what) {
    log::error("handler_failed", {{"request_id", request.request_id}, {"reason", what}});
    return problem(request, 500, "internal", "Something went wrong here; the request id helps to find it.");
}

}  // namespace

Connection::Connection(TcpSocket socket, std::string remote_address, std::shared_ptr<Listener> listener)
    : socket_(std::move(socket)), remote_address_(std::move(remote_address)), listener_(std::move(listener)) {
    position_ = listener_->connections.insert(listener_->connections.end(), this);
    boost::system::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
    enter(Phase::header);
}

Connection::~Connection() {
    listener_->connections.erase(position_);
    if (listener_->draining && listener_->connections.empty()) listener_->emptied.notify();
}

void Connection::enter(Phase phase) {
    const auto& options = listener_->options;
    auto allowance = [&]() -> std::chrono::seconds {
        switch (phase) {
            case Phase::idle:
                return options.idle_deadline;
            case Phase::header:
                return options.header_deadline;
            case Phase::body:
                return options.body_deadline;
            case Phase::handler:
                return options.handler_deadline;
            case Phase::write:
                return options.write_deadline;
            case Phase::linger:
                return kLingerDeadline;
        }
        return kLingerDeadline;
    };
    phase_ = phase;
    expired_ = false;
    deadline_ = std::chrono::steady_clock::now() + allowance();
}

void Connection::expire() {
    boost::system::error_code ignored;
    bool again = std::exchange(expired_, true);
    deadline_ = std::chrono::steady_clock::time_point::max();
    if (phase_ == Phase::write || phase_ == Phase::linger) return cut();
    if (phase_ != Phase::handler) {
        socket_.cancel(ignored);
        return;
    }
    if (again) {
        log::error("handler_ignores_cancellation", {{"remote_address", remote_address_}});
        return cut();
    }
    deadline_ = std::chrono::steady_clock::now() + listener_->options.handler_deadline;
    cancel_handler_.emit(asio::cancellation_type::terminal);
}

void Connection::close_if_idle() {
    if (phase_ == Phase::idle || (phase_ == Phase::header && input_.empty())) cut();
}

void Connection::cut() {
    boost::system::error_code ignored;
    cut_ = true;
    socket_.close(ignored);
    if (phase_ == Phase::handler && !expired_) cancel_handler_.emit(asio::cancellation_type::terminal);
}

awaitable<void> Connection::serve(std::shared_ptr<Connection> self) {
    auto next = Next::request;
    while (next == Next::request) next = co_await self->serve_request();
    if (next == Next::linger) co_await self->linger();
    boost::system::error_code ignored;
    self->socket_.close(ignored);
}

awaitable<Connection::Next> Connection::serve_request() {
    if (cut_) co_return Next::end;
    cors_origin_ = {};
    if (!input_.empty())
        enter(Phase::header);
    else if (!fresh_)
        enter(Phase::idle);
    HeadScan scan;
    while (true) {
        auto found = scan.look(input_.data());
        if (found == HeadScan::Found::end) break;
        if (found == HeadScan::Found::bare_line_feed)
            co_return co_await refuse({400, "bad_request", "Lines end in CRLF."}, input_.data());
        if (input_.data().size() >= kMaxHeaderBytes)
            co_return co_await refuse({431, "header_too_large", "The header section is over 16 KiB."}, input_.data());
        bool received = co_await receive_some();
        if (expired_ && phase_ == Phase::header)
            co_return co_await refuse({408, "header_timeout", "The header section took too long."}, input_.data());
        if (!received || expired_) co_return Next::end;
        if (phase_ == Phase::idle) enter(Phase::header);
    }
    fresh_ = false;
    request_start_ = std::chrono::steady_clock::now();
    auto head = input_.data().substr(0, scan.size());
    auto gated = judge_head(head);
    if (!gated) co_return co_await refuse(gated.error(), head);
    input_.consume(scan.size());
    co_return co_await serve_gated(*gated);
}

awaitable<Connection::Next> Connection::serve_gated(GatedHead& gated) {
    auto& request = gated.request;
    request.request_id = listener_->ids.next();
    request.remote_address = listener_->options.trusted_proxies.client_of(remote_address_, request.headers);
    cors_origin_ = listener_->allowed_origin(request.header("Origin"));
    if (request.method == Method::options && !cors_origin_.empty() &&
        !request.header("Access-Control-Request-Method").empty()) {
        auto response = preflight_response();
        co_return co_await answer(request, {}, response, gated.keep_alive);
    }
    auto match = listener_->router.match(request.method, request.path);
    if (!match.route) {
        auto response = no_route(request, match.allowed);
        co_return co_await answer(request, {}, response, gated.keep_alive && gated.content_length == 0);
    }
    const auto& route = *match.route;
    request.path_parameters = std::move(match.path_parameters);
    if (gated.content_length > route.body_limit) {
        auto response =
            problem(request, 413, "body_too_large",
                    "The body is over this path's limit of " + std::to_string(route.body_limit) + " bytes.");
        co_return co_await answer(request, route.pattern, response, false);
    }
    if (gated.expects_continue && gated.content_length > input_.data().size()) {
        output_ = "HTTP/1.1 100 Continue\r\n\r\n";
        bool written = co_await write({});
        if (!written) co_return Next::end;
    }
    if (gated.content_length > 0) {
        bool received = co_await receive_body(request.body, gated.content_length);
        if (expired_ && !cut_) {
            auto response = problem(request, 408, "body_timeout", "The body took too long.");
            co_return co_await answer(request, route.pattern, response, false);
        }
        if (!received) co_return Next::end;
    }
    auto response = co_await run_handler(route, request);
    bool late = phase_ == Phase::handler && expired_;
    if (late || cut_) co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (response.upgrade && !late && !cut_) co_return co_await upgrade(request, route.pattern, response);
    co_return co_await answer(request, route.pattern, response, gated.keep_alive && !late);
}

/// The socket leaves this connection, which ends: what follows has other deadlines.
awaitable<Connection::Next> Connection::upgrade(const Request& request, std::string_view route, Response& response) {
    if (!input_.empty() || listener_->draining) {
        // RFC 6455, section 4.1: a client sends nothing before the answer.
        auto refusal = input_.empty() ? problem(request, 503, "unavailable", "The server is stopping.")
                                      : problem(request, 400, "bad_request", "Frames follow the answer, not before.");
        if (input_.empty()) refusal.headers.push_back({"Retry-After", "1"});
        co_return co_await answer(request, route, refusal, false);
    }
    enter(Phase::write);
    auto socket = co_await WebSocket::accept(std::move(socket_), request, response.headers);
    if (listener_->observer)
        listener_->observer({request.method, route, response.status, std::chrono::steady_clock::now() - request_start_,
                             request.request_id});
    if (socket) response.upgrade(std::move(socket));
    co_return Next::end;
}

awaitable<bool> Connection::receive_some() {
    auto room = input_.prepare(input_.empty() ? kReadBytes : kReadBytes / 2);
    boost::system::error_code error;
    auto count = co_await socket_.async_read_some(asio::buffer(room.data(), room.size()),
                                                  asio::redirect_error(use_awaitable, error));
    input_.commit(count);
    co_return !error;
}

awaitable<bool> Connection::receive_body(std::string& body, std::size_t length) {
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
        deadline_ = base_deadline + std::chrono::seconds(received / kSlowestBytesPerSecond);
    }
    co_return true;
}

awaitable<Response> Connection::run_handler(const Route& route, Request& request) {
    enter(Phase::handler);
    try {
        auto response = co_await route.handler(request);
        if (!response.upgrade && (response.status < 200 || response.status > 599))
            co_return internal_error(request, "status out of range");
        co_return response;
    } catch (const ServiceUnavailable& reason) {
        log::warn("service_unavailable", {{"request_id", request.request_id}, {"reason", reason.what()}});
        auto response = problem(request, 503, "unavailable", "Something that this needs is away; try again.");
        response.headers.push_back({"Retry-After", "1"});
        co_return response;
    } catch (const std::exception& error) {
        if (!expired_) co_return internal_error(request, error.what());
    } catch (...) {
        co_return internal_error(request, "not a std::exception");
    }
    log::warn("handler_timeout", {{"request_id", request.request_id}, {"route", route.pattern}});
    auto response =
        problem(request, 503, "handler_timeout", "The answer took too long; whether it was done is not known.");
    response.headers.push_back({"Retry-After", "1"});
    co_return response;
}

awaitable<Connection::Next> Connection::answer(const Request& request, std::string_view route, Response& response,
                                               bool keep_alive) {
    if (cut_ || response.abort) co_return Next::end;
    keep_alive = keep_alive && !response.close && !listener_->draining;
    std::string_view body = response.body;
    if (request.method == Method::head || !may_have_body(response.status)) body = {};
    append_head(output_, response,
                {.request_id = request.request_id,
                 .cors_origin = cors_origin_,
                 .vary_origin = !listener_->options.cors_origins.empty(),
                 .close = !keep_alive,
                 .date = listener_->date()});
    bool written = co_await write(body);
    if (listener_->observer)
        listener_->observer({request.method, route, response.status, std::chrono::steady_clock::now() - request_start_,
                             request.request_id});
    if (!written) co_return Next::end;
    co_return keep_alive ? Next::request : Next::linger;
}

awaitable<Connection::Next> Connection::refuse(Refusal refusal, std::string_view head) {
    if (cut_) co_return Next::end;
    log::debug("request_refused", {{"status", refusal.status}, {"code", refusal.code}});
    Request request;
    request.request_id = listener_->ids.next();
    cors_origin_ = listener_->allowed_origin(find_origin(head));
    auto response = problem(request, refusal.status, refusal.code, refusal.detail);
    append_head(output_, response,
                {.request_id = request.request_id,
                 .cors_origin = cors_origin_,
                 .vary_origin = !listener_->options.cors_origins.empty(),
                 .close = true,
                 .date = listener_->date()});
    bool written = co_await write(response.body);
    co_return written ? Next::linger : Next::end;
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

#include "http/connection.hpp"

#include <boost/asio/this_coro.hpp>
#include <exception>
#include <system_error>
#include <utility>

#include "base/log.hpp"
#include "base/temp_file.hpp"
#include "http/answer.hpp"
#include "http/letters.hpp"
#include "http/websocket.hpp"

namespace parley::http {
namespace {

constexpr std::chrono::seconds kLingerDeadline{2};

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

Response storage_error(const Request& request, const std::error_code& error) {
    log::error("body_not_stored", {{"request_id", request.request_id}, {"reason", error.message()}});
    if (is_disk_full(error)) return problem(request, 507, "disk_full", "There is no room left here for this body.");
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
    if (gated.content_length > route.options.body_limit) {
        auto response =
            problem(request, 413, "body_too_large",
                    "The body is over this path's limit of " + std::to_string(route.options.body_limit) + " bytes.");
        co_return co_await answer(request, route.pattern, response, false);
    }
    if (route.options.admit) {
        auto refusal = co_await call(route, request, Step::admit);
        bool late = phase_ == Phase::handler && expired_;
        if (late || cut_) co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
        if (cut_) co_return Next::end;
        bool unread = gated.content_length > 0;
        if (refusal) co_return co_await answer(request, route.pattern, *refusal, gated.keep_alive && !unread && !late);
    }
    co_return co_await serve_admitted(gated, route);
}

awaitable<Connection::Next> Connection::serve_admitted(GatedHead& gated, const Route& route) {
    auto& request = gated.request;
    std::error_code not_stored;
    bool received = true;
    try {
        received = co_await receive_body(gated, route.options.spool);
    } catch (const std::system_error& error) {
        not_stored = error.code();
    }
    if (not_stored) {
        request.file.reset();
        auto response = storage_error(request, not_stored);
        co_return co_await answer(request, route.pattern, response, false);
    }
    if (phase_ == Phase::body && expired_ && !cut_) {
        auto response = problem(request, 408, "body_timeout", "The body took too long.");
        co_return co_await answer(request, route.pattern, response, false);
    }
    if (!received) co_return Next::end;
    auto answered = co_await call(route, request, Step::handle);
    auto& response = *answered;
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

awaitable<std::optional<Response>> Connection::call(const Route& route, Request& request, Step step) {
    enter(Phase::handler);
    try {
        std::optional<Response> response;
        if (step == Step::admit)
            response = co_await route.options.admit(request);
        else
            response = co_await route.handler(request);
        bool upgrades = response && response->upgrade && step == Step::handle;
        if (response && !upgrades && (response->status < 200 || response->status > 599))
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
    bool written = co_await write(response.file ? std::string_view{} : body);
    if (written && response.file && request.method != Method::head && may_have_body(response.status))
        written = co_await write_file(*response.file);
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

}  // namespace parley::http

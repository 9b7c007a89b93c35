#include "realtime/hub.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/log.hpp"

namespace parley::realtime {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 250ms;
constexpr auto kGoodbyes = 4s;

/// Peers may close with any code; only the known ones become labels.
std::string label_of(std::uint16_t code) {
    bool known = (code >= 1000 && code <= 1014) || code == close_malformed || code == close_unauthenticated ||
                 code == close_forbidden || code == close_slow || code == close_too_many;
    return known ? std::to_string(code) : "other";
}

}  // namespace

Hub::Hub(asio::io_context& io, store::Pool& pool, store::ConnectionOptions listening, auth::TokenVerifier& verifier,
         const Clock& clock, prometheus::Registry& registry, Limits limits, EndedSessions ended_sessions)
    : limits_(limits),
      clock_(clock),
      pool_(pool),
      ended_sessions_(std::move(ended_sessions)),
      metrics_(registry),
      feeds_(pool),
      tail_(io, pool, std::move(listening), feeds_, clock, metrics_),
      presence_(io, pool),
      around_{io.get_executor(), pool,   verifier, clock,     limits_,
              metrics_,          feeds_, tail_,    presence_, [this](Session& session) { return admit(session); }},
      clockwork_(io.get_executor()),
      deserted_(io.get_executor()) {}

Hub::~Hub() = default;

void Hub::start() {
    tail_.start([this](std::string_view payload) { presence_.hear(payload); });
    presence_.start();
    asio::co_spawn(around_.executor, watch_time(), asio::detached);
    asio::co_spawn(around_.executor, watch_rights(), asio::detached);
}

awaitable<void> Hub::stop() {
    if (std::exchange(stopping_, true)) co_return;
    tail_.stop();
    presence_.stop();
    for (const auto& session : sessions_) session->close(close_restart, "the server restarts");
    if (!sessions_.empty()) co_await deserted_.wait_for(kGoodbyes);
    for (const auto& session : sessions_) session->cut();
    clockwork_.cancel();
}

void Hub::adopt(std::shared_ptr<http::WebSocket> socket, std::string address) {
    if (stopping_) return socket->close(close_restart, "the server restarts");
    if (sessions_.size() >= limits_.sockets) return socket->close(close_too_many, "the server has too many sockets");
    auto& waiting = unauthenticated_[address];
    if (waiting >= limits_.unauthenticated_per_address)
        return socket->close(close_too_many, "this address has too many sockets without authentication");
    ++waiting;
    auto session = std::make_shared<Session>(around_, std::move(socket), std::move(address));
    sessions_.insert(session);
    metrics_.open.Increment();
    asio::co_spawn(around_.executor, serve(*this, session), asio::detached);
}

awaitable<void> Hub::serve(Hub& hub, std::shared_ptr<Session> session) {
    try {
        co_await Session::run(session);
    } catch (const std::exception& error) {
        log::error("socket_failed", {{"reason", error.what()}});
        session->cut();
    }
    hub.left(*session);
    hub.sessions_.erase(session);
    if (hub.sessions_.empty()) hub.deserted_.notify();
}

void Hub::release_address(const std::string& address) {
    auto found = unauthenticated_.find(address);
    if (--found->second == 0) unauthenticated_.erase(found);
}

bool Hub::admit(Session& session) {
    release_address(session.address());
    return ++users_[session.user_id()] <= limits_.sockets_per_user;
}

void Hub::left(Session& session) {
    metrics_.open.Decrement();
    metrics_.closes.Add({{"code", label_of(session.close_code())}}).Increment();
    if (session.user_id().empty()) return release_address(session.address());
    auto found = users_.find(session.user_id());
    if (--found->second == 0) users_.erase(found);
}

awaitable<void> Hub::watch_time() {
    while (!stopping_) {
        clockwork_.expires_after(kTick);
        boost::system::error_code stopped;
        co_await clockwork_.async_wait(asio::redirect_error(use_awaitable, stopped));
        auto now = Steady::now();
        auto wall_clock = clock_.now();
        bool blind = tail_.blind_for(now) > limits_.blindness;
        for (const auto& session : sessions_) {
            session->tick(now, wall_clock);
            if (blind) session->close(close_try_again, kDatabaseAway);
        }
    }
}

awaitable<void> Hub::watch_rights() {
    while (!stopping_) {
        co_await sleep_for(around_.executor, limits_.revocation);
        if (stopping_ || users_.empty()) continue;
        try {
            co_await close_former_members();
            co_await close_ended_sessions();
        } catch (const std::exception& error) {
            // Nobody is let in meanwhile either; the next look comes soon.
            log::debug("rights_not_checked", {{"reason", error.what()}});
        }
    }
}

awaitable<void> Hub::close_former_members() {
    std::map<std::pair<AccountId, std::string>, std::vector<std::weak_ptr<Session>>> by_member;
    for (const auto& session : sessions_)
        if (!session->user_id().empty()) by_member[{session->account(), session->user_id()}].push_back(session);
    std::vector<store::Member> members;
    members.reserve(by_member.size());
    for (const auto& [member, sessions] : by_member) members.push_back({member.first, member.second});
    auto remaining = co_await store::still_members(pool_, std::move(members));
    std::size_t position = 0;
    for (const auto& [member, sessions] : by_member) {
        if (remaining[position++]) continue;
        for (const auto& each : sessions)
            if (auto session = each.lock()) session->close(close_forbidden, "this user is not a member any more");
    }
}

awaitable<void> Hub::close_ended_sessions() {
    if (!ended_sessions_) co_return;
    std::set<std::string> ids;
    for (const auto& session : sessions_)
        if (!session->session_id().empty()) ids.insert(session->session_id());
    if (ids.empty()) co_return;
    auto ended = co_await ended_sessions_({ids.begin(), ids.end()});
    std::set<std::string> gone(ended.begin(), ended.end());
    for (const auto& session : sessions_)
        if (gone.contains(session->session_id())) session->close(close_unauthenticated, "signed out");
}

}  // namespace parley::realtime

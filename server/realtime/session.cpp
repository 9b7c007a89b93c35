#include "realtime/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/log.hpp"
#include "store/accounts.hpp"

namespace parley::realtime {
namespace {

constexpr std::int64_t kPage = 200;
constexpr int kReplayTries = 5;
constexpr std::chrono::seconds kReplayPause{1};

}  // namespace

Session::Session(const Surroundings& around, std::shared_ptr<http::WebSocket> socket, std::string address)
    : around_(around),
      socket_(std::move(socket)),
      address_(std::move(address)),
      first_message_due_(Steady::now() + around.limits.first_message) {}

awaitable<void> Session::run(std::shared_ptr<Session> self) {
    auto& session = *self;
    while (true) {
        auto text = co_await session.socket_->read();
        if (!text) break;
        if (!session.allowance_.take(Steady::now())) {
            session.close(close_too_many, "more than 30 messages in 5 s");
            continue;
        }
        auto frame = read_client_frame(*text);
        if (!frame) {
            session.close(close_malformed, frame.error());
            continue;
        }
        try {
            co_await session.handle(std::move(*frame));
        } catch (const store::DbError& error) {
            log::warn("socket_without_database", {{"reason", error.what()}});
            session.close(close_try_again, kDatabaseAway);
        }
    }
    if (session.feed_) {
        session.around_.presence.leave(session.account_, session);
        session.around_.feeds.leave(session.account_, session);
    }
}

awaitable<void> Session::handle(ClientFrame frame) {
    if (auto* auth = std::get_if<AuthFrame>(&frame)) {
        spoke_ = true;
        co_return co_await authenticate(std::move(*auth));
    }
    if (!feed_) co_return close(close_unauthenticated, "the first message must be auth");
    if (const auto* viewing = std::get_if<ViewingFrame>(&frame))
        view(*viewing);
    else if (const auto* typing = std::get_if<TypingFrame>(&frame))
        type(*typing);
    else if (const auto* unknown = std::get_if<UnknownFrame>(&frame))
        send(unknown_type_frame(unknown->type));
    else
        send(pong_frame());
}

awaitable<void> Session::authenticate(AuthFrame frame) {
    auto claims = co_await around_.verifier.verify_token(frame.token);
    if (!claims) {
        bool away = claims.error().code == Errc::unavailable;
        co_return close(away ? close_try_again : close_unauthenticated, claims.error().detail);
    }
    if (!feed_) co_return co_await enter(std::move(*claims), std::move(frame));
    if (claims->user_id != user_id_) co_return close(close_forbidden, "the new token is another user's");
    renew(*claims);
}

void Session::renew(const auth::Claims& claims) {
    session_id_ = claims.session_id;
    expires_at_ = claims.expires_at;
    warned_ = false;
}

awaitable<void> Session::enter(auth::Claims claims, AuthFrame frame) {
    auto resume = std::move(frame.resume);
    auto membership = co_await store::find_membership(around_.pool, claims.user_id, frame.account);
    if (!membership && frame.account) co_return close(close_forbidden, "this user is not a member of this account");
    if (!membership) co_return close(close_forbidden, "this user is not a member of any account here");
    auto feed = co_await around_.feeds.join(membership->account, *this);
    account_ = membership->account;
    feed_ = feed;
    user_id_ = claims.user_id;
    name_ = claims.name.empty() ? "Agent" : claims.name;
    renew(claims);
    if (!around_.admit(*this)) co_return close(close_too_many, "this user has too many sockets");
    around_.tail.look_at(account_);

    bool recovered = co_await can_resume(feed, resume);
    if (socket_->closing()) co_return;
    sent_ = recovered ? resume->offset : feed->offset();
    send(ready_frame({feed->epoch(), sent_, recovered, user_id_, around_.clock.now()}));
    heartbeat_due_ = Steady::now() + around_.limits.heartbeat;
    around_.presence.join(account_, *this);
    start_catching_up();
}

awaitable<bool> Session::can_resume(std::shared_ptr<Feed> feed, std::optional<Resume> resume) {
    if (!resume || resume->epoch != feed->epoch()) co_return false;
    if (feed->remembers(resume->offset)) co_return true;
    // Another process may have told it more than this one has read.
    auto positions = co_await store::event_positions(around_.pool, {account_});
    if (positions.empty() || positions.front().epoch != resume->epoch) co_return false;
    const auto& log = positions.front();
    co_return resume->offset <= log.offset &&
        resume->offset + 1 >= log.oldest&& log.offset - resume->offset <= around_.limits.replay;
}

void Session::start_catching_up() {
    live_ = false;
    asio::co_spawn(around_.executor, catch_up(shared_from_this()), asio::detached);
}

awaitable<void> Session::catch_up(std::shared_ptr<Session> self) {
    // It is told nothing meanwhile, so it misses nothing when the database is away for a moment.
    for (int tries = 1;; ++tries) {
        try {
            co_return co_await self->replay();
        } catch (const std::exception& error) {
            if (tries == kReplayTries) {
                log::warn("socket_without_database", {{"reason", error.what()}});
                co_return self->close(close_try_again, kDatabaseAway);
            }
        }
        co_await sleep_for(self->around_.executor, kReplayPause);
    }
}

awaitable<void> Session::replay() {
    while (!socket_->closing()) {
        if (sent_ >= feed_->offset()) {
            live_ = true;
            break;
        }
        std::vector<Frame> frames;
        if (feed_->offset() - sent_ > around_.limits.replay) co_return close(close_slow, "slow");
        if (feed_->remembers(sent_)) {
            frames = feed_->after(sent_, kPage);
        } else {
            auto page = co_await store::events_after(around_.pool, account_, sent_, kPage);
            if (page.events.empty() || page.events.front().offset != sent_ + 1) co_return start_anew();
            frames = event_frames(page);
        }
        for (const auto& frame : frames) {
            while (!socket_->send(frame)) {
                bool drained = co_await socket_->drained(around_.limits.drain);
                if (!drained) co_return close(close_slow, "slow");
            }
            ++sent_;
        }
        around_.metrics.frames.Increment(static_cast<double>(frames.size()));
    }
}

void Session::tell(std::int64_t offset, const Frame& frame) {
    if (!live_ || offset <= sent_) return;
    if (socket_->send(frame)) {
        sent_ = offset;
        around_.metrics.frames.Increment();
    } else {
        // From the log instead, at the peer's own pace, so that a burst is no reason to lose it.
        start_catching_up();
    }
}

bool Session::send(const Frame& frame) {
    around_.metrics.frames.Increment();
    if (socket_->send(frame)) return true;
    close(close_slow, "slow");
    return false;
}

Agent Session::agent() const {
    Agent agent{user_id_, name_, {}, {}};
    if (viewing_) agent.viewing.insert(*viewing_);
    for (const auto& [conversation, until] : typing_) agent.typing.insert(conversation);
    return agent;
}

bool Session::show(const Frame& presence) {
    if (!socket_->send(presence)) return false;
    around_.metrics.frames.Increment();
    return true;
}

void Session::view(const ViewingFrame& frame) {
    if (std::exchange(viewing_, frame.conversation) != frame.conversation) around_.presence.changed(account_);
}

void Session::type(const TypingFrame& frame) {
    bool changed = false;
    if (frame.typing && around_.typing) around_.typing(account_, frame.conversation);
    if (frame.typing)
        changed = typing_.insert_or_assign(frame.conversation, Steady::now() + around_.limits.typing).second;
    else
        changed = typing_.erase(frame.conversation) > 0;
    if (changed) around_.presence.changed(account_);
}

void Session::tick(Steady::time_point now, TimePoint wall_clock) {
    const auto& limits = around_.limits;
    if (!spoke_ && now >= first_message_due_) return close(close_unauthenticated, "no auth message came in time");
    if (user_id_.empty() || socket_->closing()) return;
    if (wall_clock >= expires_at_ + limits.expiry_skew)
        return close(close_unauthenticated, "the access token has expired");
    if (!warned_ && wall_clock >= expires_at_ - limits.expiry_warning) {
        warned_ = true;
        send(expiring_frame(expires_at_));
    }
    if (live_ && now >= heartbeat_due_) {
        heartbeat_due_ = now + limits.heartbeat;
        // Dropped where the queue is full: whoever has so much to read needs no sign of life.
        socket_->send(heartbeat_frame(sent_));
    }
    if (std::erase_if(typing_, [&](const auto& each) { return now >= each.second; }) > 0)
        around_.presence.changed(account_);
}

}  // namespace parley::realtime

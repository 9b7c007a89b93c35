// One event socket: who is behind it, what it has been told, and what it says.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "auth/verifier.hpp"
#include "realtime/client_frame.hpp"
#include "realtime/feed.hpp"
#include "realtime/limits.hpp"
#include "realtime/metrics.hpp"
#include "realtime/presence.hpp"
#include "realtime/tail.hpp"

namespace parley::realtime {

class Session;

/// What sessions use; owned by the Hub.
struct Surroundings {
    Executor executor;
    store::Pool& pool;
    auth::TokenVerifier& verifier;
    const Clock& clock;
    const Limits& limits;
    SocketMetrics& metrics;
    Feeds& feeds;
    Tail& tail;
    Presence& presence;
    /// Called once, when it is known who is behind a socket; false when that user has too many.
    std::function<bool(Session&)> admit;
    /// Told of each sign that an agent types; may be empty.
    std::function<void(AccountId, ConversationId)> typing = {};
};

class Session final : public std::enable_shared_from_this<Session>, private Subscriber, private Attendee {
  public:
    Session(const Surroundings& around, std::shared_ptr<http::WebSocket> socket, std::string address);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Serves the socket until it is closed.
    static awaitable<void> run(std::shared_ptr<Session> self);
    /// What time brings: deadlines, warnings, heartbeats.
    void tick(Steady::time_point now, TimePoint wall_clock);
    void close(std::uint16_t code, std::string_view reason) { socket_->close(code, reason); }
    void cut() { socket_->cut(); }

    const std::string& address() const { return address_; }
    /// Empty until the user was admitted.
    const std::string& user_id() const { return user_id_; }
    const std::string& session_id() const { return session_id_; }
    AccountId account() const { return account_; }
    std::uint16_t close_code() const { return socket_->close_code(); }

  private:
    // Subscriber and Attendee.
    void tell(std::int64_t offset, const Frame& frame) override;
    void start_anew() override { close(close_restart, "the event log began anew"); }
    Agent agent() const override;
    bool show(const Frame& presence) override;

    awaitable<void> handle(ClientFrame frame);
    awaitable<void> authenticate(AuthFrame frame);
    awaitable<void> enter(auth::Claims claims, AuthFrame frame);
    awaitable<bool> can_resume(std::shared_ptr<Feed> feed, std::optional<Resume> resume);
    void renew(const auth::Claims& claims);
    /// Brings the socket up to where its feed stands, at the pace of its peer; from there on it is told events live.
    static awaitable<void> catch_up(std::shared_ptr<Session> self);
    awaitable<void> replay();
    void start_catching_up();
    void view(const ViewingFrame& frame);
    void type(const TypingFrame& frame);
    bool send(const Frame& frame);

    const Surroundings& around_;
    std::shared_ptr<http::WebSocket> socket_;
    const std::string address_;
    Steady::time_point first_message_due_;
    Steady::time_point heartbeat_due_;
    bool spoke_ = false;

    std::string user_id_, session_id_, name_;
    AccountId account_;
    TimePoint expires_at_;
    bool warned_ = false;

    std::shared_ptr<Feed> feed_;
    std::int64_t sent_ = 0;  // the offset of the last event sent
    bool live_ = false;      // told by the feed; else catch_up is at work
    FrameAllowance allowance_;
    std::optional<ConversationId> viewing_;
    std::map<ConversationId, Steady::time_point> typing_;  // until when
};

}  // namespace parley::realtime

// All event sockets of this process. The face of the room.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "realtime/session.hpp"

namespace parley::realtime {

/// Which of these sign-in sessions have ended. Empty: none is ever asked about.
using EndedSessions = std::function<awaitable<std::vector<std::string>>(std::vector<std::string> session_ids)>;

class Hub {
  public:
    /// `pool` should be the hub's own: after an interruption all sockets come back at once. `listening` says where to
    /// wait for notifications. Everything given outlives the hub.
    Hub(asio::io_context& io, store::Pool& pool, store::ConnectionOptions listening, auth::TokenVerifier& verifier,
        const Clock& clock, prometheus::Registry& registry, Limits limits, EndedSessions ended_sessions = {});
    ~Hub();
    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;

    /// Told of each sign that an agent types. Before `start`.
    void on_typing(std::function<void(AccountId, ConversationId)> told) { around_.typing = std::move(told); }
    void start();
    /// Closes all sockets with 1012 and waits for them, a few seconds at most. Idempotent.
    awaitable<void> stop();

    /// Serves a socket that the handshake let in; `address` is its peer's.
    void adopt(std::shared_ptr<http::WebSocket> socket, std::string address);
    std::size_t open_sockets() const { return sessions_.size(); }

  private:
    using Sessions = std::set<std::shared_ptr<Session>>;

    static awaitable<void> serve(Hub& hub, std::shared_ptr<Session> session);
    bool admit(Session& session);
    void left(Session& session);
    void release_address(const std::string& address);
    awaitable<void> watch_time();
    awaitable<void> watch_rights();
    awaitable<void> close_former_members();
    awaitable<void> close_ended_sessions();

    const Limits limits_;
    const Clock& clock_;
    store::Pool& pool_;
    EndedSessions ended_sessions_;
    SocketMetrics metrics_;
    Feeds feeds_;
    Tail tail_;
    Presence presence_;
    Surroundings around_;
    Sessions sessions_;
    std::map<std::string, std::size_t> unauthenticated_;  // by address
    std::map<std::string, std::size_t> users_;
    Timer clockwork_;
    Signal deserted_;
    bool stopping_ = false;
};

}  // namespace parley::realtime

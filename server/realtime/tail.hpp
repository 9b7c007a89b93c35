// Reads what is new in the event log and tells it to the feeds: when a commit says so (LISTEN), and once a second in
// any case, because a notification may be lost.
#pragma once

#include <functional>
#include <optional>
#include <set>

#include "realtime/feed.hpp"
#include "realtime/limits.hpp"
#include "realtime/metrics.hpp"
#include "store/listener.hpp"

namespace parley::realtime {

class Tail {
  public:
    Tail(asio::io_context& io, store::Pool& pool, store::ConnectionOptions listening, Feeds& feeds, const Clock& clock,
         SocketMetrics& metrics);
    Tail(const Tail&) = delete;
    Tail& operator=(const Tail&) = delete;

    /// `hear_presence` gets what other processes say about their agents.
    void start(std::function<void(std::string_view)> hear_presence);
    void stop();
    /// A feed was opened: something may have been told to nobody just before.
    void look_at(AccountId account);
    /// How long the log could not be read by now.
    Steady::duration blind_for(Steady::time_point now) const;

  private:
    awaitable<void> listen();
    awaitable<void> follow();
    awaitable<void> read_news();
    awaitable<void> catch_up(std::shared_ptr<Feed> feed);
    void hear(const store::Notification& notification);

    Executor executor_;
    store::Pool& pool_;
    store::ConnectionOptions listening_;
    Feeds& feeds_;
    const Clock& clock_;
    SocketMetrics& metrics_;
    std::function<void(std::string_view)> hear_presence_;
    std::unique_ptr<store::Listener> listener_;
    Signal news_;
    Signal stop_;  // ends the pause of listen()
    std::set<AccountId> due_;
    Steady::time_point look_at_all_at_{};
    std::optional<Steady::time_point> failing_since_;
    bool stopped_ = false;
};

}  // namespace parley::realtime

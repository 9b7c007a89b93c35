#include "realtime/tail.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <charconv>

#include "base/log.hpp"

namespace parley::realtime {
namespace {

using namespace std::chrono_literals;

constexpr auto kPoll = 1s;
constexpr auto kFirstBackOff = 100ms;
constexpr std::chrono::milliseconds kLongestBackOff = 5s;
constexpr std::int64_t kPage = 500;

}  // namespace

Tail::Tail(asio::io_context& io, store::Pool& pool, store::ConnectionOptions listening, Feeds& feeds,
           const Clock& clock, SocketMetrics& metrics)
    : executor_(io.get_executor()),
      pool_(pool),
      listening_(std::move(listening)),
      feeds_(feeds),
      clock_(clock),
      metrics_(metrics),
      news_(executor_),
      stop_(executor_) {}

void Tail::start(std::function<void(std::string_view)> hear_presence) {
    hear_presence_ = std::move(hear_presence);
    asio::co_spawn(executor_, listen(), asio::detached);
    asio::co_spawn(executor_, follow(), asio::detached);
}

void Tail::stop() {
    stopped_ = true;
    if (listener_) listener_->cancel();
    news_.notify();
    stop_.notify();
}

awaitable<void> Tail::listen() {
    std::chrono::milliseconds back_off = kFirstBackOff;
    while (!stopped_) {
        try {
            listener_ = co_await store::Listener::open(executor_, listening_);
            if (back_off != kFirstBackOff) log::info("listening_for_events_again");
            back_off = kFirstBackOff;
            // What was told before this is found by looking.
            look_at_all_at_ = {};
            news_.notify();
            while (!stopped_) {
                auto heard = co_await listener_->wait();
                for (const auto& notification : heard) hear(notification);
            }
        } catch (const store::DbError& error) {
            if (!stopped_ && back_off == kFirstBackOff)
                log::warn("not_listening_for_events", {{"reason", error.what()}});
        }
        listener_.reset();
        if (stopped_) break;
        co_await stop_.wait_for(back_off);
        back_off = std::min(back_off * 2, kLongestBackOff);
    }
}

void Tail::hear(const store::Notification& notification) {
    if (notification.channel == "parley_presence") return hear_presence_(notification.payload);
    AccountId account;
    const auto& text = notification.payload;
    if (std::from_chars(text.data(), text.data() + text.size(), account.value).ec != std::errc{}) return;
    if (feeds_.find(account)) look_at(account);
}

void Tail::look_at(AccountId account) {
    due_.insert(account);
    news_.notify();
}

awaitable<void> Tail::follow() {
    while (!stopped_) {
        co_await news_.wait_for(kPoll);
        if (stopped_) break;
        try {
            co_await read_news();
            failing_since_.reset();
            continue;
        } catch (const std::exception& error) {
            if (!failing_since_) {
                failing_since_ = Steady::now();
                log::warn("events_not_read", {{"reason", error.what()}});
            }
        }
        look_at_all_at_ = {};
        co_await sleep_for(executor_, kFirstBackOff);
    }
}

Steady::duration Tail::blind_for(Steady::time_point now) const {
    return failing_since_ ? now - *failing_since_ : Steady::duration::zero();
}

awaitable<void> Tail::read_news() {
    auto due = std::exchange(due_, {});
    if (auto now = Steady::now(); now >= look_at_all_at_) {
        auto accounts = feeds_.accounts();
        if (!accounts.empty()) {
            auto positions = co_await store::event_positions(pool_, std::move(accounts));
            for (const auto& position : positions) {
                auto feed = feeds_.find(position.account);
                if (!feed) continue;
                if (position.epoch != feed->epoch() || position.offset < feed->offset()) {
                    log::warn("event_log_replaced", {{"account_id", position.account.value}});
                    feeds_.start_anew(position.account);
                } else if (position.offset > feed->offset()) {
                    due.insert(position.account);
                }
            }
        }
        look_at_all_at_ = now + kPoll;
    }
    for (auto account : due)
        if (auto feed = feeds_.find(account)) co_await catch_up(feed);
}

awaitable<void> Tail::catch_up(std::shared_ptr<Feed> feed) {
    while (!stopped_) {
        auto page = co_await store::events_after(pool_, feed->account(), feed->offset(), kPage);
        if (page.events.empty()) break;
        auto frames = event_frames(page);
        for (std::size_t i = 0; i < frames.size(); ++i) {
            if (page.events[i].offset != feed->offset() + 1) {
                log::error("event_log_has_a_hole", {{"account_id", feed->account().value}, {"offset", feed->offset()}});
                feeds_.start_anew(feed->account());
                co_return;
            }
            feed->tell(std::move(frames[i]));
            metrics_.delay.Observe(std::chrono::duration<double>(clock_.now() - page.events[i].at).count());
        }
        if (static_cast<std::int64_t>(page.events.size()) < kPage) break;
    }
}

}  // namespace parley::realtime

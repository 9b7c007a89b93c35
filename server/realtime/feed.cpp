#include "realtime/feed.hpp"

#include <algorithm>

namespace parley::realtime {
namespace {

// What a short interruption of many sockets misses, so that their resuming costs the database nothing.
constexpr std::size_t kRecentFrames = 1'000;
constexpr std::size_t kRecentBytes = 1024 * 1024;

}  // namespace

void Feed::tell(Frame frame) {
    ++offset_;
    recent_bytes_ += frame->size();
    recent_.push_back(frame);
    while (recent_.size() > kRecentFrames || recent_bytes_ > kRecentBytes) {
        recent_bytes_ -= recent_.front()->size();
        recent_.pop_front();
    }
    for (auto* subscriber : subscribers_) subscriber->tell(offset_, frame);
}

void Feed::start_anew() {
    for (auto* subscriber : subscribers_) subscriber->start_anew();
}

std::vector<Frame> Feed::after(std::int64_t offset, std::size_t limit) const {
    auto behind = static_cast<std::size_t>(offset_ - offset);
    auto first = recent_.end() - static_cast<std::ptrdiff_t>(behind);
    return {first, first + static_cast<std::ptrdiff_t>(std::min(behind, limit))};
}

awaitable<std::shared_ptr<Feed>> Feeds::join(AccountId account, Subscriber& subscriber) {
    auto feed = find(account);
    if (!feed) {
        auto positions = co_await store::event_positions(pool_, {account});
        if (positions.empty()) throw std::runtime_error("an account with a member is gone");
        // Somebody else may have opened it meanwhile.
        auto& place = feeds_[account];
        if (!place) place = std::make_shared<Feed>(account, positions.front().epoch, positions.front().offset);
        feed = place;
    }
    feed->join(subscriber);
    co_return feed;
}

void Feeds::leave(AccountId account, Subscriber& subscriber) {
    auto found = feeds_.find(account);
    if (found == feeds_.end()) return;
    found->second->leave(subscriber);
    if (found->second->deserted()) feeds_.erase(found);
}

std::shared_ptr<Feed> Feeds::find(AccountId account) const {
    auto found = feeds_.find(account);
    return found == feeds_.end() ? nullptr : found->second;
}

std::vector<AccountId> Feeds::accounts() const {
    std::vector<AccountId> out;
    out.reserve(feeds_.size());
    for (const auto& [account, feed] : feeds_) out.push_back(account);
    return out;
}

void Feeds::start_anew(AccountId account) {
    auto feed = find(account);
    if (!feed) return;
    feeds_.erase(account);
    feed->start_anew();
}

}  // namespace parley::realtime

// One account's event log as this process tells it: where it stands, its latest frames, and who follows.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "realtime/frames.hpp"

namespace parley::realtime {

class Subscriber {
  public:
    virtual ~Subscriber() = default;
    /// Called for every event in order.
    virtual void tell(std::int64_t offset, const Frame& frame) = 0;
    /// The log is not what it was (a restored database): whoever follows has to start anew.
    virtual void start_anew() = 0;
};

class Feed {
  public:
    Feed(AccountId account, std::string epoch, std::int64_t offset)
        : account_(account), epoch_(std::move(epoch)), offset_(offset) {}

    AccountId account() const { return account_; }
    const std::string& epoch() const { return epoch_; }
    /// Of the last event told.
    std::int64_t offset() const { return offset_; }

    /// The event after the last one.
    void tell(Frame frame);
    void start_anew();

    /// Whether everything after `offset` is in memory.
    bool remembers(std::int64_t offset) const {
        return offset <= offset_ && offset_ - offset <= static_cast<std::int64_t>(recent_.size());
    }
    /// Up to `limit` frames after `offset`, which is remembered.
    std::vector<Frame> after(std::int64_t offset, std::size_t limit) const;

    void join(Subscriber& subscriber) { subscribers_.insert(&subscriber); }
    void leave(Subscriber& subscriber) { subscribers_.erase(&subscriber); }
    bool deserted() const { return subscribers_.empty(); }

  private:
    AccountId account_;
    std::string epoch_;
    std::int64_t offset_;
    std::deque<Frame> recent_;  // the last is the one at offset_
    std::size_t recent_bytes_ = 0;
    std::set<Subscriber*> subscribers_;
};

/// The feeds of the accounts that somebody follows.
class Feeds {
  public:
    explicit Feeds(store::Pool& pool) : pool_(pool) {}

    /// The account's feed with `subscriber` in it, started where the log stands if there was none. Throws DbError.
    awaitable<std::shared_ptr<Feed>> join(AccountId account, Subscriber& subscriber);
    void leave(AccountId account, Subscriber& subscriber);
    std::shared_ptr<Feed> find(AccountId account) const;
    std::vector<AccountId> accounts() const;
    /// Everybody who follows the account is told to start anew, and its feed is forgotten.
    void start_anew(AccountId account);

  private:
    store::Pool& pool_;
    std::map<AccountId, std::shared_ptr<Feed>> feeds_;
};

}  // namespace parley::realtime

// When a number or a pair may send next. Pure state machines: time goes in, decisions come out.
#pragma once

#include <chrono>
#include <cstdint>

namespace parley::flow {

using SteadyTime = std::chrono::steady_clock::time_point;

/// A token bucket: `burst` sends at once, then one per `interval`.
class TokenBucket {
  public:
    TokenBucket(std::chrono::microseconds interval, int burst, SteadyTime now)
        : interval_(interval), burst_(burst), full_at_(now) {}

    /// When one send may happen; `now` or earlier means at once.
    SteadyTime available_at() const { return full_at_ - interval_ * (burst_ - 1); }

    void take(SteadyTime now) {
        if (full_at_ < now) full_at_ = now;
        full_at_ += interval_;
    }

    /// True when the bucket has refilled: it may be forgotten.
    bool full(SteadyTime now) const { return full_at_ <= now; }

  private:
    std::chrono::microseconds interval_;
    int burst_;
    SteadyTime full_at_;  // when all tokens are back
};

/// Meta's throughput per business number (reference, section 16.2): 80 messages a second.
inline constexpr std::chrono::microseconds kNumberInterval{12'500};
inline constexpr int kNumberBurst = 40;
/// Meta's pair limit: one message in 6 s to one user, bursts up to 45 borrowed from the future.
inline constexpr std::chrono::microseconds kPairInterval{6'000'000};
inline constexpr int kPairBurst = 40;

/// Waiting times after failures; `attempt` counts from 1, `jitter` is from [0, 1).
std::chrono::milliseconds retry_delay(std::int64_t attempt, double jitter);
/// After 131056: 4^n seconds (reference, section 15), at most an hour.
std::chrono::milliseconds pair_delay(std::int64_t attempt);

/// After so many attempts, or so long in the outbox, a message fails.
inline constexpr std::int64_t kMaxAttempts = 12;
inline constexpr std::chrono::hours kMaxAge{24};

}  // namespace parley::flow

// How often somebody may try: token buckets per address, and the growing wait for e-mail addresses that nobody has.
// Pure but for the monotonic clock; the tables are bounded.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "auth/jwks.hpp"

namespace parley::auth {

/// A token bucket per key: `burst` at once, refilled by `rate` a second.
class RateLimit {
  public:
    RateLimit(double burst, double rate, MonotonicNow now = std::chrono::steady_clock::now);

    /// Takes one. When there is none: how long until there is.
    std::optional<std::chrono::seconds> take(std::string_view key);
    std::size_t size() const { return buckets_.size(); }

    static constexpr std::size_t kMaxKeys = 10'000;

  private:
    struct Bucket {
        double level;
        std::chrono::steady_clock::time_point at;
    };
    void make_room();
    double level_of(const Bucket& bucket, std::chrono::steady_clock::time_point now) const;

    double burst_;
    double rate_;
    MonotonicNow now_;
    std::map<std::string, Bucket, std::less<>> buckets_;
};

/// The key of a client's address: all of one IPv6 network of 64 bits is one.
std::string network_of(std::string_view address);

/// How long to wait after that many failures in a row: nothing up to the fourth, then 1 s, 2 s, 4 s ... 60 s.
std::chrono::seconds wait_after(int failures);

/// The same waits as existing users have in the database, for addresses that nobody has: answers do not tell which is
/// which. When too many are remembered, the one that is over first is forgotten.
class Strangers {
  public:
    explicit Strangers(MonotonicNow now = std::chrono::steady_clock::now) : now_(std::move(now)) {}

    /// Counts a failure; when it came too early it does not count, and the answer is how long to wait.
    std::optional<std::chrono::seconds> fail(std::string_view email);

    static constexpr std::size_t kMaxKeys = 10'000;

  private:
    struct Record {
        int failures = 0;
        std::chrono::steady_clock::time_point next{};
    };
    MonotonicNow now_;
    std::map<std::string, Record, std::less<>> records_;
};

}  // namespace parley::auth

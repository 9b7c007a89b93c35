// How many messages a number may send (reference, section 16.2).
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "base/time.hpp"

namespace parley::simulator {

/// A token bucket: `capacity` at once, then one each `refill`. Pure; the clock is passed in.
class Bucket {
  public:
    Bucket(double capacity, std::chrono::duration<double> refill)
        : capacity_(capacity), refill_(refill), tokens_(capacity) {}

    /// False when it is empty; nothing is taken then.
    bool take(TimePoint now);
    bool full(TimePoint now) const;

  private:
    void fill_up(TimePoint now);

    double capacity_;
    std::chrono::duration<double> refill_;
    double tokens_;
    TimePoint filled_at_{};
};

/// Counts per business number, and per number and customer.
class Limits {
  public:
    /// 80 a second, in both directions together. False: 130429.
    bool take_throughput(const std::string& phone_number_id, TimePoint now);
    /// 45 at once, then one each 6 seconds. False: 131056.
    bool take_pair(const std::string& phone_number_id, const std::string& customer, TimePoint now);
    void clear();

  private:
    static constexpr std::size_t kMaxBuckets = 100'000;
    using Buckets = std::unordered_map<std::string, Bucket>;

    Buckets numbers_;
    Buckets pairs_;
};

}  // namespace parley::simulator

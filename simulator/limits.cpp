#include "simulator/limits.hpp"

#include <algorithm>

namespace parley::simulator {
namespace {

constexpr double kThroughput = 80;
constexpr std::chrono::duration<double> kThroughputRefill{1.0 / kThroughput};
constexpr double kPairBurst = 45;
constexpr std::chrono::seconds kPairRefill{6};

}  // namespace

void Bucket::fill_up(TimePoint now) {
    if (now > filled_at_ && filled_at_ != TimePoint{}) {
        tokens_ = std::min(capacity_, tokens_ + std::chrono::duration<double>(now - filled_at_) / refill_);
    }
    filled_at_ = std::max(now, filled_at_);
}

bool Bucket::take(TimePoint now) {
    fill_up(now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
}

bool Bucket::full(TimePoint now) const {
    return tokens_ + std::chrono::duration<double>(now - filled_at_) / refill_ >= capacity_;
}

bool Limits::take_throughput(const std::string& phone_number_id, TimePoint now) {
    return numbers_.try_emplace(phone_number_id, kThroughput, kThroughputRefill).first->second.take(now);
}

bool Limits::take_pair(const std::string& phone_number_id, const std::string& customer, TimePoint now) {
    if (pairs_.size() >= kMaxBuckets) {
        std::erase_if(pairs_, [&](const auto& pair) { return pair.second.full(now); });
    }
    return pairs_.try_emplace(phone_number_id + "/" + customer, kPairBurst, kPairRefill).first->second.take(now);
}

void Limits::clear() {
    numbers_.clear();
    pairs_.clear();
}

}  // namespace parley::simulator

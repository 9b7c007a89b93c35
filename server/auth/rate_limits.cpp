#include "auth/rate_limits.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cmath>

#include "base/crypto.hpp"

namespace parley::auth {
namespace {

using std::chrono::seconds;

constexpr int kFreeFailures = 4;
constexpr seconds kLongestWait{60};

seconds round_up(std::chrono::duration<double> wait) {
    return std::max(seconds{1}, std::chrono::ceil<seconds>(wait));
}

}  // namespace

RateLimit::RateLimit(double burst, double rate, MonotonicNow now) : burst_(burst), rate_(rate), now_(std::move(now)) {}

double RateLimit::level_of(const Bucket& bucket, std::chrono::steady_clock::time_point now) const {
    std::chrono::duration<double> since = now - bucket.at;
    return std::min(burst_, bucket.level + since.count() * rate_);
}

std::optional<seconds> RateLimit::take(std::string_view key) {
    auto now = now_();
    auto found = buckets_.find(key);
    if (found == buckets_.end()) {
        make_room();
        found = buckets_.emplace(std::string(key), Bucket{burst_, now}).first;
    }
    auto level = level_of(found->second, now);
    if (level < 1) return round_up(std::chrono::duration<double>((1 - level) / rate_));
    found->second = {level - 1, now};
    return std::nullopt;
}

void RateLimit::make_room() {
    if (buckets_.size() < kMaxKeys) return;
    auto now = now_();
    std::erase_if(buckets_, [&](const auto& entry) { return level_of(entry.second, now) >= burst_; });
    if (buckets_.size() >= kMaxKeys)
        buckets_.erase(std::ranges::min_element(buckets_, {}, [](const auto& entry) { return entry.second.at; }));
}

std::string network_of(std::string_view address) {
    boost::system::error_code error;
    auto parsed = boost::asio::ip::make_address(address, error);
    if (error || !parsed.is_v6()) return std::string(address);
    auto bytes = parsed.to_v6().to_bytes();
    return to_hex({reinterpret_cast<const char*>(bytes.data()), 8});
}

seconds wait_after(int failures) {
    if (failures <= kFreeFailures) return seconds{0};
    return std::min(kLongestWait, seconds{1} * (1 << std::min(failures - kFreeFailures - 1, 6)));
}

std::optional<seconds> Strangers::fail(std::string_view email) {
    auto now = now_();
    auto found = records_.find(email);
    if (found == records_.end()) {
        if (records_.size() >= kMaxKeys)
            records_.erase(std::ranges::min_element(records_, {}, [](const auto& entry) { return entry.second.next; }));
        found = records_.emplace(std::string(email), Record{}).first;
    }
    auto& record = found->second;
    if (now < record.next) return round_up(record.next - now);
    record.failures = std::min(record.failures + 1, 1000);
    record.next = now + wait_after(record.failures);
    return std::nullopt;
}

}  // namespace parley::auth

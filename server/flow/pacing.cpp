#include "flow/pacing.hpp"

#include <algorithm>

namespace parley::flow {

using namespace std::chrono_literals;

std::chrono::milliseconds retry_delay(std::int64_t attempt, double jitter) {
    auto doublings = std::clamp<std::int64_t>(attempt - 1, 0, 9);
    auto longest = std::min<std::chrono::milliseconds>(1000ms * (std::int64_t{1} << doublings), 5min);
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(longest.count()) * (0.5 + jitter / 2)));
}

std::chrono::milliseconds pair_delay(std::int64_t attempt) {
    auto power = std::clamp<std::int64_t>(attempt - 1, 0, 6);
    return std::min<std::chrono::milliseconds>(1000ms * (std::int64_t{1} << (2 * power)), 1h);
}

}  // namespace parley::flow

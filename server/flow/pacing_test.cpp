#include "flow/pacing.hpp"

#include <gtest/gtest.h>

#include <array>
#include <tuple>
#include <utility>

namespace parley::flow {
namespace {

using namespace std::chrono_literals;

const SteadyTime kStart{1'000s};

bool may_send(const TokenBucket& bucket, SteadyTime now) {
    return bucket.available_at() <= now;
}

TEST(TokenBucketPacing, lets_a_burst_through_and_then_one_per_interval) {
    TokenBucket bucket(1s, 3, kStart);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(may_send(bucket, kStart)) << i;
        bucket.take(kStart);
    }
    EXPECT_EQ(bucket.available_at(), kStart + 1s);
    EXPECT_FALSE(may_send(bucket, kStart + 999ms));
    ASSERT_TRUE(may_send(bucket, kStart + 1s));
    bucket.take(kStart + 1s);
    EXPECT_EQ(bucket.available_at(), kStart + 2s);
}

TEST(TokenBucketPacing, refills_to_the_burst_and_no_further) {
    TokenBucket bucket(1s, 3, kStart);
    for (int i = 0; i < 3; ++i) bucket.take(kStart);
    EXPECT_FALSE(bucket.full(kStart + 2s));
    EXPECT_TRUE(bucket.full(kStart + 3s));
    auto later = kStart + 1h;
    for (int i = 0; i < 3; ++i) bucket.take(later);
    EXPECT_FALSE(may_send(bucket, later));
    EXPECT_EQ(bucket.available_at(), later + 1s);
}

TEST(TokenBucketPacing, may_have_no_burst) {
    TokenBucket bucket(1s, 1, kStart);
    ASSERT_TRUE(may_send(bucket, kStart));
    bucket.take(kStart);
    EXPECT_EQ(bucket.available_at(), kStart + 1s);
}

TEST(TokenBucketPacing, stays_within_metas_limits) {
    // 80 messages a second to everybody, one in 6 s to one person.
    EXPECT_EQ(1s / kNumberInterval, 80);
    EXPECT_EQ(kPairInterval, 6s);
    EXPECT_LE(kPairBurst, 45);
    EXPECT_LE(kNumberBurst, 80);
}

TEST(RetryDelay, doubles_up_to_five_minutes) {
    const std::array<std::pair<std::int64_t, std::chrono::milliseconds>, 12> longest{{{0, 1s},
                                                                                      {1, 1s},
                                                                                      {2, 2s},
                                                                                      {3, 4s},
                                                                                      {4, 8s},
                                                                                      {5, 16s},
                                                                                      {8, 128s},
                                                                                      {9, 256s},
                                                                                      {10, 5min},
                                                                                      {12, 5min},
                                                                                      {1'000, 5min},
                                                                                      {INT64_MAX, 5min}}};
    for (const auto& [attempt, delay] : longest) {
        EXPECT_EQ(retry_delay(attempt, 0.0), delay / 2) << attempt;
        EXPECT_EQ(retry_delay(attempt, 0.5), delay * 3 / 4) << attempt;
        EXPECT_LT(retry_delay(attempt, 0.999), delay) << attempt;
    }
}

TEST(PairDelay, is_a_power_of_four_up_to_an_hour) {
    const std::array<std::pair<std::int64_t, std::chrono::milliseconds>, 9> table{
        {{0, 1s}, {1, 1s}, {2, 4s}, {3, 16s}, {4, 64s}, {6, 1024s}, {7, 1h}, {50, 1h}, {INT64_MAX, 1h}}};
    for (const auto& [attempt, delay] : table) EXPECT_EQ(pair_delay(attempt), delay) << attempt;
}

}  // namespace
}  // namespace parley::flow

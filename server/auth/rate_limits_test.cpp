#include "auth/rate_limits.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <string>
#include <vector>

#include "auth/test_issuer.hpp"

namespace parley::auth {
namespace {

using namespace std::chrono_literals;

TEST(RateLimit, lets_a_burst_through_and_then_the_rate) {
    test::FakeSteadyClock clock;
    RateLimit limit(3, 0.5, clock.reader());
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.take("a")) << i;
    EXPECT_EQ(limit.take("a"), 2s);
    EXPECT_FALSE(limit.take("b")) << "another key has a bucket of its own";
    clock.now += 1s;
    EXPECT_EQ(limit.take("a"), 1s);
    clock.now += 1s;
    EXPECT_FALSE(limit.take("a"));
    EXPECT_EQ(limit.take("a"), 2s);
    clock.now += 1h;
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.take("a")) << i;
    EXPECT_TRUE(limit.take("a")) << "never more than the burst";
}

TEST(RateLimit, remembers_a_bounded_number_of_keys) {
    test::FakeSteadyClock clock;
    RateLimit limit(1, 0.001, clock.reader());
    for (std::size_t i = 0; i < RateLimit::kMaxKeys + 50; ++i) {
        clock.now += 1us;
        limit.take(std::to_string(i));
    }
    EXPECT_EQ(limit.size(), RateLimit::kMaxKeys);
    EXPECT_TRUE(limit.take(std::to_string(RateLimit::kMaxKeys + 49)));
    clock.now += 1h;
    limit.take("new");
    EXPECT_EQ(limit.size(), 1u) << "buckets that are full again need not be remembered";
}

TEST(NetworkOf, takes_ipv6_networks_together) {
    EXPECT_EQ(network_of("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:2:ffff::9"));
    EXPECT_NE(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:3::1"));
    EXPECT_EQ(network_of("nonsense"), "nonsense");
}

TEST(WaitAfter, doubles_from_the_fifth_failure_up_to_a_minute) {
    std::vector<std::int64_t> waits;
    for (int failures = 0; failures < 14; ++failures) waits.push_back(wait_after(failures).count());
    EXPECT_EQ(waits, (std::vector<std::int64_t>{0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60}));
    EXPECT_EQ(wait_after(1000), 60s);
}

TEST(Strangers, wait_as_users_do) {
    test::FakeSteadyClock clock;
    Strangers strangers(clock.reader());
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(strangers.fail("a@example.com")) << i;
    EXPECT_EQ(strangers.fail("a@example.com"), 1s);
    EXPECT_FALSE(strangers.fail("b@example.com"));
    clock.now += 1s;
    EXPECT_FALSE(strangers.fail("a@example.com")) << "the sixth";
    EXPECT_EQ(strangers.fail("a@example.com"), 2s);
}

}  // namespace
}  // namespace parley::auth

#include "domain/conversation.hpp"

#include <gtest/gtest.h>

namespace parley {
namespace {

using namespace std::chrono_literals;

const TimePoint kWritten = from_unix_seconds(1'750'000'000);

TEST(ServiceWindowRule, is_unknown_for_a_customer_who_never_wrote) {
    EXPECT_EQ(service_window(std::nullopt, kWritten), ServiceWindow::unknown);
}

TEST(ServiceWindowRule, is_open_for_24_hours_and_not_a_moment_longer) {
    EXPECT_EQ(service_window(kWritten, kWritten), ServiceWindow::open);
    EXPECT_EQ(service_window(kWritten, kWritten + 24h - 1us), ServiceWindow::open);
    EXPECT_EQ(service_window(kWritten, kWritten + 24h), ServiceWindow::closed);
    EXPECT_EQ(service_window(kWritten, kWritten + 24h * 365), ServiceWindow::closed);
}

TEST(ServiceWindowRule, takes_a_clock_behind_the_message_for_open) {
    EXPECT_EQ(service_window(kWritten, kWritten - 5s), ServiceWindow::open);
}

}  // namespace
}  // namespace parley

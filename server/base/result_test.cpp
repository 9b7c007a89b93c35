#include "base/result.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace parley {
namespace {

TEST(ErrorCodes, have_one_stable_word_each) {
    std::set<std::string_view> words;
    auto last = static_cast<int>(Errc::unavailable);
    for (int i = 0; i <= last; ++i) words.insert(code_name(static_cast<Errc>(i)));
    EXPECT_EQ(words.size(), static_cast<std::size_t>(last) + 1);
    EXPECT_FALSE(words.contains("unknown"));
    EXPECT_EQ(code_name(Errc::window_closed), "window_closed");
    EXPECT_EQ(code_name(Errc::recipient_mismatch), "recipient_mismatch");
}

TEST(Failure, names_the_member_at_fault) {
    Result<int> result = failure(Errc::invalid_argument, "limit must be an integer.", "limit");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::invalid_argument);
    EXPECT_EQ(result.error().detail, "limit must be an integer.");
    EXPECT_EQ(result.error().member, "limit");
    EXPECT_EQ(result.error().since, std::nullopt);
}

}  // namespace
}  // namespace parley

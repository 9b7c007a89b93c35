#include "auth/refresh_tokens.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/crypto.hpp"

namespace parley::auth {
namespace {

using namespace std::chrono_literals;
using enum store::RefreshVerdict;

const std::string kKey(32, 'k');
const std::string kSession = "0b5f2d0e-8f5c-4f1c-8a52-8c9a4b0f7d22";

TEST(RefreshTokens, are_read_as_they_were_written) {
    for (std::int64_t counter : {std::int64_t{0}, std::int64_t{1}, std::int64_t{255}, std::int64_t{1} << 40}) {
        auto text = write_refresh_token({kSession, counter}, kKey);
        auto token = read_refresh_token(text, kKey);
        ASSERT_TRUE(token) << counter;
        EXPECT_EQ(token->session_id, kSession);
        EXPECT_EQ(token->counter, counter);
        EXPECT_EQ(write_refresh_token({kSession, counter}, kKey), text);
    }
}

TEST(RefreshTokens, of_others_are_not_read) {
    auto text = write_refresh_token({kSession, 3}, kKey);
    EXPECT_FALSE(read_refresh_token(text, std::string(32, 'x')));
    EXPECT_FALSE(read_refresh_token("", kKey));
    EXPECT_FALSE(read_refresh_token("529d5172b533", kKey));
    EXPECT_FALSE(read_refresh_token(text + "A", kKey));
    EXPECT_FALSE(read_refresh_token(text.substr(1), kKey));
    auto bytes = from_base64url(text).value();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(read_refresh_token(to_base64url(changed), kKey)) << i;
    }
}

store::SessionState a_session(std::int64_t counter, std::chrono::seconds refreshed_ago) {
    store::SessionState state;
    state.now = from_unix_seconds(1'790'000'000);
    state.counter = counter;
    state.refreshed_at = state.now - refreshed_ago;
    state.not_after = state.now + 1h;
    return state;
}

TEST(JudgeRefresh, rotates_the_active_token_alone) {
    EXPECT_EQ(judge_refresh(a_session(0, 0s), 0), rotate);
    EXPECT_EQ(judge_refresh(a_session(7, 3600s), 7), rotate);
    EXPECT_EQ(judge_refresh(a_session(7, 0s), 8), unknown);
}

TEST(JudgeRefresh, repeats_for_the_parent_and_for_ten_seconds) {
    EXPECT_EQ(judge_refresh(a_session(7, 3600s), 6), repeat);
    EXPECT_EQ(judge_refresh(a_session(7, 9s), 5), repeat);
    EXPECT_EQ(judge_refresh(a_session(7, 9s), 0), repeat);
    EXPECT_EQ(judge_refresh(a_session(7, 10s), 5), stolen);
    EXPECT_EQ(judge_refresh(a_session(7, 3600s), 0), stolen);
}

TEST(JudgeRefresh, looks_at_the_end_and_at_bans_first) {
    auto over = a_session(7, 0s);
    over.not_after = over.now;
    EXPECT_EQ(judge_refresh(over, 7), expired);
    auto stopped = a_session(7, 0s);
    stopped.user.banned_until = stopped.now + 1s;
    EXPECT_EQ(judge_refresh(stopped, 7), banned);
    stopped.user.banned_until = stopped.now;
    EXPECT_EQ(judge_refresh(stopped, 7), rotate);
}

}  // namespace
}  // namespace parley::auth

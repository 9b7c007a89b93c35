#include "auth/passwords.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <string>
#include <vector>

namespace parley::auth {
namespace {

std::string_view weakness_of(const std::string& password) {
    auto checked = check_password(password);
    if (checked) return "";
    EXPECT_EQ(checked.error().code, "weak_password");
    EXPECT_EQ(checked.error().status, 422u);
    return checked.error().weakness;
}

TEST(CheckPassword, asks_for_length_and_nothing_else) {
    EXPECT_EQ(weakness_of("aaaaaaa"), "length");
    EXPECT_EQ(weakness_of("üüüüüüü"), "length") << "seven characters";
    EXPECT_EQ(weakness_of("üüüüüüüü"), "");
    EXPECT_EQ(weakness_of("all lower case"), "");
    EXPECT_EQ(weakness_of(std::string(256, 'x')), "");
    EXPECT_EQ(weakness_of(std::string(257, 'x')), "length");
    EXPECT_EQ(weakness_of("12345678\xff"), "characters");
}

TEST(CheckPassword, refuses_what_everybody_tries_first) {
    for (const char* common : {"password", "Password1", "12345678", "QWERTYUIOP", "iloveyou"})
        EXPECT_EQ(weakness_of(common), "pwned") << common;
}

TEST(HashPassword, is_argon2id_with_a_salt_of_its_own) {
    auto hash = hash_password("correct horse");
    EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
    EXPECT_NE(hash, hash_password("correct horse"));
    EXPECT_TRUE(password_matches("correct horse", hash));
    EXPECT_FALSE(password_matches("correct horsf", hash));
    EXPECT_FALSE(password_matches("", hash));
    EXPECT_FALSE(password_matches("correct horse", "no hash"));
}

struct PasswordHasherTest : testing::Test {
    static awaitable<void> look(PasswordHasher& hasher, std::string password, std::string hash,
                                std::vector<std::optional<bool>>& results) {
        auto result = co_await hasher.matches(std::move(password), std::move(hash));
        results.push_back(result);
    }
    void start(PasswordHasher& hasher, std::string hash) {
        asio::co_spawn(io, look(hasher, "correct horse", std::move(hash), results), asio::detached);
    }

    asio::io_context io{1};
    std::vector<std::optional<bool>> results;
};

TEST_F(PasswordHasherTest, verifies_on_its_own_threads) {
    PasswordHasher hasher;
    start(hasher, hash_password("correct horse"));
    io.run();
    EXPECT_EQ(results, (std::vector<std::optional<bool>>{true}));
    results.clear();
    io.restart();
    start(hasher, "");
    io.run();
    EXPECT_EQ(results, (std::vector<std::optional<bool>>{false}));
}

TEST_F(PasswordHasherTest, turns_away_what_is_too_much) {
    PasswordHasher hasher(1, 2);
    for (int i = 0; i < 3; ++i) start(hasher, "");
    io.run();
    EXPECT_EQ(results, (std::vector<std::optional<bool>>{std::nullopt, false, false}));
    results.clear();
    io.restart();
    start(hasher, "");
    io.run();
    EXPECT_EQ(results, (std::vector<std::optional<bool>>{false})) << "there is room again";
}

TEST_F(PasswordHasherTest, may_go_while_somebody_waits) {
    {
        PasswordHasher hasher(1, 2);
        start(hasher, "");
        io.run_one();
    }
    EXPECT_TRUE(results.empty()) << "nobody ran the loop since";
}

}  // namespace
}  // namespace parley::auth

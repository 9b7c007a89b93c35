#include "store/users.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "store/sessions.hpp"
#include "support/database.hpp"

namespace parley::store {
namespace {

using namespace std::chrono_literals;

const std::string kAna = "6f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e11";
const std::string kBen = "7f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e11";
const std::string kFirst = "0b5f2d0e-8f5c-4f1c-8a52-8c9a4b0f7d22";
const std::string kSecond = "1b5f2d0e-8f5c-4f1c-8a52-8c9a4b0f7d22";

struct UsersTest : testing::Test {
    template <class T>
    T run(awaitable<T> work) {
        return test::run(io, std::move(work));
    }
    User add(const std::string& id, const std::string& email) {
        NewUser user{.id = id, .email = email, .password_hash = "hash"};
        return run(add_user(pool, std::move(user))).value();
    }
    std::optional<TimePoint> open(const std::string& user, const std::string& session, std::string hash = "hash") {
        return run(open_session(pool, user, std::move(hash), session, 1h));
    }
    std::expected<User, UserError> change(UserChange wanted, EndSessions end = {}) {
        return run(update_user(pool, kAna, std::move(wanted), std::move(end), ended));
    }
    std::vector<std::string> ended_of(std::vector<std::string> ids) {
        auto found = run(ended_sessions(pool, std::move(ids)));
        std::ranges::sort(found);
        return found;
    }

    test::Database database;
    asio::io_context io{1};
    Pool pool{io, database.options(), 8};
    std::vector<std::string> ended;
};

TEST_F(UsersTest, are_found_by_id_and_address) {
    add(kAna, "ana@example.com");
    EXPECT_EQ(run(find_user(pool, kAna))->email, "ana@example.com");
    auto found = run(find_user_by_email(pool, "ana@example.com"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, kAna);
    EXPECT_EQ(found->password_hash, "hash");
    EXPECT_EQ(found->user_metadata, "{}");
    EXPECT_FALSE(found->last_sign_in_at);
    EXPECT_FALSE(run(find_user_by_email(pool, "ben@example.com")));
    add(kBen, "ÄGIDIUS@example.com");
    EXPECT_TRUE(run(find_user_by_email(pool, "ÄGIDIUS@example.com")));
    EXPECT_TRUE(run(begin_sign_in(pool, "ÄGIDIUS@example.com")).user);
}

TEST_F(UsersTest, have_an_address_alone) {
    add(kAna, "ana@example.com");
    NewUser again{.id = kBen, .email = "Ana@Example.com", .password_hash = ""};
    EXPECT_EQ(run(add_user(pool, std::move(again))).error(), UserError::exists);
    NewUser same_id{.id = kAna, .email = "other@example.com", .password_hash = ""};
    EXPECT_EQ(run(add_user(pool, std::move(same_id))).error(), UserError::exists);
    add(kBen, "ben@example.com");
    EXPECT_EQ(change({.email = "ben@example.com"}).error(), UserError::exists);
}

TEST_F(UsersTest, are_listed_newest_first) {
    add(kAna, "ana@example.com");
    add(kBen, "ben@example.com");
    auto page = run(page_of_users(pool, 1, 0));
    ASSERT_EQ(page.users.size(), 1u);
    EXPECT_EQ(page.users[0].id, kBen);
    EXPECT_EQ(page.total, 2);
    EXPECT_EQ(run(page_of_users(pool, 1, 5)).total, 2) << "beyond the last page";
}

TEST_F(UsersTest, metadata_is_merged) {
    add(kAna, "ana@example.com");
    ASSERT_TRUE(change({.user_metadata = {.set = R"({"a":1,"b":{"c":null}})"}}));
    auto merged = change({.user_metadata = {.set = R"({"d":2})", .remove = {"a"}}});
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->user_metadata, R"({"b": {"c": null}, "d": 2})");
    EXPECT_EQ(change({.user_metadata = {.set = R"({"e":")" + std::string(5000, 'x') + "\"}"}}).error(),
              UserError::metadata_too_large);
    EXPECT_EQ(run(find_user(pool, kAna))->user_metadata, merged->user_metadata);
}

TEST_F(UsersTest, attempts_are_counted_before_the_password_is_looked_at) {
    add(kAna, "ana@example.com");
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(run(begin_sign_in(pool, "ana@example.com")).user) << i;
    auto refused = run(begin_sign_in(pool, "ana@example.com"));
    EXPECT_FALSE(refused.user);
    EXPECT_EQ(refused.wait, 1s);
    std::vector<std::string> waits;
    for (int i = 0; i < 8; ++i) {
        database.execute("UPDATE users SET next_attempt_at = now()");
        ASSERT_TRUE(run(begin_sign_in(pool, "ana@example.com")).user);
        waits.push_back(database.value("SELECT round(extract(epoch FROM next_attempt_at - now())) FROM users"));
    }
    EXPECT_EQ(waits, (std::vector<std::string>{"2", "4", "8", "16", "32", "60", "60", "60"}));
    ASSERT_TRUE(open(kAna, kFirst));
    EXPECT_EQ(database.value("SELECT failed_sign_ins FROM users"), "0");
    EXPECT_TRUE(run(begin_sign_in(pool, "ana@example.com")).user);
    auto nobody = run(begin_sign_in(pool, "nobody@example.com"));
    EXPECT_FALSE(nobody.user);
    EXPECT_EQ(nobody.wait, 0s);
}

TEST_F(UsersTest, sessions_are_opened_for_the_present_password_alone) {
    add(kAna, "ana@example.com");
    EXPECT_FALSE(open(kAna, kFirst, "older hash"));
    EXPECT_EQ(ended_of({kFirst}), std::vector{kFirst});
    EXPECT_TRUE(open(kAna, kFirst));
    EXPECT_TRUE(ended_of({kFirst}).empty());
    EXPECT_TRUE(run(find_user(pool, kAna))->last_sign_in_at);
}

TEST_F(UsersTest, sessions_end_with_a_new_password_or_their_user) {
    add(kAna, "ana@example.com");
    add(kBen, "ben@example.com");
    open(kAna, kFirst);
    open(kAna, kSecond);
    auto of_ben = "2b5f2d0e-8f5c-4f1c-8a52-8c9a4b0f7d22";
    open(kBen, of_ben);
    ASSERT_TRUE(change({.password_hash = "new"}, {.any = true, .except = kFirst}));
    EXPECT_EQ(ended, std::vector{kSecond});
    EXPECT_EQ(ended_of({kFirst, kSecond, of_ben}), std::vector{kSecond});
    EXPECT_TRUE(run(end_session(pool, kBen, kFirst)).empty()) << "another user's";
    EXPECT_TRUE(run(remove_user(pool, kAna)));
    EXPECT_EQ(ended_of({kFirst, kSecond, of_ben}), (std::vector{kFirst, kSecond}));
    EXPECT_FALSE(run(remove_user(pool, kAna)));
    EXPECT_EQ(run(end_sessions(pool, kBen, "")), std::vector<std::string>{of_ben});
}

TEST_F(UsersTest, sessions_are_kept_up_to_the_newest_hundred) {
    add(kAna, "ana@example.com");
    database.execute("INSERT INTO sessions (id, user_id, created_at, not_after) SELECT gen_random_uuid(), '" + kAna +
                     "', now() - i * interval '1 min', now() + interval '1 h' FROM generate_series(1, 120) i");
    database.execute("UPDATE sessions SET not_after = now() WHERE created_at > now() - interval '10 min 30 s'");
    open(kAna, kFirst);
    EXPECT_EQ(database.value("SELECT count(*) FROM sessions"), "90") << "ten of the newest hundred were over";
    EXPECT_TRUE(ended_of({kFirst}).empty());
}

RefreshVerdict rotate_always(const SessionState&, std::int64_t) {
    return RefreshVerdict::rotate;
}
RefreshVerdict rotate_once(const SessionState& state, std::int64_t counter) {
    return counter == state.counter ? RefreshVerdict::rotate : RefreshVerdict::repeat;
}
RefreshVerdict steal(const SessionState&, std::int64_t) {
    return RefreshVerdict::stolen;
}

awaitable<void> refresh_and_note(Pool& pool, std::vector<std::int64_t>& counters, int& left) {
    auto outcome = co_await refresh_session(pool, kFirst, 0, rotate_once);
    counters.push_back(outcome.state->counter);
    --left;
}

TEST_F(UsersTest, refreshes_at_once_rotate_once) {
    add(kAna, "ana@example.com");
    open(kAna, kFirst);
    std::vector<std::int64_t> counters;
    int left = 20;
    for (int i = 0; i < 20; ++i)
        asio::co_spawn(io, refresh_and_note(pool, counters, left), [](std::exception_ptr e) {
            if (e) std::rethrow_exception(e);
        });
    test::drain(io);
    EXPECT_EQ(left, 0);
    EXPECT_EQ(counters, std::vector<std::int64_t>(20, 1));
    EXPECT_EQ(database.value("SELECT refresh_counter FROM sessions"), "1");
}

TEST_F(UsersTest, a_verdict_is_carried_out) {
    add(kAna, "ana@example.com");
    EXPECT_FALSE(run(refresh_session(pool, kFirst, 0, rotate_always)).state);
    open(kAna, kFirst);
    auto outcome = run(refresh_session(pool, kFirst, 0, rotate_always));
    ASSERT_TRUE(outcome.state);
    EXPECT_EQ(outcome.state->counter, 1);
    EXPECT_EQ(outcome.state->user.id, kAna);
    EXPECT_EQ(run(refresh_session(pool, kFirst, 0, steal)).verdict, RefreshVerdict::stolen);
    EXPECT_EQ(ended_of({kFirst}), std::vector{kFirst});
}

TEST_F(UsersTest, people_are_members_and_users) {
    add(kAna, "ana@example.com");
    database.execute("INSERT INTO accounts (name) VALUES ('A')");
    database.execute("INSERT INTO members (account_id, user_id, role) VALUES (1, '" + kBen + "', 'agent')");
    auto people = run(list_people(pool));
    ASSERT_EQ(people.size(), 2u);
    EXPECT_EQ(people[0].user_id, kBen);
    EXPECT_EQ(people[0].account, AccountId{1});
    EXPECT_EQ(people[0].email, "");
    EXPECT_EQ(people[1].email, "ana@example.com");
    EXPECT_FALSE(people[1].account);
    EXPECT_TRUE(run(remove_user(pool, kBen))) << "a member who signs in elsewhere";
    EXPECT_EQ(run(list_people(pool)).size(), 1u);
}

}  // namespace
}  // namespace parley::store

#include "store/members.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/accounts.hpp"
#include "support/database.hpp"

namespace parley::store {
namespace {

const std::string kAda = "6f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e11";
const std::string kBen = "7f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e11";
const std::string kCem = "8f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e11";

class Members : public ::testing::Test {
  protected:
    Members() : account(run(add_account(pool, "One"))) { put(kAda, "owner"); }
    template <class T>
    T run(awaitable<T> work) {
        return test::run(io, std::move(work));
    }
    void put(const std::string& user, std::string role) {
        run(put_member(pool, account, user, std::move(role))).value();
    }
    std::string role_of(const std::string& user) {
        return database.value("SELECT role FROM members WHERE account_id = 1 AND user_id = '" + user + "'");
    }
    /// nullopt when it is done.
    std::optional<Errc> act(std::string actor, std::string user, MemberAction action, Role role = Role::agent) {
        auto outcome = run(change_member(pool, account, std::move(actor), std::move(user), action, role));
        return outcome ? std::nullopt : std::optional(outcome.error().code);
    }

    test::Database database;
    asio::io_context io{1};
    Pool pool{io, database.options(), 4};
    AccountId account;
};

TEST_F(Members, are_added_changed_and_removed) {
    EXPECT_FALSE(act(kAda, kBen, MemberAction::add, Role::admin));
    EXPECT_EQ(role_of(kBen), "admin");
    EXPECT_EQ(act(kAda, kBen, MemberAction::add, Role::agent), Errc::wrong_state);
    EXPECT_FALSE(act(kAda, kBen, MemberAction::change, Role::agent));
    EXPECT_EQ(role_of(kBen), "agent");
    EXPECT_EQ(run(members_of(pool, account)).size(), 2u);
    EXPECT_FALSE(act(kAda, kBen, MemberAction::remove));
    EXPECT_EQ(act(kAda, kBen, MemberAction::remove), Errc::not_found);
    EXPECT_EQ(act(kAda, kBen, MemberAction::change, Role::admin), Errc::not_found);
}

TEST_F(Members, are_judged_by_the_roles_of_now) {
    put(kBen, "admin");
    EXPECT_EQ(act(kBen, kAda, MemberAction::change, Role::agent), Errc::forbidden);
    EXPECT_EQ(act(kBen, kCem, MemberAction::add, Role::owner), Errc::forbidden);
    put(kBen, "agent");
    EXPECT_EQ(act(kBen, kCem, MemberAction::add, Role::agent), Errc::forbidden);
    EXPECT_EQ(act(kCem, kBen, MemberAction::remove), Errc::forbidden) << "no member at all";
    EXPECT_EQ(role_of(kAda), "owner");
}

TEST_F(Members, keep_an_owner_when_two_remove_each_other_at_once) {
    put(kBen, "owner");
    int done = 0, over = 0;
    auto remove = [&](const std::string& actor, const std::string& user) {
        asio::co_spawn(io, change_member(pool, account, actor, user, MemberAction::remove, Role::agent),
                       [&](std::exception_ptr error, Result<std::optional<MemberRecord>> outcome) {
                           ++over;
                           done += !error && outcome;
                       });
    };
    remove(kAda, kBen);
    remove(kBen, kAda);
    test::drain(io);
    EXPECT_EQ(over, 2);
    EXPECT_EQ(done, 1);
    EXPECT_EQ(database.value("SELECT count(*) FROM members WHERE role = 'owner'"), "1");
    auto left = role_of(kAda) == "owner" ? kAda : kBen;
    EXPECT_EQ(act(left, left, MemberAction::remove), Errc::wrong_state);
}

TEST_F(Members, work_in_the_account_of_their_oldest_membership_or_the_one_they_name) {
    auto second = run(add_account(pool, "Two"));
    database.execute("INSERT INTO members (account_id, user_id, role, created_at) VALUES (2, '" + kBen +
                     "', 'agent', now() - interval '1 day')");
    put(kBen, "admin");
    EXPECT_EQ(run(find_membership(pool, kBen))->account, second);
    EXPECT_EQ(run(find_membership(pool, kBen, account))->role, "admin");
    EXPECT_FALSE(run(find_membership(pool, kAda, second)));
    auto accounts = run(accounts_of_user(pool, kBen));
    ASSERT_EQ(accounts.size(), 2u);
    EXPECT_EQ(accounts[0].name, "Two");
}

TEST_F(Members, who_own_an_account_add_others_up_to_a_bound) {
    put(kBen, "admin");
    EXPECT_EQ(run(add_account_of(pool, kBen, "Ben's")).error().code, Errc::forbidden);
    auto added = run(add_account_of(pool, kAda, "Second"));
    ASSERT_TRUE(added);
    EXPECT_EQ(run(find_membership(pool, kAda, *added))->role, "owner");
    database.execute("INSERT INTO accounts (name) SELECT 'more' FROM generate_series(1, 98)");
    database.execute("INSERT INTO members (account_id, user_id, role) SELECT id, '" + kAda +
                     "', 'owner' FROM accounts ON CONFLICT DO NOTHING");
    EXPECT_EQ(run(add_account_of(pool, kAda, "too many")).error().code, Errc::forbidden);
}

}  // namespace
}  // namespace parley::store

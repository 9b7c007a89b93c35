#include "store/credentials.hpp"

#include <gtest/gtest.h>

#include "store/numbers.hpp"
#include "support/database.hpp"

namespace parley::store {
namespace {

const std::string kKey(64, 'a');
const std::string kOtherKey(64, 'b');
const std::string kToken = "EAAG-the-token-of-the-number";

class Credentials : public ::testing::Test {
  protected:
    Credentials() {
        for (const char* name : {"One", "Two"}) accounts.push_back(run(add_account(pool, name)));
        save(accounts[0], "n1");
    }
    template <class T>
    T run(awaitable<T> work) {
        return test::run(io, std::move(work));
    }
    NumberSaved save(AccountId account, std::string number, CredentialChange credentials = {}) {
        NumberSettings settings{std::move(number), "waba" + std::to_string(account.value), "", ""};
        return run(save_number(pool, seal, account, std::move(settings), std::nullopt, std::move(credentials)));
    }
    void change(std::string number, NumberChange wanted) {
        run(change_number(pool, seal, accounts[0], std::move(number), std::move(wanted)));
    }
    NumberRecord find(std::string number, std::size_t account = 0) {
        return run(find_number(pool, accounts[account], std::move(number))).value();
    }
    NumberToken token(std::string number, std::size_t account = 0) {
        return run(token_of_number(pool, accounts[account], std::move(number)));
    }

    test::Database database;
    asio::io_context io{1};
    Pool pool{io, database.options(), 4};
    Seal seal{"", kKey};
    std::vector<AccountId> accounts;
};

TEST_F(Credentials, open_for_their_number_and_are_nowhere_in_the_database) {
    change("n1", {.credentials = {.token = kToken, .app_secret = "secret", .verify_token = "verify"}});
    auto stored = token("n1");
    ASSERT_TRUE(stored.sealed);
    EXPECT_EQ(open_credential(seal, *stored.sealed).value(), kToken);
    EXPECT_EQ(database.value("SELECT count(*) FROM number_credentials s WHERE s::text ~ 'EAAG|secret$|verify$'"), "0");
}

TEST_F(Credentials, stay_as_they_are_unless_they_are_named_and_go_when_empty) {
    change("n1", {.credentials = {.token = kToken, .app_secret = "secret"}});
    change("n1", {.name = "Shop", .credentials = {.app_secret = ""}});
    auto number = find("n1");
    EXPECT_EQ(number.name, "Shop");
    EXPECT_NE(number.credential(CredentialKind::token), nullptr);
    EXPECT_EQ(number.credential(CredentialKind::app_secret), nullptr);
}

TEST_F(Credentials, do_not_open_in_another_row_nor_with_another_key) {
    save(accounts[1], "n2", {.token = "of n2"});
    change("n1", {.credentials = {.token = kToken}});
    database.execute(
        "UPDATE number_credentials SET sealed = (SELECT sealed FROM number_credentials WHERE phone_number_id = 'n1') "
        "WHERE phone_number_id = 'n2'");
    auto moved = token("n2", 1);
    EXPECT_FALSE(open_credential(seal, moved.sealed.value()));
    Seal other("", kOtherKey);
    auto opened = open_credential(other, token("n1").sealed.value());
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().find("another one"), std::string::npos);
}

TEST_F(Credentials, of_a_waba_are_those_of_the_account_alone) {
    change("n1", {.credentials = {.token = kToken}});
    EXPECT_TRUE(run(token_of_waba(pool, accounts[0], "waba1")).sealed);
    EXPECT_FALSE(run(token_of_waba(pool, accounts[1], "waba1")).sealed);
    EXPECT_FALSE(run(token_of_waba(pool, accounts[0], "waba2")).sealed);
}

TEST_F(Credentials, of_webhooks_are_those_of_all_accounts_without_tokens) {
    change("n1", {.credentials = {.token = kToken, .app_secret = "one"}});
    save(accounts[1], "n2", {.app_secret = "two", .verify_token = "verify"});
    auto all = run(webhook_credentials(pool));
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(open_credential(seal, all[0]).value(), "one");
    EXPECT_EQ(all[1].account, accounts[1]);
}

TEST_F(Credentials, and_number_belong_to_one_account) {
    EXPECT_EQ(save(accounts[1], "n1", {.token = "mine now"}), NumberSaved::taken);
    EXPECT_EQ(database.value("SELECT count(*) FROM number_credentials"), "0") << "nothing of a refused number is kept";
    EXPECT_EQ(run(find_number(pool, accounts[1], "n1")).error().code, Errc::not_found);
    EXPECT_EQ(save(accounts[0], "n1"), NumberSaved::changed);
    EXPECT_EQ(save(accounts[0], "n3"), NumberSaved::added);
}

TEST_F(Credentials, go_with_an_unused_number) {
    change("n1", {.credentials = {.token = kToken}});
    auto version = database.value("SELECT directory_version FROM accounts WHERE id = 1");
    EXPECT_EQ(run(remove_number(pool, accounts[1], "n1")), NumberRemoved::not_found);
    EXPECT_EQ(run(remove_number(pool, accounts[0], "n1")), NumberRemoved::removed);
    EXPECT_EQ(database.value("SELECT count(*) FROM number_credentials"), "0");
    EXPECT_NE(database.value("SELECT directory_version FROM accounts WHERE id = 1"), version)
        << "who remembers the number must hear of it";
}

TEST_F(Credentials, of_a_retired_number_lose_the_token_alone) {
    change("n1", {.credentials = {.token = kToken, .app_secret = "secret"}});
    database.execute(
        "WITH c AS (INSERT INTO contacts (account_id) VALUES (1) RETURNING id) INSERT INTO chat_conversations "
        "(account_id, contact_id, phone_number_id, customer_phone, unread_count) SELECT 1, id, 'n1', '1', 0 FROM c");
    EXPECT_EQ(run(remove_number(pool, accounts[0], "n1")), NumberRemoved::retired);
    auto retired = find("n1");
    EXPECT_TRUE(retired.retired_at);
    EXPECT_EQ(retired.credential(CredentialKind::token), nullptr);
    EXPECT_NE(retired.credential(CredentialKind::app_secret), nullptr);
    EXPECT_TRUE(token("n1").retired);
    EXPECT_TRUE(run(numbers_of(pool, accounts[0])).empty());
    EXPECT_EQ(run(remove_number(pool, accounts[0], "n1")), NumberRemoved::retired) << "as often as one likes";
    EXPECT_EQ(save(accounts[0], "n1"), NumberSaved::changed);
    EXPECT_FALSE(find("n1").retired_at) << "added again it is in use again";
}

}  // namespace
}  // namespace parley::store

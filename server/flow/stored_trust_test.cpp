#include "flow/stored_trust.hpp"

#include <gtest/gtest.h>

#include "flow/graph_tokens.hpp"
#include "flow/intake.hpp"
#include "store/deliveries.hpp"
#include "store/numbers.hpp"
#include "support/deliveries.hpp"
#include "wa/parse.hpp"
#include "wa/signature.hpp"

namespace parley::flow {
namespace {

using test::kNumber;

const std::string kKey(64, 'a');
const std::string kSecret = "the app secret of account two";
const std::string kShared = "the app secret of the configuration";

/// Account 1 has kNumber; account 2 has a number and WABA of its own, with an app secret.
class Trust : public ::testing::Test {
  protected:
    Trust() {
        test::add_account(database);
        other = run(store::add_account(pool, "Two"));
        store::NumberSettings number{"n2", "waba2", "", ""};
        run(store::save_number(pool, seal, other, std::move(number), std::nullopt,
                               {.app_secret = kSecret, .verify_token = "verify me"}));
        run(trust.refresh());
    }
    ~Trust() override { test::drain(io); }
    template <class T>
    T run(awaitable<T> work) {
        return test::run(io, std::move(work));
    }
    IntakeOutcome deliver(const std::string& body, const std::string& secret) {
        auto signature = wa::sign(body, secret);
        return run(intake.accept(body, signature));
    }
    static std::string webhook_for(const std::string& number, const std::string& waba, const std::string& wamid) {
        auto body = test::text_webhook(wamid);
        for (const auto& [from, to] : {std::pair{std::string(kNumber), number}, {std::string(test::kWaba), waba}})
            body.replace(body.find(from), from.size(), to);
        return body;
    }
    std::string messages() { return database.value("SELECT count(*) FROM chat_messages"); }
    std::string journal(const std::string& column) {
        return database.value("SELECT " + column + " FROM webhook_deliveries ORDER BY id DESC LIMIT 1");
    }

    test::Database database;
    asio::io_context io{1};
    store::Pool pool{io, database.options(), 4};
    Seal seal{"", kKey};
    AccountId other;
    StoredTrust trust{pool, seal};
    Clock clock;
    Metrics metrics;
    Intake intake{io, pool, clock, metrics, {.app_secrets = {kShared}, .stored = &trust}};
};

TEST_F(Trust, of_an_account_is_for_its_own_deliveries) {
    EXPECT_EQ(deliver(webhook_for("n2", "waba2", "wamid.own"), kSecret), IntakeOutcome::committed);
    EXPECT_EQ(messages(), "1");
    EXPECT_EQ(journal("state"), "stored");
    EXPECT_EQ(journal("vouched_by"), "{2}");
    EXPECT_EQ(deliver(webhook_for("n2", "waba2", "wamid.own"), kSecret + "x"), IntakeOutcome::bad_signature);
}

TEST_F(Trust, of_an_account_stores_nothing_in_another) {
    for (const char* waba : {test::kWaba, "waba2"}) {
        EXPECT_EQ(deliver(webhook_for(kNumber, waba, "wamid.forged"), kSecret), IntakeOutcome::committed);
        EXPECT_EQ(journal("state"), "dead");
        EXPECT_EQ(journal("account_id"), "2") << "whose secret it was";
        EXPECT_NE(journal("problem").find("another account"), std::string::npos);
    }
    EXPECT_EQ(messages(), "0");
    EXPECT_EQ(database.value("SELECT count(*) FROM contacts"), "0");
}

TEST_F(Trust, of_an_account_adds_no_number_to_another) {
    deliver(webhook_for("new", test::kWaba, "wamid.new"), kSecret);
    EXPECT_EQ(database.value("SELECT count(*) FROM phone_numbers WHERE phone_number_id = 'new'"), "0");
    deliver(webhook_for("new2", "waba2", "wamid.new2"), kSecret);
    EXPECT_EQ(database.value("SELECT account_id FROM phone_numbers WHERE phone_number_id = 'new2'"), "2");
}

TEST_F(Trust, of_an_account_stores_the_own_part_of_a_mixed_delivery) {
    // Known customers first, so that the short way is tried.
    deliver(webhook_for("n2", "waba2", "wamid.0"), kSecret);
    deliver(webhook_for(kNumber, test::kWaba, "wamid.1"), kShared);
    auto own = webhook_for("n2", "waba2", "wamid.2"), foreign = webhook_for(kNumber, test::kWaba, "wamid.3");
    constexpr std::string_view kEntries = "\"entry\":[";
    auto inner = foreign.substr(foreign.find(kEntries) + kEntries.size());
    inner.resize(inner.rfind(']'));
    own.insert(own.find(kEntries) + kEntries.size(), inner + ",");
    EXPECT_EQ(deliver(own, kSecret), IntakeOutcome::committed);
    EXPECT_EQ(journal("state"), "partial");
    EXPECT_EQ(messages(), "3");
    EXPECT_EQ(database.value("SELECT count(*) FROM chat_messages WHERE whatsapp_message_id = 'wamid.3'"), "0");
    EXPECT_EQ(deliver(own, kShared), IntakeOutcome::committed);
    EXPECT_EQ(messages(), "4") << "a secret of the configuration speaks for all";
}

TEST_F(Trust, is_kept_for_the_replay) {
    deliver(webhook_for(kNumber, test::kWaba, "wamid.forged"), kSecret);
    auto id = run(store::problem_deliveries(pool)).front();
    auto raw = run(store::raw_delivery(pool, id)).value();
    EXPECT_EQ(raw.vouched_by, std::vector{other});
    PendingDelivery pending;
    pending.delivery = wa::parse_delivery(raw.body, raw.received_at);
    pending.body = raw.body;
    pending.received_at = raw.received_at;
    pending.replay_of = id;
    pending.vouched_by = raw.vouched_by;
    Directory directory;
    run(ingest_isolating(pool, directory, {&pending, 1}));
    EXPECT_EQ(messages(), "0");
    EXPECT_EQ(journal("state"), "dead");
}

TEST_F(Trust, follows_what_is_stored) {
    EXPECT_TRUE(trust.verifies("verify me"));
    EXPECT_FALSE(trust.verifies("verify"));
    EXPECT_FALSE(trust.verifies(""));
    store::NumberChange change{.credentials = {.app_secret = "a new secret,and the old one", .verify_token = ""}};
    run(store::change_number(pool, seal, other, "n2", std::move(change)));
    run(trust.refresh());
    EXPECT_FALSE(trust.verifies("verify me"));
    EXPECT_EQ(deliver(webhook_for("n2", "waba2", "wamid.old"), kSecret), IntakeOutcome::bad_signature);
    EXPECT_EQ(deliver(webhook_for("n2", "waba2", "wamid.1"), "a new secret"), IntakeOutcome::committed);
    EXPECT_EQ(deliver(webhook_for("n2", "waba2", "wamid.2"), "and the old one"), IntakeOutcome::committed);
}

TEST_F(Trust, in_one_secret_of_two_accounts_is_for_both) {
    store::NumberChange change{.credentials = {.app_secret = kSecret}};
    run(store::change_number(pool, seal, {1}, kNumber, std::move(change)));
    run(trust.refresh());
    EXPECT_EQ(deliver(webhook_for(kNumber, test::kWaba, "wamid.1"), kSecret), IntakeOutcome::committed);
    EXPECT_EQ(deliver(webhook_for("n2", "waba2", "wamid.2"), kSecret), IntakeOutcome::committed);
    EXPECT_EQ(messages(), "2");
    EXPECT_EQ(journal("vouched_by"), "{1,2}");
}

TEST_F(Trust, without_the_right_key_is_none_and_breaks_nothing) {
    Seal wrong("", std::string(64, 'b'));
    StoredTrust blind(pool, wrong);
    run(blind.refresh());
    EXPECT_FALSE(blind.has_app_secrets());
    EXPECT_FALSE(blind.verifies("verify me"));
}

TEST_F(Trust, is_closed_without_any_secret) {
    Seal wrong("", std::string(64, 'b'));
    StoredTrust none(pool, wrong);
    Intake closed(io, pool, clock, metrics, {.app_secrets = {}, .stored = &none});
    EXPECT_EQ(run(closed.accept("{}", "")), IntakeOutcome::disabled);
    Intake stored_only(io, pool, clock, metrics, {.app_secrets = {}, .allow_unsigned = true, .stored = &trust});
    EXPECT_EQ(run(stored_only.accept("{}", "")), IntakeOutcome::bad_signature)
        << "unsigned deliveries are for servers without a secret";
}

TEST_F(Trust, in_tokens_is_the_numbers_own_before_the_shared_one) {
    GraphTokens tokens("SHARED", pool, seal);
    EXPECT_EQ(run(tokens.of_number(other, "n2")), "SHARED");
    EXPECT_EQ(run(tokens.of_waba(other, "waba2")), "SHARED");
    run(store::change_number(pool, seal, other, "n2", {.credentials = {.token = "OWN"}}));
    EXPECT_EQ(run(tokens.of_number(other, "n2")), "OWN");
    EXPECT_EQ(run(tokens.of_waba(other, "waba2")), "OWN");
    EXPECT_EQ(run(tokens.of_number({1}, kNumber)), "SHARED");
    EXPECT_EQ(run(tokens.of_number({1}, "n2")), "SHARED") << "another account's token is nobody else's";
    Seal wrong("", std::string(64, 'b'));
    GraphTokens blind("SHARED", pool, wrong);
    EXPECT_EQ(run(blind.of_number(other, "n2")), "") << "the shared token must not speak for it";
    database.execute("UPDATE phone_numbers SET retired_at = now() WHERE phone_number_id = 'n2'");
    EXPECT_EQ(run(tokens.of_number(other, "n2")), "");
}

}  // namespace
}  // namespace parley::flow

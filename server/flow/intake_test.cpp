#include "flow/intake.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "support/deliveries.hpp"
#include "wa/signature.hpp"

namespace parley::flow {
namespace {

using namespace std::chrono_literals;
using test::text_webhook;

const std::string kSecret = "app secret";

struct Answers {
    explicit Answers(asio::io_context& io) : changed(io.get_executor()) {}
    std::size_t count(IntakeOutcome outcome) const {
        return static_cast<std::size_t>(std::ranges::count(outcomes, outcome));
    }
    std::vector<IntakeOutcome> outcomes;
    Signal changed;
};

awaitable<void> deliver_one(Intake& intake, Answers& answers, std::string body) {
    auto signature = wa::sign(body, kSecret);
    auto outcome = co_await intake.accept(std::move(body), signature);
    answers.outcomes.push_back(outcome);
    answers.changed.notify();
}

/// Delivers all at once, as connections of their own would.
awaitable<void> deliver_all(asio::io_context& io, Intake& intake, Answers& answers, std::vector<std::string> bodies) {
    auto count = bodies.size();
    for (auto& body : bodies) asio::co_spawn(io, deliver_one(intake, answers, std::move(body)), asio::detached);
    while (answers.outcomes.size() < count)
        if (!co_await answers.changed.wait_for(test::kPatience)) throw std::runtime_error("not all are answered");
}

std::vector<std::string> webhooks(int count) {
    std::vector<std::string> bodies;
    for (int i = 0; i < count; ++i)
        bodies.push_back(text_webhook("wamid." + std::to_string(i), "1650555" + std::to_string(1'000 + i % 7)));
    return bodies;
}

class WebhookIntake : public ::testing::Test {
  protected:
    WebhookIntake() { test::add_account(database); }
    ~WebhookIntake() override { test::drain(io); }

    /// One that lives until nothing of it runs any more.
    Intake& an_intake(IntakeLimits limits = {}) {
        return *intakes.emplace_back(std::make_unique<Intake>(io, pool, clock, metrics, trust, limits));
    }
    IntakeOutcome accept(Intake& intake, std::string body, std::string signature) {
        return test::run(io, intake.accept(std::move(body), signature));
    }
    IntakeOutcome accept(Intake& intake, const std::string& body) {
        return accept(intake, body, wa::sign(body, kSecret));
    }
    std::string stored() const { return database.value("SELECT count(*) FROM chat_messages"); }
    std::string journaled() const { return database.value("SELECT count(*) FROM webhook_deliveries"); }

    test::Database database;
    asio::io_context io;
    store::Pool pool{io, database.options(), 2};
    Clock clock;
    Metrics metrics;
    WebhookTrust trust{.app_secrets = {kSecret}};
    std::vector<std::unique_ptr<Intake>> intakes;
};

TEST_F(WebhookIntake, has_committed_what_it_answers_for) {
    auto& intake = an_intake();
    EXPECT_EQ(accept(intake, text_webhook("w1")), IntakeOutcome::committed);
    EXPECT_EQ(stored(), "1");
    EXPECT_EQ(database.value("SELECT convert_from(body, 'UTF8') FROM webhook_deliveries"), text_webhook("w1"));
    EXPECT_EQ(intake.waiting(), 0u);
}

TEST_F(WebhookIntake, joins_what_comes_while_a_commit_is_in_flight) {
    auto& intake = an_intake();
    Answers answers(io);
    test::run(io, deliver_all(io, intake, answers, webhooks(200)));
    EXPECT_EQ(answers.count(IntakeOutcome::committed), 200u);
    EXPECT_EQ(stored(), "200");
    EXPECT_EQ(journaled(), "200");
    EXPECT_EQ(database.value("SELECT sum(unread_count) FROM chat_conversations"), "200");
    EXPECT_EQ(database.value("SELECT count(*) FROM contacts"), "7");
    auto batches = metrics.batch_size.Collect().histogram;
    EXPECT_EQ(batches.sample_sum, 200);
    EXPECT_LT(batches.sample_count, 20u) << "deliveries were not joined";
}

TEST_F(WebhookIntake, renews_statistics_when_the_messages_have_doubled) {
    auto& intake = an_intake();
    auto known = "SELECT greatest(reltuples, 0)::int FROM pg_class WHERE relname = 'chat_messages'";
    for (int times = 1; times <= 2; ++times) {
        Answers answers(io);
        std::vector<std::string> bodies;
        for (int i = 0; i < 100 * times; ++i)
            bodies.push_back(text_webhook("wamid." + std::to_string(times) + "." + std::to_string(i)));
        test::run(io, deliver_all(io, intake, answers, std::move(bodies)));
        test::drain(io);
    }
    EXPECT_EQ(stored(), "300");
    EXPECT_GE(std::stoi(database.value(known)), 128) << "plans were made for an empty table";
}

TEST_F(WebhookIntake, bounds_its_batches) {
    auto& intake = an_intake({.batch_deliveries = 10});
    Answers answers(io);
    test::run(io, deliver_all(io, intake, answers, webhooks(55)));
    EXPECT_EQ(answers.count(IntakeOutcome::committed), 55u);
    EXPECT_GE(metrics.batch_size.Collect().histogram.sample_count, 6u);
    auto& by_bytes = an_intake({.batch_bytes = 1});
    Answers others(io);
    test::run(io, deliver_all(io, by_bytes, others, webhooks(5)));
    EXPECT_EQ(others.count(IntakeOutcome::committed), 5u) << "one always fits";
}

TEST_F(WebhookIntake, is_busy_when_too_much_waits) {
    auto& intake = an_intake({.batch_deliveries = 1, .waiting_deliveries = 3});
    Answers answers(io);
    test::run(io, deliver_all(io, intake, answers, webhooks(20)));
    auto committed = answers.count(IntakeOutcome::committed);
    EXPECT_GE(committed, 3u);
    EXPECT_EQ(answers.count(IntakeOutcome::busy), 20 - committed);
    EXPECT_LT(committed, 20u);
    EXPECT_EQ(stored(), std::to_string(committed)) << "busy means not stored";
    EXPECT_EQ(accept(intake, text_webhook("later")), IntakeOutcome::committed);
}

TEST_F(WebhookIntake, is_busy_when_too_many_bytes_wait) {
    auto body = text_webhook("w1");
    auto& intake = an_intake({.waiting_bytes = body.size()});
    EXPECT_EQ(accept(intake, body), IntakeOutcome::committed);
    EXPECT_EQ(accept(intake, body), IntakeOutcome::committed) << "what was committed waits no longer";
    EXPECT_EQ(accept(intake, text_webhook("w2", test::kCustomer, "longer than before")), IntakeOutcome::busy);
}

TEST_F(WebhookIntake, is_busy_while_the_database_is_away) {
    store::Pool nowhere(io, {.conninfo = "postgresql://parley@127.0.0.1:1/parley"}, 1);
    Intake intake(io, nowhere, clock, metrics, trust);
    Answers answers(io);
    test::run(io, deliver_all(io, intake, answers, webhooks(10)));
    EXPECT_EQ(answers.count(IntakeOutcome::busy), 10u);
    EXPECT_EQ(intake.waiting(), 0u);
    EXPECT_EQ(metrics.batch_size.Collect().histogram.sample_count, 0u);
}

awaitable<IntakeOutcome> accept_as_soon_as_possible(asio::io_context& io, Intake& intake, std::string body) {
    auto signature = wa::sign(body, kSecret);
    for (auto until = std::chrono::steady_clock::now() + 20s; std::chrono::steady_clock::now() < until;) {
        auto outcome = co_await intake.accept(body, signature);
        if (outcome != IntakeOutcome::busy) co_return outcome;
        co_await sleep_for(io.get_executor(), 20ms);
    }
    co_return IntakeOutcome::busy;
}

TEST_F(WebhookIntake, is_busy_when_the_database_ends_under_it_and_works_again_after) {
    auto& intake = an_intake();
    EXPECT_EQ(accept(intake, text_webhook("w1")), IntakeOutcome::committed);
    test::drain(io);
    test::Database elsewhere{false};
    auto name = database.value("SELECT current_database()");
    elsewhere.execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
    elsewhere.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '" + name + "'");
    EXPECT_EQ(accept(intake, text_webhook("w2")), IntakeOutcome::busy);
    EXPECT_EQ(accept(intake, text_webhook("w2")), IntakeOutcome::busy);
    elsewhere.execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
    EXPECT_EQ(test::run(io, accept_as_soon_as_possible(io, intake, text_webhook("w2"))), IntakeOutcome::committed);
    EXPECT_EQ(stored(), "2");
}

TEST_F(WebhookIntake, believes_nobody_who_cannot_sign) {
    auto& intake = an_intake();
    auto body = text_webhook("w1");
    for (const auto& signature :
         {std::string(), std::string("sha256="), wa::sign(body, "another secret"), wa::sign(body + " ", kSecret)})
        EXPECT_EQ(accept(intake, body, signature), IntakeOutcome::bad_signature) << signature;
    EXPECT_EQ(journaled(), "0");
}

TEST_F(WebhookIntake, believes_both_secrets_during_a_rotation) {
    trust = {.app_secrets = {"the next secret", kSecret}};
    auto& intake = an_intake();
    EXPECT_EQ(accept(intake, text_webhook("w1")), IntakeOutcome::committed);
    auto body = text_webhook("w2");
    EXPECT_EQ(accept(intake, body, wa::sign(body, "the next secret")), IntakeOutcome::committed);
    EXPECT_EQ(stored(), "2");
}

TEST_F(WebhookIntake, is_disabled_without_a_secret) {
    trust = {};
    auto& intake = an_intake();
    EXPECT_EQ(accept(intake, text_webhook("w1")), IntakeOutcome::disabled);
    EXPECT_EQ(accept(intake, text_webhook("w1"), wa::sign(text_webhook("w1"), "")), IntakeOutcome::disabled);
    EXPECT_EQ(journaled(), "0");
}

TEST_F(WebhookIntake, believes_everybody_when_told_to) {
    trust = {.app_secrets = {}, .allow_unsigned = true};
    auto& intake = an_intake();
    EXPECT_EQ(accept(intake, text_webhook("w1"), ""), IntakeOutcome::committed);
    EXPECT_EQ(stored(), "1");
}

TEST_F(WebhookIntake, keeps_what_it_does_not_understand) {
    auto& intake = an_intake();
    for (const std::string body : {"", "not JSON", "[]", "{}", R"({"entry":7})"})
        EXPECT_EQ(accept(intake, body), IntakeOutcome::committed) << body;
    EXPECT_EQ(journaled(), "5");
    EXPECT_EQ(database.value("SELECT count(*) FROM webhook_deliveries WHERE state = 'stored'"), "0");
}

}  // namespace
}  // namespace parley::flow

#include "flow/doctor.hpp"

#include <gtest/gtest.h>

#include "support/database.hpp"

namespace parley::flow {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = from_unix_seconds(1'790'000'000);

NumberCheck a_good_check() {
    NumberCheck check;
    for (const char* step : {"token", "scopes", "waba", "number", "subscribed_apps"})
        check.steps.push_back({step, true, "Good.", 0});
    check.answered = true;
    check.status = "CONNECTED";
    check.quality_rating = "GREEN";
    return check;
}

NumberFacts a_number(NumberCheck check = a_good_check(), std::string name = "Shop") {
    return {.phone_number_id = "1", .name = std::move(name), .has_token = true, .check = std::move(check)};
}

NumberFacts a_number_failing(std::string_view step, std::string name = "Shop") {
    auto check = a_good_check();
    for (auto& one : check.steps)
        if (one.step == step) one = {one.step, false, "Bad " + one.step + ".", 0};
    return a_number(std::move(check), std::move(name));
}

TEST(Findings, are_good_for_a_number_that_is_set_up) {
    std::vector numbers{a_number()};
    EXPECT_EQ(judge_token(numbers, kNow).state, CheckState::ok);
    EXPECT_EQ(judge_scopes(numbers).state, CheckState::ok);
    EXPECT_EQ(judge_number(numbers).state, CheckState::ok);
    EXPECT_EQ(judge_subscription(numbers).state, CheckState::ok);
}

TEST(Findings, blame_the_step_that_fails_and_only_that) {
    EXPECT_EQ(judge_scopes({a_number_failing("scopes")}).state, CheckState::failed);
    EXPECT_EQ(judge_number({a_number_failing("scopes")}).state, CheckState::ok);
    EXPECT_EQ(judge_number({a_number_failing("waba")}).detail, "Bad waba.");
    EXPECT_EQ(judge_subscription({a_number_failing("subscribed_apps")}).subscribe, "1");
    EXPECT_EQ(judge_subscription({a_number_failing("waba")}).subscribe, "");
    std::vector bad_token{a_number_failing("token")};
    EXPECT_EQ(judge_token(bad_token, kNow).state, CheckState::failed);
    EXPECT_EQ(judge_scopes(bad_token).state, CheckState::unknown);
    EXPECT_EQ(judge_number(bad_token).state, CheckState::unknown);
    EXPECT_EQ(judge_subscription(bad_token).state, CheckState::unknown);
}

TEST(Findings, of_several_numbers_name_the_worst) {
    auto found = judge_scopes({a_number(), a_number_failing("scopes", "Support"), a_number_failing("scopes", "Sales")});
    EXPECT_EQ(found.state, CheckState::failed);
    EXPECT_EQ(found.detail, "Support: Bad scopes. The same state: 1 other number.");
}

TEST(Findings, tell_no_token_from_no_answer) {
    NumberFacts none{.phone_number_id = "1", .name = "Shop"};
    EXPECT_EQ(judge_token({none}, kNow).state, CheckState::failed);
    NumberFacts late{.phone_number_id = "1", .name = "Shop", .has_token = true};
    EXPECT_EQ(judge_token({late}, kNow).state, CheckState::unknown);
    auto cut_off = a_number_failing("token");
    cut_off.check->answered = false;
    EXPECT_TRUE(judge_token({cut_off}, kNow).detail.starts_with("Meta cannot be reached."));
    EXPECT_EQ(judge_number({}).state, CheckState::failed);
    EXPECT_EQ(judge_token({}, kNow).state, CheckState::unknown);
}

TEST(Findings, warn_of_a_token_that_expires_soon) {
    auto number = a_number();
    number.check->token_expires_at = kNow + 24h * 8;
    EXPECT_EQ(judge_token({number}, kNow).state, CheckState::ok);
    number.check->token_expires_at = kNow + 24h * 6;
    EXPECT_EQ(judge_token({number}, kNow).state, CheckState::warning);
}

TEST(Findings, judge_status_and_quality) {
    auto with = [](std::string status, std::string quality) {
        auto number = a_number();
        number.check->status = std::move(status);
        number.check->quality_rating = std::move(quality);
        return judge_number({number}).state;
    };
    EXPECT_EQ(with("", ""), CheckState::ok);
    EXPECT_EQ(with("CONNECTED", "UNKNOWN"), CheckState::ok);
    EXPECT_EQ(with("CONNECTED", "RED"), CheckState::warning);
    EXPECT_EQ(with("FLAGGED", "GREEN"), CheckState::warning);
    EXPECT_EQ(with("BANNED", "GREEN"), CheckState::failed);
}

TEST(Findings, judge_the_fuller_disk) {
    EXPECT_EQ(judge_space(std::vector<Space>{{"a", 50, 100}}).state, CheckState::ok);
    EXPECT_EQ(judge_space(std::vector<Space>{{"a", 500, 1000}, {"b", 99, 1000}}).state, CheckState::warning);
    EXPECT_EQ(judge_space(std::vector<Space>{{"a", 9, 1000}, {"b", 500, 1000}}).state, CheckState::failed);
    EXPECT_EQ(judge_space(std::vector<Space>{}).state, CheckState::unknown);
    EXPECT_EQ(judge_space(std::nullopt).state, CheckState::unknown);
}

TEST(Findings, judge_the_clock_both_ways) {
    EXPECT_EQ(judge_clock(29s).state, CheckState::ok);
    EXPECT_EQ(judge_clock(-29s).state, CheckState::ok);
    EXPECT_EQ(judge_clock(31s).detail, "The clock is 31 seconds ahead of Meta's.");
    EXPECT_EQ(judge_clock(-90s).detail, "The clock is 90 seconds behind Meta's.");
    EXPECT_EQ(judge_clock(-90s).state, CheckState::failed);
    EXPECT_EQ(judge_clock(std::nullopt).state, CheckState::unknown);
}

TEST(Findings, refuse_a_database_that_forgets) {
    store::DatabaseFacts facts{.version = "15.8", .version_number = 150'008, .free_connections = 50, .folder = ""};
    EXPECT_EQ(judge_database(facts).state, CheckState::ok);
    facts.free_connections = 2;
    EXPECT_EQ(judge_database(facts).state, CheckState::warning);
    facts.synchronous_commit = false;
    EXPECT_EQ(judge_database(facts).state, CheckState::failed);
    EXPECT_EQ(judge_database(std::nullopt).state, CheckState::failed);
}

TEST(Findings, tell_a_wrong_secret_from_somebody_who_tries) {
    WebhookSightings sightings{.verified_at = std::nullopt, .refused_at = kNow - 1h, .refused = 3};
    SignatureFacts facts{.has_secret = true, .sightings = &sightings};
    EXPECT_EQ(judge_signature(facts, kNow).state, CheckState::failed);
    facts.last_delivery = kNow - 2h;
    EXPECT_EQ(judge_signature(facts, kNow).state, CheckState::failed);
    facts.last_delivery = kNow - 1min;
    EXPECT_EQ(judge_signature(facts, kNow).state, CheckState::warning);
    EXPECT_EQ(judge_signature(facts, kNow + 24h).state, CheckState::ok);
    EXPECT_EQ(judge_signature({}, kNow).state, CheckState::failed);
    EXPECT_EQ(judge_signature({.allow_unsigned = true}, kNow).state, CheckState::warning);
    EXPECT_EQ(judge_signature({.unreadable = true}, kNow).state, CheckState::failed);
}

TEST(Findings, judge_the_webhook_address) {
    CallbackFacts good{
        .url = "https://a.example/webhook", .has_verify_token = true, .tried = true, .status = 200, .echoed = true};
    EXPECT_EQ(judge_callback(good).state, CheckState::ok);
    auto change = [&](auto&& how) {
        auto facts = good;
        how(facts);
        return judge_callback(facts).state;
    };
    EXPECT_EQ(change([](auto& f) { f.url = ""; }), CheckState::warning);
    EXPECT_EQ(change([](auto& f) { f.has_verify_token = false; }), CheckState::failed);
    EXPECT_EQ(change([](auto& f) { f.problem = "timeout"; }), CheckState::failed);
    EXPECT_EQ(change([](auto& f) { f.tried = false; }), CheckState::failed);
    EXPECT_EQ(change([](auto& f) { f.echoed = false; }), CheckState::failed);
    EXPECT_EQ(change([](auto& f) { f.meta_url = "https://b.example/webhook"; }), CheckState::warning);
    EXPECT_EQ(change([](auto& f) { f.meta_url = f.url; }), CheckState::ok);
    EXPECT_EQ(change([](auto& f) { f.url = "http://a.example/webhook"; }), CheckState::warning);
}

TEST(Findings, tell_why_nothing_comes) {
    DeliveriesFacts facts;
    facts.callback_url = "https://a.example/webhook";
    EXPECT_EQ(judge_deliveries(facts).state, CheckState::warning);
    facts.verified_at = kNow;
    EXPECT_EQ(judge_deliveries(facts).state, CheckState::failed);
    EXPECT_TRUE(judge_deliveries(facts).advice.contains("`messages`"));
    facts.subscribed = false;
    EXPECT_EQ(judge_deliveries(facts).state, CheckState::unknown);
    facts.last_delivery = kNow;
    EXPECT_EQ(judge_deliveries(facts).state, CheckState::ok);
}

TEST(Findings, warn_of_what_lies_about) {
    EXPECT_EQ(judge_journal(store::WorkFacts{}).state, CheckState::ok);
    EXPECT_EQ(judge_journal(store::WorkFacts{.newest_delivery = std::nullopt, .partial = 1}).state,
              CheckState::warning);
    EXPECT_EQ(judge_outbox(store::WorkFacts{}).state, CheckState::ok);
    EXPECT_EQ(judge_outbox(store::WorkFacts{.newest_delivery = std::nullopt, .unknown = 2}).detail,
              "2 replies of which nobody knows whether Meta has them.");
}

TEST(Findings, the_first_that_failed_is_missing) {
    Report report;
    report.checks = {{"a", "A", {CheckState::warning, ""}},
                     {"b", "B", {CheckState::failed, ""}},
                     {"c", "C", {CheckState::failed, ""}}};
    EXPECT_EQ(report.missing()->id, "b");
    report.checks.resize(1);
    EXPECT_EQ(report.missing(), nullptr);
}

TEST(Doctor, answers_in_time_when_nothing_else_does) {
    asio::io_context io;
    store::Pool pool(io, {.conninfo = "host=127.0.0.1 port=1"}, 2);
    // Takes connections and never says a word.
    TcpAcceptor silent(io.get_executor(), {asio::ip::make_address("127.0.0.1"), 0});
    auto url = "http://127.0.0.1:" + std::to_string(silent.local_endpoint().port());
    Seal seal("/nonexistent/seal-key", "");
    GraphTokens tokens("token");
    http::Client client(io);
    wa::GraphClient graph(client, url, "v24.0");
    wa::Probe probe(client, url);
    Clock clock;
    Doctor doctor(
        io, pool, seal, tokens, graph, probe, clock, nullptr,
        {.public_url = url, .verify_token = "token", .data_dir = "/nonexistent", .media_folder = "/nonexistent"});
    auto before = std::chrono::steady_clock::now();
    auto report = test::run(io, doctor.examine({1}));
    EXPECT_LT(std::chrono::steady_clock::now() - before, 12s);
    ASSERT_NE(report.missing(), nullptr);
    EXPECT_EQ(report.missing()->id, "database");
    client.stop();
}

}  // namespace
}  // namespace parley::flow

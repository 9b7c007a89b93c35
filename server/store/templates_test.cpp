#include "store/templates.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/deliveries.hpp"

namespace parley::store {
namespace {

using test::kNumber;
using test::kOtherNumber;
using test::kWaba;

MessageTemplate a_template(std::string id, std::string name, std::string language = "en_US") {
    MessageTemplate out;
    out.id = std::move(id);
    out.name = std::move(name);
    out.language = std::move(language);
    out.category = "UTILITY";
    out.status = "APPROVED";
    out.parameter_format = "POSITIONAL";
    out.components = R"([{"type": "BODY", "text": "Hello {{1}}"}])";
    return out;
}

TemplateChange a_change(std::string id, std::string status, std::string waba = kWaba) {
    TemplateChange out;
    out.waba_id = std::move(waba);
    out.template_id = std::move(id);
    out.status = std::move(status);
    return out;
}

struct TemplatesTest : testing::Test {
    template <class T>
    T run(awaitable<T> work) {
        return test::run(io, std::move(work));
    }
    void replace(std::vector<MessageTemplate> templates, bool whole = true, std::string waba = kWaba) {
        ListedWaba listed{account, std::move(waba)};
        run(replace_templates(pool, std::move(listed), std::move(templates), whole, std::nullopt, test::kNoon));
    }
    void apply(std::vector<TemplateChange> changes, std::vector<AccountId> of = {}) {
        Batch batch;
        apply_template_changes(batch, changes, of);
        run(pool.run(std::move(batch)));
    }
    /// Names and languages.
    std::string found(TemplateQuery query = {}, AccountId of = {1}) {
        std::string out;
        for (const auto& one : run(list_templates(pool, of, std::move(query))))
            out += (out.empty() ? "" : " ") + one.name + "/" + one.language;
        return out;
    }
    std::string value(const std::string& columns, const std::string& id = "1") const {
        return database.value("SELECT concat_ws(' ', " + columns + ") FROM message_templates WHERE template_id = '" +
                              id + "' AND account_id = 1");
    }
    /// How often the row was written: its transaction.
    std::string written(const std::string& id) const { return value("xmin::text, ctid::text", id); }

    test::Database database;
    AccountId account = test::add_account(database);
    asio::io_context io{1};
    Pool pool{io, database.options(), 4};
};

TEST_F(TemplatesTest, are_stored_as_listed) {
    auto full = a_template("1", "greeting");
    full.quality = "GREEN";
    full.rejected_reason = "SCAM";
    replace({full, a_template("2", "bye", "pt_BR")});
    auto templates = run(list_templates(pool, account, {}));
    ASSERT_EQ(templates.size(), 2u);
    EXPECT_EQ(templates[0].name, "bye");
    EXPECT_EQ(templates[0].language, "pt_BR");
    EXPECT_FALSE(templates[0].quality);
    EXPECT_FALSE(templates[0].rejected_reason);
    EXPECT_EQ(templates[1].id, "1");
    EXPECT_EQ(templates[1].waba_id, kWaba);
    EXPECT_EQ(templates[1].category, "UTILITY");
    EXPECT_EQ(templates[1].status, "APPROVED");
    EXPECT_EQ(templates[1].parameter_format, "POSITIONAL");
    EXPECT_EQ(templates[1].components, R"([{"text": "Hello {{1}}", "type": "BODY"}])");
    EXPECT_EQ(templates[1].quality, "GREEN");
    EXPECT_EQ(templates[1].rejected_reason, "SCAM");
    EXPECT_EQ(templates[1].synced_at, test::kNoon);
}

TEST_F(TemplatesTest, that_did_not_change_are_not_written) {
    replace({a_template("1", "a"), a_template("2", "b"), a_template("3", "c")});
    auto untouched = written("1");
    auto paused = a_template("2", "b");
    paused.status = "PAUSED";
    replace({a_template("1", "a"), paused});
    EXPECT_EQ(written("1"), untouched);
    EXPECT_EQ(value("status", "2"), "PAUSED");
    EXPECT_EQ(found(), "a/en_US b/en_US") << "what is not listed is gone";
    auto better = a_template("1", "a");
    better.quality = "GREEN";
    replace({better});
    EXPECT_EQ(value("quality"), "GREEN") << "nothing and something differ";
    replace({});
    EXPECT_EQ(found(), "");
}

TEST_F(TemplatesTest, made_anew_under_the_same_name_replace_the_old) {
    replace({a_template("1", "a")});
    replace({a_template("2", "a")}, false);
    EXPECT_EQ(value("name", "1"), "");
    EXPECT_EQ(value("name", "2"), "a");
}

TEST_F(TemplatesTest, stay_when_the_list_was_not_read_to_its_end) {
    replace({a_template("1", "a"), a_template("2", "b")});
    replace({a_template("3", "c"), a_template("2", "b")}, false);
    EXPECT_EQ(found(), "a/en_US b/en_US c/en_US");
}

TEST_F(TemplatesTest, are_found_by_filters) {
    auto marketing = a_template("3", "sale");
    marketing.category = "MARKETING";
    marketing.status = "PAUSED";
    marketing.components = R"([{"type":"HEADER","text":"Winter"},{"type":"BODY","text":"Everything 20% OFF_now"}])";
    replace({a_template("1", "order_shipped"), a_template("2", "order_shipped", "de"), marketing});
    EXPECT_EQ(found(), "order_shipped/de order_shipped/en_US sale/en_US");
    EXPECT_EQ(found({.language = "de"}), "order_shipped/de");
    EXPECT_EQ(found({.category = "MARKETING"}), "sale/en_US");
    EXPECT_EQ(found({.status = "PAUSED"}), "sale/en_US");
    EXPECT_EQ(found({.search = "SHIPPED", .language = "en_US"}), "order_shipped/en_US");
    EXPECT_EQ(found({.search = "everything"}), "sale/en_US");
    EXPECT_EQ(found({.search = "winter"}), "") << "not the header";
    EXPECT_EQ(found({.search = "20%"}), "sale/en_US");
    EXPECT_EQ(found({.search = "2_%"}), "") << "no patterns";
    EXPECT_EQ(found({.limit = 1, .offset = 1}), "order_shipped/en_US");
    EXPECT_EQ(found({.phone_number_id = kNumber, .search = "sale"}), "sale/en_US");
    EXPECT_EQ(found({.phone_number_id = "1"}), "");
}

TEST_F(TemplatesTest, belong_to_numbers_of_their_waba) {
    database.execute("UPDATE phone_numbers SET waba_id = '77' WHERE phone_number_id = '" + std::string(kOtherNumber) +
                     "'");
    replace({a_template("1", "a")});
    replace({a_template("1", "b")}, true, "77");
    EXPECT_EQ(found(), "a/en_US b/en_US");
    EXPECT_EQ(found({.phone_number_id = kOtherNumber}), "b/en_US");
    EXPECT_EQ(run(templates_named(pool, account, kOtherNumber, "b")).size(), 1u);
    EXPECT_EQ(run(templates_named(pool, account, kOtherNumber, "a")).size(), 0u);
    EXPECT_EQ(run(template_syncs_of(pool, account)).size(), 2u);
    EXPECT_EQ(run(template_syncs_of(pool, account, kOtherNumber)).size(), 1u);
    database.execute("UPDATE phone_numbers SET waba_id = NULL WHERE phone_number_id = '" + std::string(kOtherNumber) +
                     "'");
    EXPECT_EQ(found(), "a/en_US") << "no number has that one any more";
}

TEST_F(TemplatesTest, of_other_accounts_stay_behind_their_wall) {
    replace({a_template("1", "a")});
    database.execute("INSERT INTO accounts (name) VALUES ('Other')");
    database.execute("INSERT INTO phone_numbers (account_id, phone_number_id, waba_id) VALUES (2, '5', '" +
                     std::string(kWaba) + "')");
    AccountId other{2};
    EXPECT_EQ(found({}, other), "");
    EXPECT_EQ(found({.phone_number_id = kNumber}, other), "");
    EXPECT_TRUE(run(templates_named(pool, other, kNumber, "a")).empty());
    EXPECT_EQ(run(template_syncs_of(pool, other, kNumber)).size(), 0u);
    ListedWaba theirs{other, kWaba};
    std::vector<MessageTemplate> nothing;
    run(replace_templates(pool, theirs, std::move(nothing), true, std::nullopt, test::kNoon));
    EXPECT_EQ(found(), "a/en_US");

    apply({a_change("1", "PAUSED")}, {other});
    EXPECT_EQ(value("status"), "APPROVED") << "the other account's secret vouches for that account only";
    apply({a_change("1", "PAUSED")}, {other, account});
    EXPECT_EQ(value("status"), "PAUSED");
}

TEST_F(TemplatesTest, change_by_webhooks) {
    auto rejected = a_template("1", "a");
    rejected.status = "REJECTED";
    rejected.rejected_reason = "SCAM";
    replace({rejected, a_template("2", "b")});
    auto untouched = written("2");
    auto quality = a_change("1", "");
    quality.quality = "YELLOW";
    apply({quality});
    EXPECT_EQ(value("status, rejected_reason, category, quality"), "REJECTED SCAM UTILITY YELLOW");
    auto category = a_change("1", "");
    category.category = "MARKETING";
    apply({a_change("1", "PENDING"), category, a_change("1", "APPROVED"), a_change("none", "APPROVED"),
           a_change("2", "PAUSED", "none")});
    EXPECT_EQ(value("status, rejected_reason, category, quality"), "APPROVED MARKETING YELLOW")
        << "the last one counts";
    EXPECT_EQ(written("2"), untouched);
}

TEST_F(TemplatesTest, are_claimed_for_reading_once) {
    EXPECT_TRUE(run(claim_template_syncs(pool)).empty()) << "new ones come with the next call";
    auto first = run(claim_template_syncs(pool));
    ASSERT_EQ(first.size(), 1u) << "two numbers, one WABA";
    EXPECT_EQ(first[0].account, account);
    EXPECT_EQ(first[0].waba_id, kWaba);
    EXPECT_TRUE(run(claim_template_syncs(pool)).empty());
    replace({});
    EXPECT_TRUE(run(claim_template_syncs(pool)).empty());
    run(make_template_syncs_due(pool));
    EXPECT_EQ(run(claim_template_syncs(pool)).size(), 1u);
    database.execute("UPDATE phone_numbers SET waba_id = NULL");
    run(make_template_syncs_due(pool));
    EXPECT_TRUE(run(claim_template_syncs(pool)).empty());
}

TEST_F(TemplatesTest, are_read_again_soon_after_a_webhook_and_after_a_problem) {
    auto due = [&] {
        return database.value(
            "SELECT CASE WHEN due_at < now() + interval '1 minute' THEN 'soon' WHEN due_at < now() + interval '1 hour' "
            "THEN 'later' ELSE 'much later' END FROM template_syncs");
    };
    replace({});
    EXPECT_EQ(due(), "much later");
    ListedWaba waba{account, kWaba};
    SyncProblem problem{"refused", "Meta answered: no", 190};
    run(note_sync_problem(pool, waba, problem));
    EXPECT_EQ(due(), "later");
    apply({a_change("", "")});
    EXPECT_EQ(due(), "soon");
    EXPECT_TRUE(run(claim_template_syncs(pool)).empty()) << "more such webhooks may follow";
}

TEST_F(TemplatesTest, tell_when_they_could_not_be_read) {
    EXPECT_FALSE(run(template_syncs_of(pool, account))[0].synced_at);
    replace({a_template("1", "a")});
    ListedWaba waba{account, kWaba};
    SyncProblem problem{"refused", "Meta answered: no", 190};
    run(note_sync_problem(pool, waba, problem));
    auto state = run(template_syncs_of(pool, account)).at(0);
    EXPECT_EQ(state.waba_id, kWaba);
    EXPECT_EQ(state.synced_at, test::kNoon) << "what is stored is from then";
    ASSERT_TRUE(state.problem);
    EXPECT_EQ(state.problem->code, "refused");
    EXPECT_EQ(state.problem->detail, "Meta answered: no");
    EXPECT_EQ(state.problem->meta_code, 190);
    EXPECT_EQ(found(), "a/en_US");
    replace({a_template("1", "a")});
    EXPECT_FALSE(run(template_syncs_of(pool, account))[0].problem);
}

}  // namespace
}  // namespace parley::store

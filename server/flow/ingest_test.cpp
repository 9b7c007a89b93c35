#include "flow/ingest.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "flow/intake.hpp"
#include "support/db_error.hpp"
#include "support/deliveries.hpp"

namespace parley::flow {
namespace {

using namespace std::chrono_literals;
using test::a_delivery;
using test::a_status;
using test::a_text;
using test::kCustomer;
using test::kNoon;

class IngestInto : public ::testing::Test {
  protected:
    IngestInto() : account(test::add_account(database)) {}

    void store(std::vector<DeliveryItem> items) {
        auto delivery = a_delivery(std::move(items));
        test::run(io, ingest(pool, directory, {&delivery, 1}));
    }
    std::string value(const std::string& sql) const { return database.value(sql); }
    std::string message(const std::string& column, const std::string& wamid) const {
        return value("SELECT " + column + " FROM chat_messages WHERE whatsapp_message_id = '" + wamid + "'");
    }
    std::string conversation(const std::string& column) const {
        return value("SELECT " + column + " FROM chat_conversations");
    }
    std::string journal(const std::string& column) const {
        return value("SELECT string_agg(" + column + "::text, ',' ORDER BY id) FROM webhook_deliveries");
    }
    /// A message of ours that Meta knows as `wamid` (empty: not yet), in the only conversation.
    MessageId sent(const std::string& wamid) {
        auto id = value(
            "INSERT INTO chat_messages (account_id, conversation_id, sender, message, message_type, is_read, status, "
            "whatsapp_message_id) SELECT account_id, id, 'agent', 'Hi', 'text', true, 'queued', nullif('" +
            wamid + "', '') FROM chat_conversations RETURNING id");
        return {std::stoll(id)};
    }
    /// Everything that agents can see, and what it rests on: all but the journal.
    std::string everything() const {
        std::string all;
        for (const char* table :
             {"accounts", "phone_numbers", "contacts", "contact_identities", "chat_conversations", "chat_messages",
              "message_reactions", "message_versions", "parked_updates", "events", "outbox"})
            all +=
                value("SELECT string_agg(t::text, E'\\n' ORDER BY t::text) FROM " + std::string(table) + " t") + "\n\n";
        return all;
    }
    /// Promise 7: offsets run from 1 to the account's counter without a gap.
    void expect_unbroken_events() const {
        EXPECT_EQ(
            value("SELECT string_agg(\"offset\"::text, ',' ORDER BY \"offset\") FROM events"),
            value("SELECT string_agg(n::text, ',' ORDER BY n) FROM accounts, generate_series(1, event_offset) n"));
    }

    test::Database database;
    AccountId account;
    asio::io_context io;
    store::Pool pool{io, database.options(), 2};
    Directory directory;
};

MessageEdit an_edit(std::string target, std::string text, TimePoint at = kNoon + 1min) {
    MessageEdit edit;
    edit.number = test::a_number();
    edit.customer = test::a_customer();
    edit.wamid = "wamid.edit-of-" + target;
    edit.target_wamid = std::move(target);
    edit.text = std::move(text);
    edit.payload = R"({"type":"text","edited":true})";
    edit.at = at;
    return edit;
}

MessageRevoke a_revoke(std::string target) {
    MessageRevoke revoke;
    revoke.number = test::a_number();
    revoke.customer = test::a_customer();
    revoke.wamid = "wamid.revoke-of-" + target;
    revoke.target_wamid = std::move(target);
    revoke.at = kNoon + 2min;
    return revoke;
}

IncomingMessage an_echo(std::string wamid) {
    auto echo = a_text(std::move(wamid), test::a_customer(), "From the phone");
    echo.sender = Sender::agent;
    echo.counts_as_unread = echo.opens_window = false;
    return echo;
}

TEST_F(IngestInto, stores_a_message_with_its_customer_conversation_and_event) {
    auto text = a_text("w1", test::a_customer(), "It's \"so\" \\ good \xf0\x9f\x91\x8b");
    text.reply_to_wamid = "w0";
    store({text});
    EXPECT_EQ(message("message", "w1"), text.text);
    EXPECT_EQ(message("sender || ' ' || status || ' ' || message_type || ' ' || is_read", "w1"),
              "customer received text false");
    EXPECT_EQ(message("reply_to_whatsapp_message_id", "w1"), "w0");
    EXPECT_EQ(message("payload", "w1"), R"({"type": "text"})");
    EXPECT_EQ(message("created_at = '2026-01-01 12:00:00+00'", "w1"), "t");
    EXPECT_EQ(conversation("customer_phone || ' ' || customer_name || ' ' || unread_count"), "16505551234 Ann 1");
    EXPECT_EQ(conversation("last_incoming_at = last_message_at AND last_message_at = '2026-01-01 12:00:00+00'"), "t");
    EXPECT_EQ(conversation("last_message_id = (SELECT id FROM chat_messages)"), "t");
    EXPECT_EQ(value("SELECT name FROM events WHERE message_id = (SELECT id FROM chat_messages)"), "message.created");
    EXPECT_EQ(journal("state || ' ' || items || ' ' || fields"), "stored 1 messages");
    EXPECT_EQ(value("SELECT convert_from(body, 'UTF8') FROM webhook_deliveries"), R"({"items":1})");
    expect_unbroken_events();
}

TEST_F(IngestInto, stores_a_batch_with_everything_in_it) {
    store({a_text("w1"), a_text("w2", test::a_customer("222", "Bob"))});
    auto image = a_text("w3", test::a_customer(), "A photo");
    image.type = "image";
    image.payload = R"({"type":"image","image":{"id":"1"}})";
    auto note = a_text("w4", test::a_customer(), "changed their number");
    note.type = "system";
    note.counts_as_unread = note.opens_window = false;
    note.sent_at = kNoon + 5min;
    auto failed = a_text("w5", test::a_customer("333", "Cem"), "Unsupported message");
    failed.type = "unsupported";
    failed.error = MessageError{131051, "Message type unknown", "not supported"};
    IdentityChange move;
    move.number = test::a_number();
    move.old_wa_id = kCustomer;
    move.new_wa_id = "444";
    move.at = kNoon + 5min;
    store({image, note, move, failed, an_echo("w6"), test::a_reaction("w1", "\xf0\x9f\x91\x8d"),
           an_edit("w3", "A better photo"), a_revoke("w2"), a_status("w6", MessageStatus::delivered, kNoon + 1min)});

    EXPECT_EQ(value("SELECT string_agg(whatsapp_message_id, ',' ORDER BY id) FROM chat_messages"), "w1,w2,w3,w4,w5,w6");
    EXPECT_EQ(message("message", "w3"), "A better photo");
    EXPECT_EQ(value("SELECT v.message FROM message_versions v JOIN chat_messages m ON m.id = v.message_id WHERE "
                    "m.whatsapp_message_id = 'w3'"),
              "A photo");
    EXPECT_EQ(message("revoked_at IS NOT NULL AND message <> 'Hello'", "w2"), "t");
    EXPECT_EQ(message("error_code", "w5"), "131051");
    EXPECT_EQ(message("sender || ' ' || status", "w6"), "agent delivered");
    EXPECT_EQ(value("SELECT emoji FROM message_reactions"), "\xf0\x9f\x91\x8d");
    EXPECT_EQ(
        value("SELECT string_agg(customer_phone || ' ' || unread_count, ',' ORDER BY id) FROM chat_conversations"),
        "444 2,222 1,333 1");
    EXPECT_EQ(value("SELECT last_incoming_at = '2026-01-01 12:00:00+00' FROM chat_conversations ORDER BY id LIMIT 1"),
              "t")
        << "a note opens no window";
    EXPECT_EQ(value("SELECT string_agg(value, ',') FROM contact_identities WHERE value IN ('444', '16505551234')"),
              "444");
    expect_unbroken_events();
}

TEST_F(IngestInto, changes_nothing_when_the_same_comes_again) {
    std::vector<DeliveryItem> items{a_text("w1"),
                                    a_text("w2", test::a_customer("222", "Bob")),
                                    an_echo("w3"),
                                    test::a_reaction("w1", "x"),
                                    an_edit("w1", "Hallo"),
                                    a_status("w3", MessageStatus::read, kNoon + 1min),
                                    a_status("w9", MessageStatus::sent)};
    store(items);
    auto before = everything();
    store(items);
    EXPECT_EQ(everything(), before);
    auto twice = std::vector{a_delivery(items), a_delivery(items)};
    test::run(io, ingest(pool, directory, twice));
    EXPECT_EQ(everything(), before);
    EXPECT_EQ(value("SELECT count(*) FROM webhook_deliveries"), "4") << "each delivery is journaled";
    expect_unbroken_events();
}

TEST_F(IngestInto, stores_a_message_once_that_a_batch_holds_twice) {
    store({a_text("w1"), a_text("w1")});
    auto both = std::vector{a_delivery({a_text("w2")}), a_delivery({a_text("w2")})};
    test::run(io, ingest(pool, directory, both));
    EXPECT_EQ(value("SELECT count(*) FROM chat_messages"), "2");
    EXPECT_EQ(conversation("unread_count"), "2");
    EXPECT_EQ(value("SELECT count(*) FROM contacts"), "1");
}

TEST_F(IngestInto, shows_the_newest_message_whatever_the_order) {
    auto newer = a_text("w2");
    newer.sent_at += 1h;
    store({newer});
    store({a_text("w1")});
    EXPECT_EQ(conversation("last_message_at = '2026-01-01 13:00:00+00' AND last_incoming_at = last_message_at"), "t");
    EXPECT_EQ(
        value("SELECT whatsapp_message_id FROM chat_messages m JOIN chat_conversations c ON c.last_message_id = m.id"),
        "w2");
    EXPECT_EQ(conversation("unread_count"), "2");
}

TEST_F(IngestInto, never_takes_a_tick_back) {
    store({a_text("w0")});
    sent("w1");
    store({a_status("w1", MessageStatus::read, kNoon + 3min)});
    EXPECT_EQ(message("status", "w1"), "read");
    store({a_status("w1", MessageStatus::sent, kNoon + 1min), a_status("w1", MessageStatus::delivered, kNoon + 2min)});
    auto late = a_status("w1", MessageStatus::failed, kNoon + 4min);
    late.error = MessageError{131026, "Undeliverable", ""};
    store({late});
    EXPECT_EQ(message("status", "w1"), "read");
    EXPECT_EQ(
        message("sent_at = '2026-01-01 12:01:00+00' AND read_at = '2026-01-01 12:03:00+00' AND failed_at IS NOT NULL",
                "w1"),
        "t");
    expect_unbroken_events();
}

TEST_F(IngestInto, shows_why_a_message_failed) {
    store({a_text("w0")});
    sent("w1");
    auto failed = a_status("w1", MessageStatus::failed);
    failed.error = MessageError{131026, "Undeliverable", "details"};
    store({failed});
    EXPECT_EQ(message("status || ' ' || error_code || ' ' || error_title || ' ' || error_details", "w1"),
              "failed 131026 Undeliverable details");
    store({a_status("w1", MessageStatus::delivered)});
    EXPECT_EQ(message("status", "w1"), "delivered") << "a proof of delivery wins";
}

TEST_F(IngestInto, finds_our_message_by_its_callback_data) {
    store({a_text("w0")});
    auto id = sent("");
    auto report = a_status("w1", MessageStatus::delivered);
    report.callback_data = callback_data_of(account, id);
    store({report});
    EXPECT_EQ(message("id", "w1"), std::to_string(id.value));
    EXPECT_EQ(message("status", "w1"), "delivered");
}

TEST_F(IngestInto, does_not_believe_callback_data_of_another_account) {
    store({a_text("w0")});
    auto id = sent("");
    auto report = a_status("w1", MessageStatus::delivered);
    report.callback_data = callback_data_of({account.value + 1}, id);
    store({report});
    EXPECT_EQ(value("SELECT count(*) FROM chat_messages WHERE whatsapp_message_id = 'w1'"), "0");
    EXPECT_EQ(value("SELECT count(*) FROM parked_updates"), "1");
}

TEST_F(IngestInto, keeps_updates_until_their_message_comes) {
    store({test::a_reaction("w1", "x"), an_edit("w1", "Hallo"), a_status("w2", MessageStatus::delivered)});
    EXPECT_EQ(value("SELECT count(*) FROM parked_updates"), "3");
    EXPECT_EQ(value("SELECT count(*) FROM chat_messages"), "0");
    store({a_text("w1"), an_echo("w2")});
    EXPECT_EQ(value("SELECT count(*) FROM parked_updates"), "0");
    EXPECT_EQ(message("message", "w1"), "Hallo");
    EXPECT_EQ(value("SELECT emoji FROM message_reactions"), "x");
    EXPECT_EQ(message("status", "w2"), "delivered");
    expect_unbroken_events();
}

TEST_F(IngestInto, takes_an_update_up_that_comes_in_the_same_batch_before_its_message) {
    store({test::a_reaction("w1", "x"), an_edit("w1", "Hallo"), a_text("w1")});
    EXPECT_EQ(message("message", "w1"), "Hallo");
    EXPECT_EQ(value("SELECT count(*) FROM parked_updates"), "0");
}

TEST_F(IngestInto, takes_a_reaction_away_for_good) {
    store({a_text("w1"), test::a_reaction("w1", "x", kNoon + 1min)});
    store({test::a_reaction("w1", "", kNoon + 2min)});
    store({test::a_reaction("w1", "y", kNoon)});
    EXPECT_EQ(value("SELECT reactions FROM message_overview"), "");
    store({test::a_reaction("w1", "z", kNoon + 3min)});
    EXPECT_EQ(value("SELECT reactions -> 0 ->> 'emoji' FROM message_overview"), "z");
}

TEST_F(IngestInto, takes_a_message_back) {
    store({a_text("w1", test::a_customer(), "a secret")});
    store({a_revoke("w1")});
    EXPECT_EQ(message("revoked_at = '2026-01-01 12:02:00+00'", "w1"), "t");
    EXPECT_NE(message("message", "w1"), "a secret");
    store({an_edit("w1", "a secret again", kNoon + 3min)});
    EXPECT_NE(message("message", "w1"), "a secret again");
}

TEST_F(IngestInto, keeps_what_belongs_to_nobody_as_a_dead_letter) {
    auto stray = a_text("w1");
    stray.number = {"999", "15559999999", "888"};
    store({stray});
    EXPECT_EQ(value("SELECT count(*) FROM chat_messages"), "0");
    EXPECT_EQ(journal("state"), "dead");
    EXPECT_EQ(journal("account_id"), "0");
    EXPECT_NE(journal("problem").find("999"), std::string::npos) << journal("problem");
    EXPECT_EQ(value("SELECT convert_from(body, 'UTF8') FROM webhook_deliveries"), R"({"items":1})");
}

TEST_F(IngestInto, stores_the_part_of_a_delivery_that_belongs_to_somebody) {
    auto stray = a_text("w1");
    stray.number = {"999", "15559999999", "888"};
    store({stray, a_text("w2")});
    EXPECT_EQ(value("SELECT string_agg(whatsapp_message_id, ',') FROM chat_messages"), "w2");
    EXPECT_EQ(journal("state"), "partial");
}

TEST_F(IngestInto, keeps_a_number_of_strange_letters_as_a_dead_letter) {
    std::string strange = "x";
    for (int i = 0; i < 60; ++i) strange += "\xc3\xa9";
    auto stray = a_text("w1");
    stray.number = {strange, "", "888"};
    EXPECT_NO_THROW(store({stray}));
    EXPECT_EQ(journal("state"), "dead");
}

TEST_F(IngestInto, adds_a_new_number_of_a_known_business_to_its_account) {
    auto fresh = a_text("w1");
    fresh.number = {"777", "15557777777", test::kWaba};
    store({fresh, a_text("w2")});
    EXPECT_EQ(
        value("SELECT account_id || ' ' || display_phone_number FROM phone_numbers WHERE phone_number_id = '777'"),
        std::to_string(account.value) + " 15557777777");
    EXPECT_EQ(value("SELECT count(*) FROM chat_conversations"), "2");
    EXPECT_EQ(value("SELECT count(*) FROM contacts"), "1");
    EXPECT_EQ(journal("state"), "stored");
}

TEST_F(IngestInto, journals_what_was_not_understood) {
    PendingDelivery garbage;
    garbage.body = std::string("not \0 JSON \xff", 12);
    garbage.received_at = kNoon;
    garbage.delivery.problem = "not JSON";
    auto skipped = a_delivery({a_text("w1")});
    skipped.delivery.items_skipped = 2;
    auto both = std::vector{garbage, skipped};
    test::run(io, ingest(pool, directory, both));
    EXPECT_EQ(journal("state"), "dead,partial");
    EXPECT_EQ(journal("problem"), "not JSON,2 malformed items");
    EXPECT_EQ(value("SELECT encode(body, 'hex') FROM webhook_deliveries ORDER BY id LIMIT 1"),
              "6e6f742000204a534f4e20ff")
        << "byte for byte";
}

TEST_F(IngestInto, keeps_accounts_apart) {
    database.execute(
        "INSERT INTO accounts (id, name) VALUES (50, 'Other'); INSERT INTO phone_numbers (account_id, "
        "phone_number_id, waba_id) VALUES (50, '555', '5')");
    auto other = a_text("w1");
    other.number = {"555", "", "5"};
    store({a_text("w1"), other});
    EXPECT_EQ(value("SELECT string_agg(account_id::text, ',' ORDER BY account_id) FROM chat_messages"),
              std::to_string(account.value) + ",50");
    EXPECT_EQ(value("SELECT string_agg(account_id::text, ',' ORDER BY account_id) FROM contacts"),
              std::to_string(account.value) + ",50");
    EXPECT_EQ(value("SELECT event_offset FROM accounts WHERE id = 50"), "1");
}

TEST_F(IngestInto, stores_nothing_of_a_batch_that_the_database_refuses) {
    auto before = everything();
    auto batch = std::vector{a_delivery({a_text("w1")}), a_delivery({a_text(std::string(600, 'x'))})};
    auto error = test::db_error_of([&] { test::run(io, ingest(pool, directory, batch)); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), store::DbErrorKind::data);
    EXPECT_EQ(everything(), before);
    EXPECT_EQ(value("SELECT count(*) FROM webhook_deliveries"), "0");
}

TEST_F(IngestInto, isolates_what_the_database_refuses) {
    auto poisonous = a_text(std::string(600, 'x'));
    auto batch = std::vector{a_delivery({a_text("w1")}), a_delivery({a_text("w2"), poisonous, a_text("w3")}),
                             a_delivery({a_text("w4", test::a_customer("222", "Bob"))}), a_delivery({poisonous})};
    test::run(io, ingest_isolating(pool, directory, batch));
    EXPECT_EQ(value("SELECT string_agg(whatsapp_message_id, ',' ORDER BY id) FROM chat_messages"), "w1,w2,w3,w4");
    EXPECT_EQ(journal("state"), "stored,partial,stored,dead");
    EXPECT_EQ(journal("items"), "1,3,1,1");
    EXPECT_EQ(value("SELECT problem FROM webhook_deliveries WHERE state = 'partial'"),
              "1 of 3 items refused by the database");
    EXPECT_EQ(value("SELECT string_agg(unread_count::text, ',' ORDER BY id) FROM chat_conversations"), "3,1");
    expect_unbroken_events();
}

TEST_F(IngestInto, updates_the_journal_of_a_delivery_that_is_replayed) {
    auto stray = a_text("w1");
    stray.number = {"999", "", ""};
    store({stray});
    database.execute("INSERT INTO phone_numbers (account_id, phone_number_id) VALUES (" +
                     std::to_string(account.value) + ", '999')");
    auto again = a_delivery({stray});
    again.replay_of = DeliveryId{std::stoll(journal("id"))};
    test::run(io, ingest(pool, directory, {&again, 1}));
    EXPECT_EQ(journal("state"), "stored");
    EXPECT_EQ(journal("account_id"), std::to_string(account.value));
    EXPECT_EQ(message("message", "w1"), "Hello");
}

TEST(CallbackData, goes_both_ways) {
    for (auto [account, message] : {std::pair{1, 2}, {1, 1'000'000'000}, {999, 1}}) {
        auto own = read_callback_data(callback_data_of(AccountId{account}, MessageId{message}));
        ASSERT_TRUE(own);
        EXPECT_EQ(own->account, AccountId{account});
        EXPECT_EQ(own->message, MessageId{message});
    }
    auto largest = read_callback_data(callback_data_of(AccountId{INT64_MAX}, MessageId{INT64_MAX}));
    ASSERT_TRUE(largest);
    EXPECT_EQ(largest->message, MessageId{INT64_MAX});
}

TEST(CallbackData, of_others_is_not_ours) {
    for (const char* data :
         {"", "parley", "parley:", "parley::", "parley:1", "parley:1:", "parley:1:2x", "parley:1:2:3", "parley:1:2 ",
          "parley:x:2", "parley:1;2", "Parley:1:2", " parley:1:2", "campaign-7", "parley:99999999999999999999:1",
          "parley:1:99999999999999999999", "parley:+1:2"})
        EXPECT_FALSE(read_callback_data(data)) << data;
}

}  // namespace
}  // namespace parley::flow

#include "flow/directory.hpp"

#include <gtest/gtest.h>

#include <random>

#include "flow/ingest.hpp"
#include "support/deliveries.hpp"

namespace parley::flow {
namespace {

using namespace std::chrono_literals;
using test::a_customer;
using test::a_delivery;
using test::a_reaction;
using test::a_status;
using test::a_text;
using test::kCustomer;
using test::kNoon;
using test::kNumber;

constexpr AccountId kAccount{1};

store::IdentityKey a_key(std::string value, std::string number = "n") {
    return {std::move(number), "wa_id", std::move(value)};
}

TEST(Directory, knows_what_it_learned) {
    Directory directory;
    EXPECT_EQ(directory.account_of("n"), std::nullopt);
    EXPECT_EQ(directory.find(a_key("ann")), nullptr);
    directory.learn_number("n", kAccount, 3);
    directory.learn(a_key("ann"), {kAccount, 3, {7}, ConversationId{8}, "Ann"});
    EXPECT_EQ(directory.account_of("n"), kAccount);
    EXPECT_EQ(directory.version_of(kAccount), 3);
    ASSERT_NE(directory.find(a_key("ann")), nullptr);
    EXPECT_EQ(directory.find(a_key("ann"))->contact, ContactId{7});
    EXPECT_EQ(directory.find(a_key("bob")), nullptr);
    EXPECT_EQ(directory.find(a_key("ann", "another number")), nullptr);
}

TEST(Directory, believes_nothing_of_another_version) {
    Directory directory;
    directory.learn(a_key("ann"), {kAccount, 3, {7}, {}, ""});
    directory.learn(a_key("bob"), {kAccount, 4, {9}, {}, ""});
    EXPECT_EQ(directory.version_of(kAccount), 4);
    EXPECT_EQ(directory.find(a_key("ann")), nullptr);
    EXPECT_NE(directory.find(a_key("bob")), nullptr);
    directory.learn_number("n", kAccount, 5);
    EXPECT_EQ(directory.find(a_key("bob")), nullptr);
}

TEST(Directory, forgets_an_account_at_once) {
    Directory directory;
    directory.learn_number("n", kAccount, 3);
    directory.learn(a_key("ann"), {kAccount, 3, {7}, {}, ""});
    directory.forget(kAccount);
    EXPECT_EQ(directory.account_of("n"), std::nullopt);
    EXPECT_EQ(directory.find(a_key("ann")), nullptr);
}

TEST(Directory, keeps_those_that_were_asked_for_last) {
    Directory directory(10);
    for (int i = 0; i < 100; ++i) {
        directory.learn(a_key(std::to_string(i)), {kAccount, 1, {i}, {}, ""});
        EXPECT_NE(directory.find(a_key("0")), nullptr) << "asked for all the time, gone at " << i;
    }
    EXPECT_EQ(directory.find(a_key("50")), nullptr);
    EXPECT_NE(directory.find(a_key("99")), nullptr);
}

class IngestWithDirectory : public ::testing::Test {
  protected:
    struct Side {
        Side() { test::add_account(database); }
        test::Database database;
        asio::io_context io;
        store::Pool pool{io, database.options(), 2};
        Directory directory;

        std::string value(const std::string& sql) const { return database.value(sql); }
    };
    void store(Side& into, std::vector<DeliveryItem> items) const {
        auto delivery = a_delivery(std::move(items));
        test::run(into.io, ingest(into.pool, into.directory, {&delivery, 1}));
    }
    void store_slowly(Side& into, std::vector<DeliveryItem> items) const {
        auto delivery = a_delivery(std::move(items));
        test::run(into.io, ingest(into.pool, {&delivery, 1}));
    }
    Side side;
};

TEST_F(IngestWithDirectory, follows_a_customer_whom_another_process_moved) {
    store(side, {a_text("w1")});
    store(side, {a_text("w2")});
    // The number goes over to somebody else, as the one process sees and the other does not.
    IdentityChange moved;
    moved.number = test::a_number();
    moved.old_wa_id = kCustomer;
    moved.new_wa_id = "16505559999";
    store_slowly(side, {moved});
    store(side, {a_text("w3", a_customer("16505559999"))});
    store(side, {a_text("w4", a_customer(kCustomer))});
    EXPECT_EQ(side.value("SELECT string_agg(m.whatsapp_message_id || '@' || c.customer_phone, ' ' ORDER BY m.id) "
                         "FROM chat_messages m JOIN chat_conversations c ON c.id = m.conversation_id"),
              "w1@16505559999 w2@16505559999 w3@16505559999 w4@16505551234");
}

TEST_F(IngestWithDirectory, takes_up_a_parked_update_of_a_known_customer) {
    store(side, {a_text("w1")});
    store(side, {a_reaction("w2", "👍")});
    EXPECT_EQ(side.value("SELECT count(*) FROM parked_updates"), "1");
    store(side, {a_text("w2")});
    EXPECT_EQ(side.value("SELECT count(*) FROM parked_updates"), "0");
    EXPECT_EQ(side.value("SELECT emoji FROM message_reactions"), "👍");
}

TEST_F(IngestWithDirectory, sees_a_name_that_another_process_changed) {
    store(side, {a_text("w1")});
    store(side, {a_text("w2")});
    auto later = a_text("w3", a_customer(kCustomer, "Anna"));
    later.sent_at += 1min;
    store_slowly(side, {later});
    auto latest = a_text("w4");
    latest.sent_at += 2min;
    store(side, {latest});
    EXPECT_EQ(side.value("SELECT customer_name FROM chat_conversations"), "Ann");
}

TEST_F(IngestWithDirectory, asks_nothing_for_a_customer_that_it_knows) {
    store(side, {a_text("w1")});
    store(side, {a_text("w2")});
    // Nobody can be looked up any more, but nobody needs to be.
    side.database.execute("ALTER TABLE contact_identities RENAME TO hidden");
    store(side, {a_text("w3")});
    EXPECT_EQ(side.value("SELECT count(*) FROM chat_messages"), "3");
}

/// Anything that a webhook may say, of few customers and messages, so that all of it meets.
DeliveryItem something(std::minstd_rand& random, int& next) {
    auto one_of = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    auto at = kNoon + std::chrono::seconds(one_of(300));
    auto wa_id = "1650555000" + std::to_string(one_of(4));
    auto user_id = one_of(2) ? "" : "US.1000" + std::to_string(one_of(4));
    auto customer = a_customer(wa_id, one_of(20) ? "Ann " + wa_id : "Somebody else");
    customer.user_id = user_id;
    auto wamid = "w" + std::to_string(next + 3 - one_of(12));
    switch (one_of(12)) {
        case 0: {
            auto reaction = a_reaction(wamid, one_of(3) ? "👍" : "", at);
            reaction.customer = customer;
            return reaction;
        }
        case 1:
            return a_status(wamid, one_of(2) ? MessageStatus::delivered : MessageStatus::read, at);
        case 2: {
            MessageRevoke revoke;
            revoke.number = test::a_number();
            revoke.customer = customer;
            revoke.wamid = "wamid.revoke-" + wamid;
            revoke.target_wamid = wamid;
            revoke.at = at;
            return revoke;
        }
        case 3: {
            if (one_of(3)) break;
            IdentityChange change;
            change.number = test::a_number();
            change.old_wa_id = wa_id;
            change.new_wa_id = "1650555000" + std::to_string(one_of(6));
            change.at = at;
            return change;
        }
        default:
            break;
    }
    auto message = a_text("w" + std::to_string(next++), customer);
    if (one_of(8) == 0) message.number.phone_number_id = test::kOtherNumber;
    if (one_of(6) == 0) message.sender = Sender::agent;
    message.sent_at = at;
    return message;
}

TEST_F(IngestWithDirectory, ends_with_the_same_rows_as_without) {
    const char* tables[] = {"contacts",      "contact_identities", "chat_conversations",
                            "chat_messages", "message_reactions",  "parked_updates",
                            "events"};
    for (unsigned seed = 1; seed <= 8; ++seed) {
        Side other;
        Side with;
        std::minstd_rand random(seed);
        for (int next = 1; next < 60;) {
            std::vector<DeliveryItem> items;
            for (auto n = 1 + random() % 3; n > 0; --n) items.push_back(something(random, next));
            store(with, items);
            store_slowly(other, items);
        }
        for (std::string table : tables) {
            auto rows =
                "SELECT string_agg((to_jsonb(t) - ARRAY['created_at', 'parked_at', 'id', 'message_id', "
                "'last_message_id'])::text, E'\\n' ORDER BY (to_jsonb(t) - 'created_at' - 'parked_at' - 'id')::text) "
                "FROM " +
                table + " t";
            EXPECT_EQ(with.value(rows), other.value(rows)) << table << ", seed " << seed;
        }
    }
}

}  // namespace
}  // namespace parley::flow

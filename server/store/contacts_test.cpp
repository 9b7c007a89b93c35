#include "store/contacts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/conversations.hpp"
#include "store/events.hpp"
#include "store/messages.hpp"
#include "store/outbox.hpp"
#include "store/receipts.hpp"
#include "support/deliveries.hpp"

namespace parley::store {
namespace {

using namespace std::chrono_literals;
using test::a_customer;
using test::a_reaction;
using test::a_text;
using test::kNoon;
using test::kNumber;
using test::kOtherNumber;

constexpr const char* kAnn = "16505551111";
constexpr const char* kBob = "16505552222";
constexpr const char* kCem = "16505553333";
constexpr const char* kUser = "11111111-1111-4111-8111-111111111111";

struct ContactsTest : testing::Test {
    template <class T>
    T run(awaitable<T> work) {
        return test::run(io, std::move(work));
    }
    void store(std::vector<DeliveryItem> items) {
        auto delivery = test::a_delivery(std::move(items));
        run(flow::ingest(pool, directory, {&delivery, 1}));
    }
    void write(std::string wamid, std::string from, std::string name, TimePoint at, std::string number = kNumber) {
        auto message = a_text(std::move(wamid), a_customer(std::move(from), std::move(name)));
        message.number = test::a_number(std::move(number));
        message.sent_at = at;
        store({message});
    }
    std::string value(const std::string& sql) const { return database.value(sql); }
    ContactId contact_of(const std::string& wa_id) const {
        return {std::stoll(value("SELECT contact_id FROM contact_identities WHERE value = '" + wa_id + "'"))};
    }
    ConversationId conversation_of(const std::string& wamid) const {
        return {
            std::stoll(value("SELECT conversation_id FROM chat_messages WHERE whatsapp_message_id = '" + wamid + "'"))};
    }
    Result<void> merge(ContactId kept, ContactId other) {
        return run(merge_contacts(pool, account, kept, other, kUser));
    }
    Result<void> undo(ContactId kept, std::size_t position = 0) {
        auto contact = run(find_contact(pool, account, kept));
        if (contact->merges.size() <= position) return failure(Errc::not_found, "no such merge to undo");
        return run(undo_merge(pool, account, kept, contact->merges[position].id, kUser));
    }
    std::string wamids_in(ConversationId id) const {
        return value(
            "SELECT string_agg(whatsapp_message_id, ' ' ORDER BY created_at, id) FROM chat_messages "
            "WHERE conversation_id = " +
            std::to_string(id.value));
    }
    std::string of(ConversationId id, const std::string& columns) const {
        return value("SELECT concat_ws(' ', " + columns +
                     ") FROM chat_conversations WHERE id = " + std::to_string(id.value));
    }
    /// Everything about people and threads, but for what only tells of the merge itself.
    std::string people_and_threads() const {
        std::string all;
        for (const char* sql :
             {"SELECT string_agg(concat_ws('|', id, name, given_name, blocked_at, merged_into), E'\\n' ORDER BY id) "
              "FROM contacts",
              "SELECT string_agg(concat_ws('|', kind, value, contact_id), E'\\n' ORDER BY kind, value) FROM "
              "contact_identities",
              "SELECT string_agg((to_jsonb(c) - 'receipts_until')::text, E'\\n' ORDER BY id) FROM chat_conversations c",
              "SELECT string_agg(m::text, E'\\n' ORDER BY id) FROM chat_messages m",
              "SELECT string_agg(r::text, E'\\n' ORDER BY r::text) FROM message_reactions r",
              "SELECT string_agg(o::text, E'\\n' ORDER BY id) FROM outbox o"})
            all += value(sql) + "\n\n";
        return all;
    }
    /// What every writer must leave behind.
    void expect_sound() const {
        EXPECT_EQ(
            value("SELECT string_agg(\"offset\"::text, ',' ORDER BY \"offset\") FROM events"),
            value("SELECT string_agg(n::text, ',' ORDER BY n) FROM accounts, generate_series(1, event_offset) n"));
        EXPECT_EQ(
            value(
                "SELECT string_agg(c.id::text, ',') FROM chat_conversations c CROSS JOIN LATERAL "
                "(SELECT count(*) FILTER (WHERE NOT is_read) AS unread, min(created_at) FILTER (WHERE NOT is_read) AS "
                "since, (array_agg(id ORDER BY created_at DESC, id DESC) FILTER (WHERE NOT hidden))[1] AS last "
                "FROM chat_messages m WHERE m.conversation_id = c.id) n WHERE (c.unread_count, c.unread_since, "
                "c.last_message_id) IS DISTINCT FROM (n.unread, n.since, n.last)"),
            "");
        EXPECT_EQ(value("SELECT count(*) FROM outbox o JOIN chat_messages m ON m.id = o.message_id "
                        "WHERE m.conversation_id <> o.conversation_id"),
                  "0");
        EXPECT_EQ(
            value("SELECT count(*) FROM contacts k WHERE merged_into IS NOT NULL AND (EXISTS (SELECT FROM "
                  "contact_identities n "
                  "WHERE n.contact_id = k.id) OR EXISTS (SELECT FROM chat_conversations c WHERE c.contact_id = k.id))"),
            "0");
    }
    OutgoingReply a_reply(ConversationId conversation, std::string recipient, std::string text) const {
        OutgoingReply reply;
        reply.conversation = conversation;
        reply.phone_number_id = kNumber;
        reply.recipient = std::move(recipient);
        reply.text = std::move(text);
        reply.kind = "text";
        return reply;
    }

    test::Database database;
    AccountId account = test::add_account(database);
    asio::io_context io;
    Pool pool{io, database.options(), 2};
    flow::Directory directory;
};

TEST_F(ContactsTest, folds_the_threads_of_one_number_and_moves_the_others) {
    write("a1", kAnn, "Ann", kNoon);
    write("b1", kBob, "Bob", kNoon + 1min);
    write("a2", kAnn, "Ann", kNoon + 2min);
    write("b2", kBob, "Bob", kNoon + 3min, kOtherNumber);
    auto ann = contact_of(kAnn), bob = contact_of(kBob);
    auto kept = conversation_of("a1"), folded = conversation_of("b1"), moved = conversation_of("b2");
    ASSERT_TRUE(merge(ann, bob));

    EXPECT_EQ(wamids_in(kept), "a1 b1 a2");
    EXPECT_EQ(of(kept,
                 "unread_count, customer_phone, customer_name, last_message_id = (SELECT id FROM chat_messages WHERE "
                 "whatsapp_message_id = 'a2')"),
              "3 16505551111 Ann t");
    EXPECT_EQ(of(folded, "id"), "");
    EXPECT_EQ(of(moved, "contact_id, unread_count"), std::to_string(ann.value) + " 1");
    EXPECT_EQ(run(find_conversation(pool, account, folded))->id, kept);
    auto contact = run(find_contact(pool, account, bob));
    EXPECT_EQ(contact->id, ann);
    EXPECT_EQ(contact->identities.size(), 2U);
    ASSERT_EQ(contact->merges.size(), 1U);
    EXPECT_EQ(contact->merges[0].name, "Bob");
    expect_sound();

    // Whoever writes from either number is the same person now, also for a process that remembered two.
    write("b3", kBob, "Bob", kNoon + 5min);
    EXPECT_EQ(conversation_of("b3"), kept);
    EXPECT_EQ(of(kept, "customer_phone"), kBob);
    write("a3", kAnn, "Ann", kNoon + 6min);
    EXPECT_EQ(of(kept, "customer_phone, unread_count"), std::string(kAnn) + " 5");
    expect_sound();
}

TEST_F(ContactsTest, undone_at_once_nothing_has_changed) {
    write("a1", kAnn, "Ann", kNoon);
    write("b1", kBob, "Bob", kNoon + 1min);
    write("b2", kBob, "Bob", kNoon + 3min, kOtherNumber);
    auto reaction = a_reaction("b1", "\xf0\x9f\x91\x8d", kNoon + 4min);
    reaction.customer = a_customer(kBob, "Bob");
    store({reaction});
    run(mark_read(pool, account, conversation_of("b1")));
    write("b4", kBob, "Bob", kNoon + 5min);
    run(store_outgoing(pool, account, a_reply(conversation_of("a1"), kAnn, "to Ann")));
    run(store_outgoing(pool, account, a_reply(conversation_of("b1"), kBob, "to Bob")));
    run(set_blocked(pool, account, contact_of(kBob), true));
    auto before = people_and_threads();
    auto ann = contact_of(kAnn);
    ASSERT_TRUE(merge(ann, contact_of(kBob)));
    expect_sound();
    EXPECT_NE(people_and_threads(), before);
    EXPECT_TRUE(run(find_contact(pool, account, ann))->blocked_at);
    auto undone = undo(ann);
    ASSERT_TRUE(undone) << undone.error().detail;
    EXPECT_EQ(people_and_threads(), before);
    expect_sound();
    EXPECT_EQ(value("SELECT count(*) FROM contact_merges WHERE undone_at IS NOT NULL AND undone_by = merged_by"), "1");
    EXPECT_EQ(undo(ann).error().code, Errc::not_found);
}

TEST_F(ContactsTest, what_came_after_the_merge_stays_where_it_is) {
    write("a1", kAnn, "Ann", kNoon);
    write("b1", kBob, "Bob", kNoon + 1min);
    auto ann = contact_of(kAnn), bob = contact_of(kBob);
    auto kept = conversation_of("a1"), folded = conversation_of("b1");
    ASSERT_TRUE(merge(ann, bob));
    write("b2", kBob, "Bob", kNoon + 2min);
    write("c1", kCem, "Cem", kNoon + 3min);
    ASSERT_TRUE(undo(ann));
    EXPECT_EQ(wamids_in(kept), "a1 b2");
    EXPECT_EQ(wamids_in(folded), "b1");
    // Replies go to Ann again; her window is the one that the message which stayed has opened.
    EXPECT_EQ(of(kept, "customer_phone, last_incoming_at = '2026-01-01 12:02:00+00'"), std::string(kAnn) + " t");
    EXPECT_EQ(of(folded, "customer_phone, last_incoming_at = '2026-01-01 12:01:00+00'"), std::string(kBob) + " t");
    EXPECT_EQ(run(find_conversation(pool, account, folded))->id, folded);
    EXPECT_EQ(contact_of(kBob), bob);
    expect_sound();
    write("b3", kBob, "Bob", kNoon + 4min);
    EXPECT_EQ(conversation_of("b3"), folded);
    // And once more from the start.
    ASSERT_TRUE(merge(bob, ann));
    EXPECT_EQ(wamids_in(folded), "a1 b1 b2 b3");
    EXPECT_EQ(run(find_conversation(pool, account, kept))->id, folded);
    expect_sound();
}

TEST_F(ContactsTest, an_identity_that_moved_on_does_not_come_back) {
    write("a1", kAnn, "Ann", kNoon);
    write("b1", kBob, "Bob", kNoon);
    auto ann = contact_of(kAnn);
    ASSERT_TRUE(merge(ann, contact_of(kBob)));
    IdentityChange change;
    change.number = test::a_number();
    change.old_wa_id = kBob;
    change.new_wa_id = kCem;
    change.at = kNoon + 1min;
    store({change});
    ASSERT_TRUE(undo(ann));
    EXPECT_EQ(contact_of(kCem), ann);
    EXPECT_EQ(value("SELECT count(*) FROM contact_identities WHERE value = '" + std::string(kBob) + "'"), "0");
    expect_sound();
}

TEST_F(ContactsTest, merges_are_undone_in_any_order_that_leaves_nobody_in_a_strange_thread) {
    write("a1", kAnn, "Ann", kNoon);
    write("b1", kBob, "Bob", kNoon + 1min);
    write("c1", kCem, "Cem", kNoon + 2min);
    write("b2", kBob, "Bob", kNoon + 3min, kOtherNumber);
    write("c2", kCem, "Cem", kNoon + 4min, kOtherNumber);
    auto before = people_and_threads();
    auto ann = contact_of(kAnn), bob = contact_of(kBob), cem = contact_of(kCem);
    auto folded_first = conversation_of("b1");
    ASSERT_TRUE(merge(ann, bob));
    ASSERT_TRUE(merge(ann, cem));
    expect_sound();
    // Cem's thread with the other number lies in Bob's.
    EXPECT_EQ(undo(ann, 1).error().code, Errc::wrong_state);
    ASSERT_TRUE(undo(ann, 0));
    ASSERT_TRUE(undo(ann, 0));
    EXPECT_EQ(people_and_threads(), before);

    // A chain: old ids lead to its end, and it is taken apart from there.
    ASSERT_TRUE(merge(bob, cem));
    ASSERT_TRUE(merge(ann, bob));
    EXPECT_EQ(run(find_conversation(pool, account, folded_first))->id, conversation_of("a1"));
    EXPECT_EQ(run(find_contact(pool, account, cem))->id, ann);
    auto first =
        MergeId{std::stoll(value("SELECT id FROM contact_merges WHERE undone_at IS NULL ORDER BY id LIMIT 1"))};
    EXPECT_EQ(run(undo_merge(pool, account, bob, first, kUser)).error().code, Errc::wrong_state);
    ASSERT_TRUE(undo(ann));
    ASSERT_TRUE(undo(bob));
    EXPECT_EQ(people_and_threads(), before);
    expect_sound();
}

TEST_F(ContactsTest, old_ids_in_the_log_are_told_as_the_thread_that_they_went_into) {
    write("a1", kAnn, "Ann", kNoon);
    write("b1", kBob, "Bob", kNoon + 1min);
    auto kept = conversation_of("a1"), folded = conversation_of("b1");
    ASSERT_TRUE(merge(contact_of(kAnn), contact_of(kBob)));
    auto page = run(events_after(pool, account, 0, 100));
    std::string names;
    for (const auto& event : page.events) {
        names += event.name + " ";
        ASSERT_TRUE(event.conversation && page.conversations.contains(*event.conversation)) << event.name;
        EXPECT_EQ(page.conversations.at(*event.conversation).id, kept);
        if (event.name == "conversation.merged") EXPECT_EQ(*event.conversation, folded);
    }
    EXPECT_EQ(names, "message.created message.created conversation.merged conversation.updated ");
}

TEST_F(ContactsTest, open_replies_of_both_threads_are_sent_in_order) {
    write("a1", kAnn, "Ann", kNoon);
    write("b1", kBob, "Bob", kNoon);
    run(store_outgoing(pool, account, a_reply(conversation_of("b1"), kBob, "first")));
    run(store_outgoing(pool, account, a_reply(conversation_of("a1"), kAnn, "second")));
    ASSERT_TRUE(merge(contact_of(kAnn), contact_of(kBob)));
    auto claimed = run(claim(pool, {}, 10));
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(claimed[0].text, "first");
    EXPECT_EQ(claimed[0].recipient, kBob);
    ASSERT_TRUE(run(start_attempt(pool, claimed[0])));
    run(settle_accepted(pool, claimed[0], 1, "w1"));
    auto next = run(claim(pool, {}, 10));
    ASSERT_EQ(next.size(), 1U);
    EXPECT_EQ(next[0].text, "second");
    expect_sound();
}

TEST_F(ContactsTest, refuses_what_is_not_two_persons_of_the_account) {
    write("a1", kAnn, "Ann", kNoon);
    auto ann = contact_of(kAnn);
    auto group = a_customer("", "");
    group.group_id = "g1";
    store({a_text("g", group)});
    auto other = database.value("INSERT INTO accounts (name) VALUES ('Other') RETURNING id");
    auto foreign =
        ContactId{std::stoll(value("INSERT INTO contacts (account_id) VALUES (" + other + ") RETURNING id"))};
    EXPECT_EQ(merge(ann, ann).error().code, Errc::invalid_argument);
    EXPECT_EQ(merge(ann, foreign).error().code, Errc::not_found);
    EXPECT_EQ(merge(foreign, ann).error().code, Errc::not_found);
    EXPECT_EQ(merge(ann, contact_of("g1")).error().code, Errc::invalid_argument);
    EXPECT_EQ(merge(contact_of("g1"), ann).error().code, Errc::invalid_argument);
    EXPECT_EQ(value("SELECT count(*) FROM contact_merges"), "0");
    EXPECT_EQ(run(find_contact(pool, {std::stoll(other)}, ann)).error().code, Errc::not_found);
}

TEST_F(ContactsTest, shows_what_agents_call_them_then_the_profile_then_the_username) {
    CustomerIdentity hidden;
    hidden.user_id = "US.1234567890";
    hidden.username = "@realann";
    store({a_text("w1", hidden)});
    auto id = conversation_of("w1");
    auto shown = [&] { return run(find_conversation(pool, account, id))->customer_name; };
    EXPECT_EQ(shown(), "@realann");
    hidden.name = "Ann";
    store({a_text("w2", hidden)});
    EXPECT_EQ(shown(), "Ann");
    auto contact = run(find_conversation(pool, account, id))->contact;
    run(rename_contact(pool, account, contact, "Mrs. Smith"));
    EXPECT_EQ(shown(), "Mrs. Smith");
    hidden.name = "Annie";
    auto later = a_text("w3", hidden);
    later.sent_at = kNoon + 1min;
    store({later});
    EXPECT_EQ(shown(), "Mrs. Smith");
    EXPECT_EQ(run(find_contact(pool, account, contact))->profile_name, "Annie");
    EXPECT_EQ(run(search_contacts(pool, account, "smith", 10)).size(), 1U);
    run(rename_contact(pool, account, contact, ""));
    EXPECT_EQ(shown(), "Annie");
    expect_sound();
}

TEST_F(ContactsTest, finds_persons_by_name_and_by_number_however_it_is_written) {
    write("a1", kAnn, "Ann 100%", kNoon);
    write("b1", kBob, "Bob", kNoon);
    auto names = [&](const std::string& text) {
        std::string out;
        for (const auto& one : run(search_contacts(pool, account, text, 10))) out += one.name + "," + one.phone + ";";
        return out;
    };
    EXPECT_EQ(names("bo"), "Bob,16505552222;");
    EXPECT_EQ(names("+1 (650) 555-2222"), "Bob,16505552222;");
    EXPECT_EQ(names("%"), "Ann 100%,16505551111;");
    EXPECT_EQ(names(""), "Ann 100%,16505551111;Bob,16505552222;");
    ASSERT_TRUE(merge(contact_of(kAnn), contact_of(kBob)));
    EXPECT_EQ(run(search_contacts(pool, account, "5552222", 10)).size(), 1U);
}

TEST_F(ContactsTest, a_mark_is_due_until_the_newest_message_has_one) {
    auto now = Clock{}.now();
    auto at = std::chrono::floor<std::chrono::seconds>(now) - 1h;
    write("a1", kAnn, "Ann", at);
    auto id = conversation_of("a1");
    auto behind = [&] { return run(find_conversation(pool, account, id))->receipts_behind; };
    EXPECT_TRUE(behind());
    auto newest = run(newest_incoming(pool, account, id));
    ASSERT_TRUE(newest && newest->due);
    EXPECT_EQ(newest->wamid, "a1");
    EXPECT_EQ(newest->policy, "on_open");
    run(note_receipt(pool, account, id, *newest));
    EXPECT_FALSE(behind());
    EXPECT_FALSE(run(newest_incoming(pool, account, id))->due);
    // In the same second.
    write("a2", kAnn, "Ann", at);
    EXPECT_TRUE(run(newest_incoming(pool, account, id))->due);
    EXPECT_FALSE(run(newest_incoming(pool, {account.value + 1}, id)));
}

}  // namespace
}  // namespace parley::store

#include "flow/identities.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/deliveries.hpp"

namespace parley::flow {
namespace {

using namespace std::chrono_literals;
using test::a_customer;
using test::a_text;
using test::kCustomer;
using test::kNumber;
using test::kOtherNumber;

constexpr const char* kForeignNumber = "999";

/// A row that the database has: who is known by `value`, and their conversation with kNumber.
struct Known {
    std::string kind;
    std::string value;
    std::int64_t contact;
    std::optional<std::int64_t> conversation;
    std::string name;
};

/// Identities taken through all their steps, with what `known` has in the database.
class Plan {
  public:
    Plan(std::vector<DeliveryItem> items, const std::vector<Known>& known = {}) {
        for (const auto& item : items) identities_.ask_for(item);
        for (std::size_t key = 0; key < identities_.keys().size(); ++key) {
            const auto& asked = identities_.keys()[key];
            for (const auto& row : known) {
                if (asked.kind != row.kind || asked.value != row.value) continue;
                std::optional<ConversationId> conversation;
                if (row.conversation && asked.phone_number_id == kNumber)
                    conversation = ConversationId{*row.conversation};
                identities_.found(key, ContactId{row.contact}, conversation, row.name);
            }
        }
        for (const auto& item : items) identities_.plan(item);
        std::vector<ContactId> ids;
        for (std::size_t i = 0; i < identities_.contacts_to_add(); ++i)
            ids.push_back({1'000 + static_cast<std::int64_t>(i)});
        identities_.assign_ids(ids);
    }

    Identities* operator->() { return &identities_; }

    /// "kind value contact" of what is to be added.
    std::set<std::string> added_identities() const {
        std::set<std::string> out;
        for (const auto& identity : identities_.new_identities())
            out.insert(identity.kind + " " + identity.value + " " + std::to_string(identity.contact.value));
        return out;
    }
    std::int64_t conversation_of(const IncomingMessage& message) const {
        return identities_.conversation_of(message.number, message.customer).value;
    }

  private:
    const std::unordered_map<std::string, AccountId> accounts_{
        {kNumber, AccountId{1}}, {kOtherNumber, AccountId{1}}, {kForeignNumber, AccountId{2}}};
    Identities identities_{accounts_};
};

using Strings = std::set<std::string>;

CustomerIdentity known_by_both(std::string wa_id, std::string user_id) {
    auto customer = a_customer(std::move(wa_id));
    customer.user_id = std::move(user_id);
    return customer;
}

TEST(IdentitiesOfABatch, ask_for_each_key_once) {
    Plan plan(
        {a_text("w1"), a_text("w2"), a_text("w3", known_by_both(kCustomer, "US.1")), test::a_reaction("w1", "x")});
    ASSERT_EQ(plan->keys().size(), 2u);
    EXPECT_EQ(plan->keys()[0].kind, "wa_id");
    EXPECT_EQ(plan->keys()[0].value, kCustomer);
    EXPECT_EQ(plan->keys()[0].phone_number_id, kNumber);
    EXPECT_EQ(plan->keys()[1].kind, "user_id");
}

TEST(IdentitiesOfABatch, add_a_new_customer_with_everything_known_of_them) {
    auto customer = known_by_both(kCustomer, "US.1");
    customer.parent_user_id = "US.ENT.1";
    customer.username = "ann";
    Plan plan({a_text("w1", customer)});
    auto contacts = plan->new_contacts();
    ASSERT_EQ(contacts.size(), 1u);
    EXPECT_EQ(contacts[0].account, AccountId{1});
    EXPECT_EQ(contacts[0].name, "Ann");
    EXPECT_FALSE(contacts[0].group);
    EXPECT_EQ(plan.added_identities(), (Strings{"wa_id 16505551234 1000", "user_id US.1 1000",
                                                "parent_user_id US.ENT.1 1000", "username ann 1000"}));
    auto conversations = plan->new_conversations();
    ASSERT_EQ(conversations.size(), 1u);
    EXPECT_EQ(conversations[0].customer_phone, kCustomer);
    EXPECT_EQ(conversations[0].customer_name, "Ann");
    EXPECT_EQ(conversations[0].at, test::kNoon);
    EXPECT_TRUE(plan->refreshed().empty());
    plan->added_conversation(kNumber, contacts[0].id, {55});
    EXPECT_EQ(plan.conversation_of(a_text("w1", customer)), 55);
}

TEST(IdentitiesOfABatch, leave_out_a_username_that_is_too_long_for_an_alias) {
    auto customer = a_customer();
    customer.username = std::string(256, 'u');
    Plan plan({a_text("w1", customer)});
    EXPECT_EQ(plan.added_identities(), (Strings{"wa_id 16505551234 1000"}));
}

TEST(IdentitiesOfABatch, change_nothing_for_a_customer_who_is_known) {
    Plan plan({a_text("w1")}, {{"wa_id", kCustomer, 10, 100, "Ann"}});
    EXPECT_EQ(plan->contacts_to_add(), 0u);
    EXPECT_TRUE(plan->new_identities().empty());
    EXPECT_TRUE(plan->new_conversations().empty());
    EXPECT_TRUE(plan->refreshed().empty());
    EXPECT_EQ(plan.conversation_of(a_text("w1")), 100);
}

TEST(IdentitiesOfABatch, believe_the_user_id_before_the_phone_number) {
    auto message = a_text("w1", known_by_both(kCustomer, "US.1"));
    Plan plan({message}, {{"wa_id", kCustomer, 20, 200, "Bob"}, {"user_id", "US.1", 10, 100, "Ann"}});
    EXPECT_EQ(plan.conversation_of(message), 100);
    EXPECT_EQ(plan->contacts_to_add(), 0u);
    EXPECT_TRUE(plan->new_identities().empty()) << "the number stays with whom it is known for";
}

TEST(IdentitiesOfABatch, learn_an_alias) {
    auto customer = known_by_both(kCustomer, "US.1");
    customer.username = "ann";
    Plan plan({a_text("w1", customer)}, {{"wa_id", kCustomer, 10, 100, "Ann"}});
    EXPECT_EQ(plan->contacts_to_add(), 0u);
    EXPECT_EQ(plan.added_identities(), (Strings{"user_id US.1 10", "username ann 10"}));
    EXPECT_TRUE(plan->refreshed().empty()) << "the address to reply to was known";
}

TEST(IdentitiesOfABatch, learn_the_number_of_a_customer_who_hid_it) {
    Plan plan({a_text("w1", known_by_both(kCustomer, "US.1"))}, {{"user_id", "US.1", 10, 100, "Ann"}});
    EXPECT_EQ(plan.added_identities(), (Strings{"wa_id 16505551234 10"}));
    auto refreshed = plan->refreshed();
    ASSERT_EQ(refreshed.size(), 1u);
    EXPECT_EQ(refreshed[0].contact, ContactId{10});
    EXPECT_EQ(refreshed[0].wa_id, kCustomer);
    EXPECT_EQ(refreshed[0].name, "");
}

TEST(IdentitiesOfABatch, reply_to_the_user_id_while_the_number_is_hidden) {
    Plan plan({a_text("w1", known_by_both("", "US.1"))});
    ASSERT_EQ(plan->new_conversations().size(), 1u);
    EXPECT_EQ(plan->new_conversations()[0].customer_phone, "US.1");
    EXPECT_EQ(plan.added_identities(), (Strings{"user_id US.1 1000"}));
}

TEST(IdentitiesOfABatch, make_one_contact_of_one_new_customer) {
    auto both = known_by_both(kCustomer, "US.1");
    auto hidden = known_by_both("", "US.1");
    for (auto order : {std::vector{a_customer(), both, hidden}, std::vector{hidden, both, a_customer()}}) {
        Plan plan({a_text("w1", order[0]), a_text("w2", order[1]), a_text("w3", order[2])});
        EXPECT_EQ(plan->contacts_to_add(), 1u);
        EXPECT_EQ(plan.added_identities(), (Strings{"wa_id 16505551234 1000", "user_id US.1 1000"}));
        ASSERT_EQ(plan->new_conversations().size(), 1u);
        EXPECT_EQ(plan->new_conversations()[0].customer_phone, kCustomer);
        plan->added_conversation(kNumber, {1'000}, {55});
        for (const auto& customer : order) EXPECT_EQ(plan.conversation_of(a_text("w", customer)), 55);
    }
}

TEST(IdentitiesOfABatch, keep_new_customers_apart) {
    Plan plan({a_text("w1", a_customer("1")), a_text("w2", a_customer("2")), a_text("w3", a_customer("1"))});
    EXPECT_EQ(plan->contacts_to_add(), 2u);
    EXPECT_EQ(plan.added_identities(), (Strings{"wa_id 1 1000", "wa_id 2 1001"}));
}

TEST(IdentitiesOfABatch, give_one_customer_a_conversation_with_each_number) {
    auto other = a_text("w2");
    other.number = test::a_number(kOtherNumber);
    Plan plan({a_text("w1"), other});
    EXPECT_EQ(plan->contacts_to_add(), 1u);
    EXPECT_EQ(plan->new_conversations().size(), 2u);
    plan->added_conversation(kNumber, {1'000}, {55});
    plan->added_conversation(kOtherNumber, {1'000}, {56});
    EXPECT_EQ(plan.conversation_of(a_text("w1")), 55);
    EXPECT_EQ(plan.conversation_of(other), 56);
}

TEST(IdentitiesOfABatch, never_mix_accounts) {
    auto foreign = a_text("w2");
    foreign.number = test::a_number(kForeignNumber);
    Plan plan({a_text("w1"), foreign});
    auto contacts = plan->new_contacts();
    ASSERT_EQ(contacts.size(), 2u);
    EXPECT_NE(contacts[0].account, contacts[1].account);
}

TEST(IdentitiesOfABatch, keep_a_group_for_itself) {
    auto member = a_customer();
    member.group_id = "Y2FwaV9ncm91cDox";
    auto message = a_text("w1", member);
    Plan plan({message, a_text("w2")}, {{"wa_id", kCustomer, 10, 100, "Ann"}});
    auto contacts = plan->new_contacts();
    ASSERT_EQ(contacts.size(), 1u);
    EXPECT_TRUE(contacts[0].group);
    EXPECT_EQ(contacts[0].name, "") << "the author's name is not the group's";
    EXPECT_EQ(plan.added_identities(), (Strings{"group_id Y2FwaV9ncm91cDox 1000"}));
    ASSERT_EQ(plan->new_conversations().size(), 1u);
    EXPECT_EQ(plan->new_conversations()[0].customer_phone, "Y2FwaV9ncm91cDox");
    EXPECT_EQ(plan.conversation_of(a_text("w2")), 100);
}

IdentityChange a_move(std::string from, std::string to) {
    IdentityChange change;
    change.number = test::a_number();
    change.old_wa_id = std::move(from);
    change.new_wa_id = std::move(to);
    change.at = test::kNoon;
    return change;
}

TEST(IdentitiesOfABatch, follow_a_customer_to_another_number) {
    auto after = a_text("w2", a_customer("222"));
    Plan plan({a_text("w1", a_customer("111")), a_move("111", "222"), after}, {{"wa_id", "111", 10, 100, "Ann"}});
    EXPECT_EQ(plan->contacts_to_add(), 0u);
    EXPECT_EQ(plan.added_identities(), (Strings{"wa_id 222 10"}));
    EXPECT_EQ(plan.conversation_of(after), 100);
}

TEST(IdentitiesOfABatch, follow_a_customer_who_is_as_new_as_the_change) {
    Plan plan({a_text("w1", a_customer("111")), a_move("111", "222"), a_text("w2", a_customer("222"))});
    EXPECT_EQ(plan->contacts_to_add(), 1u);
    EXPECT_EQ(plan.added_identities(), (Strings{"wa_id 111 1000", "wa_id 222 1000"}));
    EXPECT_EQ(plan->new_conversations().size(), 1u);
}

TEST(IdentitiesOfABatch, leave_a_number_with_its_holder_when_another_claims_to_move_there) {
    Plan plan({a_move("111", "222")}, {{"wa_id", "111", 10, 100, "Ann"}, {"wa_id", "222", 20, 200, "Bob"}});
    EXPECT_TRUE(plan->new_identities().empty());
}

TEST(IdentitiesOfABatch, plan_nothing_for_the_move_of_a_stranger) {
    Plan plan({a_move("111", "222")});
    EXPECT_EQ(plan->contacts_to_add(), 0u);
    EXPECT_TRUE(plan->new_identities().empty());
    EXPECT_TRUE(plan->new_conversations().empty());
}

TEST(IdentitiesOfABatch, refresh_a_name_that_changed) {
    const std::vector<Known> known{{"wa_id", kCustomer, 10, 100, "Ann"}};
    Plan renamed({a_text("w1", a_customer(kCustomer, "Anna"))}, known);
    ASSERT_EQ(renamed->refreshed().size(), 1u);
    EXPECT_EQ(renamed->refreshed()[0].name, "Anna");
    EXPECT_EQ(renamed->refreshed()[0].wa_id, "");
    for (const char* name : {"Ann", ""}) {
        Plan same({a_text("w1", a_customer(kCustomer, name))}, known);
        EXPECT_TRUE(same->refreshed().empty()) << name;
    }
}

TEST(IdentitiesOfABatch, take_the_newest_of_several_names) {
    auto older = a_text("w1", a_customer(kCustomer, "Anna"));
    auto newer = a_text("w2", a_customer(kCustomer, "Anne"));
    newer.sent_at += 1min;
    for (auto items : {std::vector<DeliveryItem>{older, newer}, std::vector<DeliveryItem>{newer, older}}) {
        Plan plan(items, {{"wa_id", kCustomer, 10, 100, "Ann"}});
        ASSERT_EQ(plan->refreshed().size(), 1u);
        EXPECT_EQ(plan->refreshed()[0].name, "Anne");
    }
}

TEST(IdentitiesOfABatch, find_the_author_of_a_reaction) {
    auto reaction = test::a_reaction("w1", "x");
    Plan plan({reaction}, {{"wa_id", kCustomer, 10, 100, "Ann"}});
    EXPECT_EQ(plan->author_of(reaction), ContactId{10});
    EXPECT_EQ(plan->contacts_to_add(), 0u);
    EXPECT_TRUE(plan->new_conversations().empty());
}

class VariantPlan {
  public:
    VariantPlan(std::vector<DeliveryItem> items, const std::vector<std::pair<std::string, std::string>>& known) {
        for (const auto& item : items) identities_.ask_for(item);
        auto direct = identities_.keys().size();
        identities_.ask_for_variants();
        variants_asked = identities_.keys().size() - direct;
        std::int64_t contact = 0;
        for (const auto& [wa_id, address] : known) {
            ++contact;
            for (std::size_t key = 0; key < identities_.keys().size(); ++key)
                if (identities_.keys()[key].value == wa_id)
                    identities_.found(key, {contact}, ConversationId{contact * 10}, "Ann", address);
        }
        for (const auto& item : items) identities_.plan(item);
    }
    Identities* operator->() { return &identities_; }
    std::size_t variants_asked = 0;

  private:
    std::unordered_map<std::string, AccountId> accounts_{{kNumber, AccountId{1}}};
    Identities identities_{accounts_};
};

TEST(Identities, a_new_spelling_of_a_known_number_is_an_alias_and_takes_the_replies) {
    VariantPlan plan({a_text("w1", a_customer("5511987654321"))}, {{"551187654321", "551187654321"}});
    EXPECT_EQ(plan->contacts_to_add(), 0U);
    auto aliases = plan->new_identities();
    ASSERT_EQ(aliases.size(), 1U);
    EXPECT_EQ(aliases[0].value, "5511987654321");
    EXPECT_EQ(aliases[0].contact, ContactId{1});
    auto moves = plan->address_moves();
    ASSERT_EQ(moves.size(), 1U);
    EXPECT_EQ(moves[0].conversation, ConversationId{10});
    EXPECT_EQ(moves[0].wa_id, "5511987654321");
}

TEST(Identities, whoever_is_known_by_the_number_itself_is_meant) {
    VariantPlan plan({a_text("w1", a_customer("5511987654321"))},
                     {{"551187654321", "551187654321"}, {"5511987654321", "5511987654321"}});
    auto message = a_text("w1", a_customer("5511987654321"));
    EXPECT_EQ(plan->conversation_of(message.number, message.customer), ConversationId{20});
    EXPECT_TRUE(plan->new_identities().empty());
    EXPECT_TRUE(plan->address_moves().empty());
}

TEST(Identities, two_spellings_of_a_new_customer_are_one_contact) {
    VariantPlan plan({a_text("w1", a_customer("525512345678")), a_text("w2", a_customer("5215512345678"))}, {});
    EXPECT_EQ(plan->contacts_to_add(), 1U);
    EXPECT_EQ(plan->new_identities().size(), 2U);
}

TEST(Identities, numbers_without_variants_ask_for_nothing_more) {
    VariantPlan plan({a_text("w1"), a_text("w2", a_customer("551131234567"))}, {});
    EXPECT_EQ(plan.variants_asked, 0U);
}

TEST(Identities, replies_go_to_where_the_newest_message_came_from) {
    auto older = a_text("w1", a_customer("222")), newer = a_text("w2", a_customer("111"));
    newer.sent_at += 1min;
    older.customer.user_id = newer.customer.user_id = "US.1";
    VariantPlan late({newer, older}, {{"US.1", "111"}});
    EXPECT_TRUE(late->address_moves().empty());
    VariantPlan moved({older, newer}, {{"US.1", "222"}});
    ASSERT_EQ(moved->address_moves().size(), 1U);
    EXPECT_EQ(moved->address_moves()[0].wa_id, "111");
    // What the business wrote says nothing of where the customer is.
    newer.sender = Sender::agent;
    newer.opens_window = false;
    VariantPlan echo({newer}, {{"US.1", "222"}});
    EXPECT_TRUE(echo->address_moves().empty());
}

}  // namespace
}  // namespace parley::flow

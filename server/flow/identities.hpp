// Who is meant: finds, and where needed plans, the contact and conversation of each item of a batch. Pure: the
// database's answers come in as values, the rows to add go out.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "store/inbound.hpp"

namespace parley::flow {

class Identities {
  public:
    /// A person or group of one account, found or to be added.
    struct Contact {
        AccountId account;
        ContactId id;  ///< 0 until assigned
        bool added = false;
        bool group = false;
        std::string name;
        std::string wa_id;    ///< learned in this batch
        std::string user_id;  ///< the same
    };

    explicit Identities(const std::unordered_map<std::string, AccountId>& accounts_of_numbers)
        : accounts_(accounts_of_numbers) {}

    /// The keys to look up for these items, each once; `found` answers in the same numbering.
    void ask_for(const DeliveryItem& item);
    const std::vector<store::IdentityKey>& keys() const { return keys_; }
    /// Asks for the other spellings of all numbers as well (domain/number_variants.hpp). Only worth it for customers
    /// that are not known: whoever is known by the number itself is never looked for under another.
    void ask_for_variants();
    /// `address`: where replies of that conversation go.
    void found(std::size_t key, ContactId contact, std::optional<ConversationId> conversation, std::string_view name,
               std::string_view address = {});

    /// Plans what an item needs; call in the order of the items, after `found`.
    void plan(const DeliveryItem& item);

    /// Back to what `found` was told nothing of: the keys stay.
    void forget_plans();

    std::size_t contacts_to_add() const;
    /// The customer is one of those to be added.
    bool is_added(const BusinessNumber& number, const CustomerIdentity& customer) const;
    void assign_ids(std::span<const ContactId> ids);
    std::vector<store::NewContact> new_contacts() const;
    std::vector<store::NewIdentity> new_identities() const;
    std::vector<store::NewConversation> new_conversations() const;
    std::vector<store::CustomerRefresh> refreshed() const;
    /// Conversations whose customer wrote from another number than replies go to.
    std::vector<store::AddressMove> address_moves() const;
    void added_conversation(std::string_view phone_number_id, ContactId contact, ConversationId conversation);

    /// After planning and adding. 0 when the customer is not known.
    ContactId author_of(const ReactionChange& reaction) const;
    ConversationId conversation_of(const BusinessNumber& number, const CustomerIdentity& customer) const;

  private:
    using Alias = std::tuple<std::int64_t, std::string, std::string>;  // account, kind, value
    struct PlannedConversation {
        std::string customer_phone;
        std::string customer_name;
        TimePoint at;
        ConversationId id;  // 0: to be added
        bool known = false;
        std::string written_from;  // the number of the newest message of this batch
        TimePoint written_at;
    };
    struct PlannedAlias {
        Alias alias;
        std::size_t contact;
    };

    AccountId account_of(const BusinessNumber& number) const;
    void ask(const std::string& phone_number_id, std::string kind, const std::string& value);
    std::optional<std::size_t> lookup(AccountId account, const CustomerIdentity& customer) const;
    std::size_t contact_for(AccountId account, const CustomerIdentity& customer, TimePoint at);
    void add_alias(AccountId account, std::string kind, const std::string& value, std::size_t contact);

    const std::unordered_map<std::string, AccountId>& accounts_;
    std::vector<store::IdentityKey> keys_;
    std::map<std::tuple<std::string, std::string, std::string>, std::size_t> key_index_;
    std::vector<Contact> contacts_;
    std::map<Alias, std::size_t> aliases_;
    std::unordered_map<std::int64_t, std::size_t> contact_index_;  // by database id
    std::vector<PlannedAlias> new_aliases_;
    std::map<std::pair<std::string, std::size_t>, PlannedConversation> conversations_;  // (number, contact)
    std::map<std::size_t, store::CustomerRefresh> refreshed_;
};

}  // namespace parley::flow

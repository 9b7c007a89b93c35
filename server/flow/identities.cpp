#include "flow/identities.hpp"

#include "base/text.hpp"
#include "domain/number_variants.hpp"

namespace parley::flow {
namespace {

/// The longest value that contact_identities takes.
constexpr std::size_t kMaxAlias = 255;

/// Who reacted: in a group the member, not the group.
CustomerIdentity person_of(const ReactionChange& reaction) {
    auto author = reaction.customer;
    author.group_id.clear();
    return author;
}

/// The address to reply to.
const std::string& address_of(const CustomerIdentity& customer) {
    if (!customer.group_id.empty()) return customer.group_id;
    return customer.wa_id.empty() ? customer.user_id : customer.wa_id;
}

}  // namespace

AccountId Identities::account_of(const BusinessNumber& number) const {
    auto found = accounts_.find(number.phone_number_id);
    return found == accounts_.end() ? AccountId{} : found->second;
}

void Identities::ask(const std::string& phone_number_id, std::string kind, const std::string& value) {
    if (value.empty()) return;
    if (key_index_.try_emplace({phone_number_id, kind, value}, keys_.size()).second)
        keys_.push_back({phone_number_id, std::move(kind), value});
}

void Identities::ask_for(const DeliveryItem& item) {
    const auto& number = number_of(item).phone_number_id;
    if (auto* message = std::get_if<IncomingMessage>(&item)) {
        const auto& customer = message->customer;
        if (!customer.group_id.empty()) return ask(number, "group_id", customer.group_id);
        ask(number, "wa_id", customer.wa_id);
        ask(number, "user_id", customer.user_id);
    } else if (auto* reaction = std::get_if<ReactionChange>(&item)) {
        ask(number, "wa_id", reaction->customer.wa_id);
        ask(number, "user_id", reaction->customer.user_id);
    } else if (auto* change = std::get_if<IdentityChange>(&item)) {
        ask(number, "wa_id", change->old_wa_id);
        ask(number, "wa_id", change->new_wa_id);
        ask(number, "user_id", change->old_user_id);
        ask(number, "user_id", change->new_user_id);
    }
}

void Identities::ask_for_variants() {
    // Asking adds to the keys.
    const auto asked = keys_;
    for (const auto& key : asked) {
        if (key.kind != "wa_id") continue;
        for (const auto& variant : variants_of(key.value)) ask(key.phone_number_id, "wa_id", variant);
    }
}

void Identities::found(std::size_t key, ContactId id, std::optional<ConversationId> conversation, std::string_view name,
                       std::string_view address) {
    const auto& [phone_number_id, kind, value] = keys_.at(key);
    auto account = accounts_.at(phone_number_id);
    auto [place, fresh] = contact_index_.try_emplace(id.value, contacts_.size());
    if (fresh) contacts_.push_back({account, id, false, kind == "group_id", std::string(name), {}, {}});
    aliases_[{account.value, kind, value}] = place->second;
    if (conversation) {
        auto& planned = conversations_[{phone_number_id, place->second}];
        planned.id = *conversation;
        planned.customer_name = name;
        planned.customer_phone = address;
        planned.known = true;
    }
}

std::optional<std::size_t> Identities::lookup(AccountId account, const CustomerIdentity& customer) const {
    auto by = [&](const char* kind, const std::string& value) -> std::optional<std::size_t> {
        if (value.empty()) return std::nullopt;
        auto found = aliases_.find({account.value, kind, value});
        if (found == aliases_.end()) return std::nullopt;
        return found->second;
    };
    if (!customer.group_id.empty()) return by("group_id", customer.group_id);
    // A phone number may be given to another person; a user id never is.
    if (auto contact = by("user_id", customer.user_id)) return contact;
    if (auto contact = by("wa_id", customer.wa_id)) return contact;
    for (const auto& variant : variants_of(customer.wa_id))
        if (auto contact = by("wa_id", variant)) return contact;
    return std::nullopt;
}

void Identities::add_alias(AccountId account, std::string kind, const std::string& value, std::size_t contact) {
    if (value.empty()) return;
    Alias alias{account.value, std::move(kind), value};
    if (aliases_.try_emplace(alias, contact).second) new_aliases_.push_back({alias, contact});
}

std::size_t Identities::contact_for(AccountId account, const CustomerIdentity& customer, TimePoint at) {
    auto found = lookup(account, customer);
    bool group = !customer.group_id.empty();
    if (!found) {
        found = contacts_.size();
        contacts_.push_back({account, {}, true, group, group ? "" : customer.name, customer.wa_id, customer.user_id});
    }
    if (group) {
        add_alias(account, "group_id", customer.group_id, *found);
        return *found;
    }
    auto aliases_before = new_aliases_.size();
    add_alias(account, "wa_id", customer.wa_id, *found);
    bool learned_phone = !contacts_[*found].added && new_aliases_.size() > aliases_before;
    add_alias(account, "user_id", customer.user_id, *found);
    // Looked up by nobody on the way in, so they are only worth a row together with one that is.
    if (new_aliases_.size() > aliases_before) {
        add_alias(account, "parent_user_id", customer.parent_user_id, *found);
        // Nobody is looked up by it, so one that the column does not take costs the alias and not the message.
        if (count_code_points(customer.username) <= kMaxAlias)
            add_alias(account, "username", customer.username, *found);
    }
    auto& contact = contacts_[*found];
    bool renamed = !contact.added && !customer.name.empty() && customer.name != contact.name;
    if (renamed || learned_phone) {
        auto& refresh = refreshed_[*found];
        refresh.account = account;
        refresh.contact = contact.id;
        if (renamed && at >= refresh.at) {
            refresh.name = customer.name;
            refresh.at = at;
        }
        if (learned_phone) refresh.wa_id = customer.wa_id;
    }
    if (!customer.name.empty()) contact.name = customer.name;
    return *found;
}

void Identities::plan(const DeliveryItem& item) {
    auto account = account_of(number_of(item));
    if (auto* message = std::get_if<IncomingMessage>(&item)) {
        const auto& customer = message->customer;
        auto contact = contact_for(account, customer, message->sent_at);
        auto& conversation = conversations_[{message->number.phone_number_id, contact}];
        // Planned for an earlier item that did not show the number yet.
        bool hidden = conversation.known && conversation.id.value == 0 && customer.group_id.empty() &&
                      conversation.customer_phone == customer.user_id;
        if (hidden && !customer.wa_id.empty()) conversation.customer_phone = customer.wa_id;
        if (message->opens_window && customer.group_id.empty() && !customer.wa_id.empty() &&
            message->sent_at >= conversation.written_at) {
            conversation.written_from = customer.wa_id;
            conversation.written_at = message->sent_at;
        }
        if (conversation.known) return;
        conversation.known = true;
        conversation.customer_phone = address_of(message->customer);
        conversation.customer_name = contacts_[contact].name;
        conversation.at = message->sent_at;
    } else if (auto* reaction = std::get_if<ReactionChange>(&item)) {
        auto author = person_of(*reaction);
        bool somebody = !author.wa_id.empty() || !author.user_id.empty();
        // Somebody who was not known yet is added now: a reaction is taken away by whom it is stored for.
        if (reaction->sender == Sender::customer && somebody) contact_for(account, author, reaction->at);
    } else if (auto* change = std::get_if<IdentityChange>(&item)) {
        CustomerIdentity before;
        before.wa_id = change->old_wa_id;
        before.user_id = change->old_user_id;
        auto contact = lookup(account, before);
        if (!contact) return;
        add_alias(account, "wa_id", change->new_wa_id, *contact);
        add_alias(account, "user_id", change->new_user_id, *contact);
    }
}

void Identities::forget_plans() {
    contacts_.clear();
    aliases_.clear();
    contact_index_.clear();
    new_aliases_.clear();
    conversations_.clear();
    refreshed_.clear();
}

bool Identities::is_added(const BusinessNumber& number, const CustomerIdentity& customer) const {
    auto contact = lookup(account_of(number), customer);
    return contact && contacts_[*contact].added;
}

std::size_t Identities::contacts_to_add() const {
    std::size_t count = 0;
    for (const auto& contact : contacts_) count += contact.added;
    return count;
}

void Identities::assign_ids(std::span<const ContactId> ids) {
    std::size_t next = 0;
    for (auto& contact : contacts_)
        if (contact.added) contact.id = ids[next++];
}

std::vector<store::NewContact> Identities::new_contacts() const {
    std::vector<store::NewContact> out;
    for (const auto& contact : contacts_)
        if (contact.added) out.push_back({contact.account, contact.id, contact.group, contact.name});
    return out;
}

std::vector<store::NewIdentity> Identities::new_identities() const {
    std::vector<store::NewIdentity> out;
    for (const auto& [alias, contact] : new_aliases_)
        out.push_back({{std::get<0>(alias)}, std::get<1>(alias), std::get<2>(alias), contacts_[contact].id});
    return out;
}

std::vector<store::NewConversation> Identities::new_conversations() const {
    std::vector<store::NewConversation> out;
    for (const auto& [place, planned] : conversations_) {
        if (planned.id.value != 0) continue;
        const auto& contact = contacts_[place.second];
        out.push_back(
            {contact.account, place.first, contact.id, planned.customer_phone, planned.customer_name, planned.at});
    }
    return out;
}

std::vector<store::CustomerRefresh> Identities::refreshed() const {
    std::vector<store::CustomerRefresh> out;
    for (const auto& [contact, refresh] : refreshed_) out.push_back(refresh);
    return out;
}

std::vector<store::AddressMove> Identities::address_moves() const {
    std::vector<store::AddressMove> out;
    for (const auto& [place, planned] : conversations_) {
        bool moved = !planned.written_from.empty() && planned.written_from != planned.customer_phone;
        if (planned.id.value == 0 || planned.customer_phone.empty() || !moved) continue;
        out.push_back({contacts_[place.second].account, planned.id, planned.written_from, planned.written_at});
    }
    return out;
}

void Identities::added_conversation(std::string_view phone_number_id, ContactId id, ConversationId conversation) {
    for (auto& [place, planned] : conversations_)
        if (planned.id.value == 0 && place.first == phone_number_id && contacts_[place.second].id == id)
            planned.id = conversation;
}

ContactId Identities::author_of(const ReactionChange& reaction) const {
    auto contact = lookup(account_of(reaction.number), person_of(reaction));
    return contact ? contacts_[*contact].id : ContactId{};
}

ConversationId Identities::conversation_of(const BusinessNumber& number, const CustomerIdentity& customer) const {
    auto contact = lookup(account_of(number), customer);
    if (!contact) return {};
    auto found = conversations_.find({number.phone_number_id, *contact});
    return found == conversations_.end() ? ConversationId{} : found->second.id;
}

}  // namespace parley::flow

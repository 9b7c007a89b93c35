#include "wa/contact_book.hpp"

#include <string>

#include "base/text.hpp"
#include "wa/fields.hpp"

namespace parley::wa {
namespace {

constexpr std::size_t kLongestName = 255;
/// A body may name thousands of contacts and messages: from here on they are looked up, not searched.
constexpr std::size_t kIndexedFrom = 5;

CustomerIdentity read_contact(const json::value& contact) {
    CustomerIdentity person;
    person.wa_id = json::text(contact, "wa_id");
    person.user_id = json::text(contact, "user_id");
    person.parent_user_id = json::text(contact, "parent_user_id");
    const auto& profile = member(contact, "profile");
    person.name = first_code_points(text_view(profile, "name"), kLongestName);
    auto username = text_view(profile, "username");
    if (username.starts_with('@')) username.remove_prefix(1);
    person.username = username;
    return person;
}

bool differ(const std::string& a, const std::string& b) {
    return !a.empty() && !b.empty() && a != b;
}

bool contradict(const CustomerIdentity& a, const CustomerIdentity& b) {
    return differ(a.wa_id, b.wa_id) || differ(a.user_id, b.user_id);
}

void lend_ids(const CustomerIdentity& contact, CustomerIdentity& person) {
    person.username = contact.username;
    if (person.wa_id.empty()) person.wa_id = contact.wa_id;
    if (differ(person.user_id, contact.user_id)) return;
    if (person.user_id.empty()) person.user_id = contact.user_id;
    if (person.parent_user_id.empty()) person.parent_user_id = contact.parent_user_id;
}

}  // namespace

ContactBook::ContactBook(const json::value& value) {
    auto* contacts = json::find_array(value, "contacts");
    if (!contacts) return;
    contacts_.reserve(contacts->size());
    for (const auto& contact : *contacts)
        if (contact.is_object()) contacts_.push_back(read_contact(contact));
    if (contacts_.size() < kIndexedFrom) return;
    for (const auto& contact : contacts_) {
        if (!contact.wa_id.empty()) by_wa_id_.emplace(contact.wa_id, &contact);
        if (!contact.user_id.empty()) by_user_id_.emplace(contact.user_id, &contact);
    }
}

const CustomerIdentity* ContactBook::find(const CustomerIdentity& person) const {
    if (contacts_.size() >= kIndexedFrom) {
        if (auto found = by_wa_id_.find(person.wa_id); found != by_wa_id_.end()) return found->second;
        if (auto found = by_user_id_.find(person.user_id); found != by_user_id_.end()) return found->second;
        return nullptr;
    }
    for (const auto& contact : contacts_)
        if (!person.wa_id.empty() && contact.wa_id == person.wa_id) return &contact;
    for (const auto& contact : contacts_)
        if (!person.user_id.empty() && contact.user_id == person.user_id) return &contact;
    return nullptr;
}

void ContactBook::complete(CustomerIdentity& person, bool alone) const {
    if (auto* contact = find(person)) {
        person.name = contact->name;
        lend_ids(*contact, person);
        return;
    }
    auto* contact = only();
    if (!contact) return;
    complete_name(person, alone);
    bool anonymous = person.wa_id.empty() && person.user_id.empty();
    if (!contradict(person, *contact) && (alone || anonymous)) lend_ids(*contact, person);
}

void ContactBook::complete_name(CustomerIdentity& person, bool alone) const {
    auto* contact = find(person);
    if (!contact && only() && (alone || !contradict(person, *only()))) contact = only();
    if (contact) person.name = contact->name;
}

}  // namespace parley::wa

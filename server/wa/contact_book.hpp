// The contacts[] of one webhook value: who the authors of its messages are.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.hpp"
#include "domain/delivery.hpp"

namespace parley::wa {

class ContactBook {
  public:
    /// Reads `value.contacts`; entries that are not objects are left out. Keeps nothing of `value`.
    explicit ContactBook(const json::value& value);
    ContactBook(const ContactBook&) = delete;
    ContactBook& operator=(const ContactBook&) = delete;

    /// Adds what the book knows about `person`: the contact of the same WhatsApp id, else of the same user id, else the
    /// only contact. The person's own ids are never replaced. The only contact lends its ids just to a lone message
    /// (`alone`) or to a person without any, and only where they do not contradict: two people are never made one.
    void complete(CustomerIdentity& person, bool alone) const;

    /// The name alone, found in the same way.
    void complete_name(CustomerIdentity& person, bool alone) const;

    /// The contact when there is just one; else nullptr.
    const CustomerIdentity* only() const { return contacts_.size() == 1 ? &contacts_.front() : nullptr; }

  private:
    const CustomerIdentity* find(const CustomerIdentity& person) const;

    std::vector<CustomerIdentity> contacts_;
    std::unordered_map<std::string_view, const CustomerIdentity*> by_wa_id_;    // views into contacts_
    std::unordered_map<std::string_view, const CustomerIdentity*> by_user_id_;  // views into contacts_
};

}  // namespace parley::wa

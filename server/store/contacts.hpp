// Contacts: a person or group with all the ways in which they are known, what agents call them, and which were found to
// be the same person.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/pool.hpp"

namespace parley::store {

using MergeId = Id<struct MergeTag>;

struct ContactIdentity {
    std::string kind;  ///< "wa_id", "user_id", "parent_user_id", "username" or "group_id"
    std::string value;
};

struct ContactConversation {
    ConversationId id;
    std::string phone_number_id;
    std::string customer_phone;  ///< the address to reply to
    TimePoint last_message_at;
    std::optional<TimePoint> last_incoming_at;
};

/// Another contact that went into this one.
struct ContactMerge {
    MergeId id;
    TimePoint merged_at;
    std::string name;  ///< of the other one, as it was shown then
};

struct Contact {
    ContactId id;
    std::string name;          ///< as it is shown; may be empty
    std::string profile_name;  ///< what they call themselves; may be empty
    std::string kind;          ///< "person" or "group"
    std::optional<TimePoint> blocked_at;
    std::vector<ContactIdentity> identities;
    std::vector<ContactConversation> conversations;  ///< newest activity first
    std::vector<ContactMerge> merges;                ///< newest first, without those that were undone
};

struct FoundContact {
    ContactId id;
    std::string name;
    std::string phone;  ///< digits; empty while the number is hidden
};

/// The one that it went into for a contact that was merged. Errc::not_found.
awaitable<Result<Contact>> find_contact(Pool& pool, AccountId account, ContactId id);
/// Persons whose name or address contains `text`.
awaitable<std::vector<FoundContact>> search_contacts(Pool& pool, AccountId account, std::string text,
                                                     std::int64_t limit);

/// `name` empty: what they call themselves is shown again.
awaitable<void> rename_contact(Pool& pool, AccountId account, ContactId id, std::string name);
awaitable<void> set_blocked(Pool& pool, AccountId account, ContactId id, bool blocked);

/// `wa_id` is an address of this conversation's customer as well, unless it is somebody's already.
awaitable<void> learn_alias(Pool& pool, AccountId account, ConversationId conversation, std::string wa_id);
/// Whether one of `addresses` is the contact's.
awaitable<bool> is_address_of(Pool& pool, AccountId account, ContactId contact, std::vector<std::string> addresses);

/// `other` goes into `kept`: its identities move, its conversations move or are folded into those with the same
/// business number; old ids of these go on leading there. Errors: not_found, invalid_argument (a group, the same
/// contact).
awaitable<Result<void>> merge_contacts(Pool& pool, AccountId account, ContactId kept, ContactId other,
                                       std::string user);
/// Puts back what moved then, as far as it did not move on; what came since stays. Errors: not_found, wrong_state
/// (undone already, or a later merge has to be undone first).
awaitable<Result<void>> undo_merge(Pool& pool, AccountId account, ContactId kept, MergeId merge, std::string user);

}  // namespace parley::store

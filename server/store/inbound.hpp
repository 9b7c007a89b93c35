// Storing what webhook deliveries say. Each function adds one set-based statement to a batch; the caller holds the
// accounts' rows (add_lock) and brings rows whose conversation is known.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "domain/delivery.hpp"
#include "store/connection.hpp"

namespace parley::store {

/// A way to know a contact: kind is "wa_id", "user_id", "parent_user_id", "username" or "group_id".
struct IdentityKey {
    std::string phone_number_id;  ///< the business number whose account is meant
    std::string kind;
    std::string value;
};

struct NewContact {
    AccountId account;
    ContactId id;
    bool group = false;
    std::string name;
};

struct NewIdentity {
    AccountId account;
    std::string kind;
    std::string value;
    ContactId contact;
};

struct NewConversation {
    AccountId account;
    std::string phone_number_id;
    ContactId contact;
    std::string customer_phone;
    std::string customer_name;
    TimePoint at;
};

struct CustomerRefresh {
    AccountId account;
    ContactId contact;
    std::string name;   ///< empty: unchanged
    std::string wa_id;  ///< empty: unchanged
    TimePoint at;       ///< of the message that says the name: an older one does not take it back
};

/// The customer of a conversation wrote from this number.
struct AddressMove {
    AccountId account;
    ConversationId conversation;
    std::string wa_id;
    TimePoint at;  ///< of that message: an older one moves nothing
};

struct PlacedMessage {
    AccountId account;
    ConversationId conversation;
    const IncomingMessage* message;
};

struct PlacedStatus {
    AccountId account;
    const StatusReport* report;
    MessageId own_message;  ///< from the callback data; 0 when it is not ours
};

/// A reaction, edit or revoke with its account; `contact` is the author of a reaction (0: the business or unknown).
struct PlacedChange {
    AccountId account;
    ContactId contact;
    const DeliveryItem* item;
};

struct JournalEntry {
    AccountId account;  ///< 0 while none could be found
    TimePoint received_at;
    std::string state;    ///< "stored", "partial" or "dead"
    std::string problem;  ///< empty for "stored"
    std::string fields;
    std::int64_t items = 0;
    std::string_view body;
    std::string vouched_by = {};  ///< accounts whose app secret signed it, as "{1,2}"; empty: not one of theirs
};

void add_contacts(Batch& batch, std::span<const NewContact> contacts);
void add_identities(Batch& batch, std::span<const NewIdentity> identities);
void add_conversations(Batch& batch, std::span<const NewConversation> conversations);
void refresh_customers(Batch& batch, std::span<const CustomerRefresh> customers);
/// Replies go to where the customer wrote from last. Before store_messages.
void move_addresses(Batch& batch, std::span<const AddressMove> moves);
/// Messages whose id is stored already are left out; the others count, move their conversation and become events.
/// No two of `messages` may have the same account and wamid.
void store_messages(Batch& batch, std::span<const PlacedMessage> messages);
/// Announces the files of those of `messages` that have one. After store_messages, in the same transaction.
void announce_media(Batch& batch, std::span<const PlacedMessage> messages);
/// Raises statuses, keeps the first time of each, parks what has no message yet. Two statements.
void apply_statuses(Batch& batch, std::span<const PlacedStatus> statuses);
void apply_change(Batch& batch, const PlacedChange& change);
void move_identity(Batch& batch, AccountId account, std::string_view kind, std::string_view from, std::string_view to);
void journal(Batch& batch, std::span<const JournalEntry> entries);

/// An update that waited for its message, as an item again. Its BusinessNumber is empty.
struct ParkedUpdate {
    AccountId account;
    ContactId contact;
    DeliveryItem item;
};
std::vector<ParkedUpdate> read_parked(const Rows& rows);

}  // namespace parley::store

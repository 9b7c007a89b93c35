// What a webhook delivery says, in our words: wa/ reads it from Meta's JSON, flow/ stores it. All text is storable
// (valid UTF-8 without NUL).
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "domain/message.hpp"

namespace parley {

/// The ways in which one person is known (reference, section 5). Any may be empty; at least one is not, except in a
/// message that Meta sent without an author.
struct CustomerIdentity {
    std::string wa_id;    ///< WhatsApp id: digits, usually the phone number
    std::string user_id;  ///< business-scoped user id (BSUID), "US.1349..."
    std::string parent_user_id;
    std::string username;  ///< without a leading '@'
    std::string name;      ///< the profile name that the customer chose
    std::string group_id;  ///< set: the message belongs to this group's thread, the rest is its author
};

/// Where an item belongs. `phone_number_id` is the routing key; account-level webhooks leave it empty.
struct BusinessNumber {
    std::string phone_number_id;
    std::string display_phone_number;
    std::string waba_id;  ///< entry[].id
};

/// A message of any type, from the customer or (an echo) from the business's own phone app.
struct IncomingMessage {
    BusinessNumber number;
    CustomerIdentity customer;
    Sender sender = Sender::customer;
    std::string wamid;
    TimePoint sent_at;           ///< Meta's second and, when it arrived soon after, its arrival within that second
    std::string type;            ///< Meta's word: "text", "image", ..., also words that we do not know
    std::string text;            ///< the text, caption, or a readable summary; never empty
    std::string payload;         ///< the whole message object as JSON
    std::string reply_to_wamid;  ///< the quoted message; empty when none
    std::optional<MediaReference> media;
    std::optional<MessageError> error;  ///< e.g. 131051 for an unsupported message
    bool counts_as_unread = true;       ///< false for system notes and echoes
    bool opens_window = true;           ///< false for system notes and echoes
};

/// An emoji set on a message, or taken away (empty emoji).
struct ReactionChange {
    BusinessNumber number;
    CustomerIdentity customer;
    Sender sender = Sender::customer;
    std::string wamid;  ///< of the reaction itself
    std::string target_wamid;
    std::string emoji;
    TimePoint at;
};

/// New content for an earlier message.
struct MessageEdit {
    BusinessNumber number;
    CustomerIdentity customer;
    Sender sender = Sender::customer;
    std::string wamid;
    std::string target_wamid;
    std::string text;
    std::string payload;  ///< the new message object as JSON
    TimePoint at;
};

/// The author took an earlier message back.
struct MessageRevoke {
    BusinessNumber number;
    CustomerIdentity customer;
    Sender sender = Sender::customer;
    std::string wamid;
    std::string target_wamid;
    TimePoint at;
};

/// The fate of a message that we sent.
struct StatusReport {
    BusinessNumber number;
    std::string wamid;
    MessageStatus status = MessageStatus::sent;
    TimePoint at;
    std::string callback_data;    ///< biz_opaque_callback_data, as we sent it
    std::string recipient_wa_id;  ///< may differ from the number we wrote to; empty for groups and BSUID-only users
    std::string recipient_user_id;
    std::optional<MessageError> error;
};

/// A customer is now reached under another number or user id (system messages, field user_id_update).
struct IdentityChange {
    BusinessNumber number;
    std::string old_wa_id;
    std::string new_wa_id;
    std::string old_user_id;
    std::string new_user_id;
    std::string new_parent_user_id;
    TimePoint at;
};

using DeliveryItem =
    std::variant<IncomingMessage, ReactionChange, MessageEdit, MessageRevoke, StatusReport, IdentityChange>;

/// What Meta tells about a message template of a WhatsApp Business Account, or that something about one changed. Empty
/// members: it says nothing of that.
struct TemplateChange {
    std::string waba_id;
    std::string template_id;
    std::string status;           ///< one of those that lists of templates have: "APPROVED", "PAUSED", ...
    std::string rejected_reason;  ///< with a status only
    std::string category;
    std::string quality;  ///< "GREEN", "YELLOW", "RED" or "UNKNOWN"
};

/// One webhook body, understood as far as possible.
struct Delivery {
    bool understood = false;  ///< false: not JSON, not an object, no `entry`: a dead letter; `problem` says why
    std::string problem;
    std::vector<DeliveryItem> items;      ///< in the order of the body
    std::vector<std::string> fields;      ///< the distinct changes[].field values, for the journal
    std::vector<BusinessNumber> numbers;  ///< the distinct numbers named, in order
    std::vector<TemplateChange> template_changes;
    int items_skipped = 0;  ///< malformed messages or statuses: kept only in the raw body
};

const BusinessNumber& number_of(const DeliveryItem& item);

}  // namespace parley

#include "wa/parse_message.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "wa/fields.hpp"
#include "wa/summary.hpp"
#include "wa/user_id.hpp"

namespace parley::wa {
namespace {

constexpr std::size_t kLongestType = 50;
constexpr std::array<std::string_view, 5> kMediaTypes{"image", "audio", "video", "document", "sticker"};

CustomerIdentity read_customer(const json::value& message, const MessageSurroundings& around, bool moved) {
    CustomerIdentity person;
    bool echo = around.sender == Sender::agent;
    person.wa_id = json::text(message, echo ? "to" : "from");
    person.user_id = json::text(message, echo ? "to_user_id" : "from_user_id");
    person.parent_user_id = json::text(message, echo ? "to_parent_user_id" : "from_parent_user_id");
    person.group_id = json::text(message, "group_id");
    // The note of a move belongs to the old number; contacts beside it would be those of the new one.
    if (moved)
        around.contacts.complete_name(person, around.alone);
    else
        around.contacts.complete(person, around.alone);
    return person;
}

bool is_somebody(const CustomerIdentity& person) {
    return !person.wa_id.empty() || !person.user_id.empty() || !person.group_id.empty();
}

std::optional<MediaReference> read_media(const json::value& message, std::string_view type) {
    if (std::ranges::find(kMediaTypes, type) == kMediaTypes.end()) return std::nullopt;
    const auto& content = member(message, type);
    MediaReference media;
    media.id = json::text(content, "id");
    if (media.id.empty()) return std::nullopt;
    media.mime_type = json::text(content, "mime_type");
    media.sha256 = json::text(content, "sha256");
    media.file_name = json::text(content, "filename");
    media.voice = json::boolean(content, "voice");
    return media;
}

std::string read_quoted(const json::value& message) {
    const auto& context = member(message, "context");
    if (json::boolean(context, "forwarded") || json::boolean(context, "frequently_forwarded")) return {};
    return json::text(context, "id");
}

/// The old user id stands only in the words "User <name> changed from <old> to <new>". People choose their names, so
/// the words are read from the end, and the new id must be the one that the message tells.
std::string old_user_id(std::string_view body, std::string_view new_user_id) {
    constexpr std::string_view kFrom = " from ";
    constexpr std::string_view kTo = " to ";
    auto from = body.rfind(kFrom);
    if (from == std::string_view::npos) return {};
    auto ids = body.substr(from + kFrom.size());
    auto to = ids.find(kTo);
    if (to == std::string_view::npos || ids.substr(to + kTo.size()) != new_user_id) return {};
    auto old = ids.substr(0, to);
    return is_user_id(old) ? std::string(old) : std::string();
}

std::optional<IdentityChange> read_identity_change(const json::value& message, const MessageSurroundings& around) {
    const auto& system = member(message, "system");
    auto kind = text_view(system, "type");
    if (kind != "user_changed_number" && kind != "user_changed_user_id") return std::nullopt;
    IdentityChange change;
    change.number = around.number;
    change.old_wa_id = json::text(message, "from");
    change.new_wa_id = json::text(system, "wa_id");
    if (change.new_wa_id.empty()) change.new_wa_id = json::text(system, "new_wa_id");
    change.new_user_id = json::text(system, "user_id");
    change.new_parent_user_id = json::text(system, "parent_user_id");
    if (!change.new_user_id.empty()) change.old_user_id = old_user_id(text_view(system, "body"), change.new_user_id);
    // Without a number the author can only be the old user id, unless the message names the new one already.
    if (change.old_wa_id.empty() && change.old_user_id.empty()) {
        auto author = json::text(message, "from_user_id");
        if (author != change.new_user_id) change.old_user_id = std::move(author);
    }
    change.at = read_time(message, around.arrival);
    bool known_before = !change.old_wa_id.empty() || !change.old_user_id.empty();
    bool known_after = !change.new_wa_id.empty() || !change.new_user_id.empty();
    if (!known_before || !known_after) return std::nullopt;
    return change;
}

/// A reaction, edit or revoke; empty when the message is none, or does not say which message it means.
std::optional<DeliveryItem> read_change(const json::value& message, std::string_view type, CustomerIdentity& customer,
                                        const std::string& wamid, TimePoint at, const MessageSurroundings& around) {
    const auto& content = member(message, type);
    if (type == "reaction") {
        auto target = json::text(content, "message_id");
        if (target.empty()) return std::nullopt;
        return ReactionChange{.number = around.number,
                              .customer = std::move(customer),
                              .sender = around.sender,
                              .wamid = wamid,
                              .target_wamid = std::move(target),
                              .emoji = json::text(content, "emoji"),
                              .at = at};
    }
    if (type != "edit" && type != "revoke") return std::nullopt;
    auto target = json::text(content, "original_message_id");
    if (target.empty()) return std::nullopt;
    if (type == "revoke")
        return MessageRevoke{.number = around.number,
                             .customer = std::move(customer),
                             .sender = around.sender,
                             .wamid = wamid,
                             .target_wamid = std::move(target),
                             .at = at};
    const auto& edited = member(content, "message");
    if (!edited.is_object()) return std::nullopt;
    return MessageEdit{.number = around.number,
                       .customer = std::move(customer),
                       .sender = around.sender,
                       .wamid = wamid,
                       .target_wamid = std::move(target),
                       .text = summarise(edited, text_view(edited, "type")),
                       .payload = boost::json::serialize(edited),
                       .at = at};
}

}  // namespace

bool read_message(const json::value& message, const MessageSurroundings& around, std::vector<DeliveryItem>& items) {
    if (!message.is_object()) return false;
    auto wamid = json::text(message, "id");
    if (wamid.empty()) return false;
    auto type = json::text(message, "type");
    if (type.empty()) type = "unknown";
    bool echo = around.sender == Sender::agent;
    bool system = type == "system";
    std::optional<IdentityChange> identity_change;
    if (system && !echo) identity_change = read_identity_change(message, around);
    auto customer = read_customer(message, around, identity_change.has_value());
    if (identity_change && !is_somebody(customer)) customer.user_id = identity_change->old_user_id;
    if (system && !is_somebody(customer)) customer.user_id = json::text(member(message, "system"), "user_id");
    if (!is_somebody(customer)) return false;

    auto at = read_time(message, around.arrival);
    if (auto change = read_change(message, type, customer, wamid, at, around)) {
        items.push_back(std::move(*change));
        return true;
    }

    IncomingMessage incoming;
    incoming.number = around.number;
    incoming.customer = std::move(customer);
    incoming.sender = around.sender;
    incoming.wamid = std::move(wamid);
    incoming.sent_at = place_in_second(at, around.arrival);
    incoming.type = first_code_points(type, kLongestType);
    incoming.text = summarise(message, type);
    incoming.payload = boost::json::serialize(message);
    incoming.reply_to_wamid = read_quoted(message);
    incoming.media = read_media(message, type);
    incoming.error = read_error(message);
    incoming.counts_as_unread = !echo && !system;
    incoming.opens_window = !echo && !system;
    items.push_back(std::move(incoming));
    if (identity_change) items.push_back(std::move(*identity_change));
    return true;
}

}  // namespace parley::wa

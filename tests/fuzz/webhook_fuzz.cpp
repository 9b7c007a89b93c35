// Whatever the bytes, parsing a webhook ends without an exception and in text that PostgreSQL stores.
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/json.hpp"
#include "base/text.hpp"
#include "wa/parse.hpp"

namespace {

using namespace parley;

void require(bool holds) {
    if (!holds) std::abort();
}

template <class... Texts>
void require_storable(const Texts&... texts) {
    (require(is_storable_text(texts)), ...);
}

/// What jsonb takes: no NUL, escaped or not, and no number that it would write out in thousands of digits.
void require_jsonb(const json::value& value) {
    if (auto* number = value.if_double()) require(std::abs(*number) <= 1e30);
    if (auto* text = value.if_string()) require_storable(std::string_view(text->data(), text->size()));
    if (auto* list = value.if_array())
        for (const auto& element : *list) require_jsonb(element);
    if (auto* object = value.if_object())
        for (const auto& [name, member] : *object) {
            require_storable(std::string_view(name.data(), name.size()));
            require_jsonb(member);
        }
}

void require_payload(const std::string& payload) {
    require_storable(payload);
    auto parsed = json::parse(payload);
    require(parsed && parsed->is_object());
    require_jsonb(*parsed);
}

void check(const BusinessNumber& number) {
    require_storable(number.phone_number_id, number.display_phone_number, number.waba_id);
}

void check(const CustomerIdentity& person) {
    require_storable(person.wa_id, person.user_id, person.parent_user_id, person.username, person.name,
                     person.group_id);
    require(count_code_points(person.name) <= 255);
}

void check(const std::optional<MessageError>& error) {
    if (error) require_storable(error->title, error->details);
}

struct Check {
    TimePoint arrival;

    void time(TimePoint at) const {
        require(at >= *parse_utc("2009-01-01T00:00:00Z") && at <= arrival + std::chrono::hours{24});
    }

    void operator()(const IncomingMessage& message) const {
        check(message.customer);
        check(message.error);
        time(message.sent_at);
        require_storable(message.wamid, message.type, message.text, message.reply_to_wamid);
        require_payload(message.payload);
        require(!message.wamid.empty() && !message.text.empty() && !message.type.empty());
        require(count_code_points(message.type) <= 50);
        if (!message.media) return;
        require_storable(message.media->id, message.media->mime_type, message.media->sha256, message.media->file_name);
    }
    void operator()(const ReactionChange& reaction) const {
        check(reaction.customer);
        time(reaction.at);
        require_storable(reaction.wamid, reaction.target_wamid, reaction.emoji);
        require(!reaction.target_wamid.empty());
    }
    void operator()(const MessageEdit& edit) const {
        check(edit.customer);
        time(edit.at);
        require_storable(edit.wamid, edit.target_wamid, edit.text);
        require_payload(edit.payload);
        require(!edit.text.empty());
    }
    void operator()(const MessageRevoke& revoke) const {
        check(revoke.customer);
        time(revoke.at);
        require_storable(revoke.wamid, revoke.target_wamid);
    }
    void operator()(const StatusReport& report) const {
        check(report.error);
        time(report.at);
        require_storable(report.wamid, report.callback_data, report.recipient_wa_id, report.recipient_user_id);
        require(report.status >= MessageStatus::sent);
    }
    void operator()(const IdentityChange& change) const {
        time(change.at);
        require_storable(change.old_wa_id, change.new_wa_id, change.old_user_id, change.new_user_id,
                         change.new_parent_user_id);
        require(!change.old_wa_id.empty() || !change.old_user_id.empty());
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view body(reinterpret_cast<const char*>(data), size);
    Check checker{.arrival = from_unix_seconds(1785585600)};
    auto delivery = wa::parse_delivery(body, checker.arrival);
    require(delivery.understood == delivery.problem.empty());
    require(delivery.understood || delivery.items.empty());
    require(delivery.items_skipped >= 0);
    for (const auto& field : delivery.fields) require_storable(field);
    for (const auto& number : delivery.numbers) check(number);
    for (const auto& item : delivery.items) {
        check(number_of(item));
        std::visit(checker, item);
    }
    return 0;
}

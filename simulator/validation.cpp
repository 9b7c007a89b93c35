#include "simulator/validation.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/text.hpp"
#include "http/client.hpp"
#include "simulator/meta_ids.hpp"

namespace parley::simulator {
namespace {

constexpr std::array<std::string_view, 11> kTypes{"audio",       "contacts", "document", "image",
                                                  "interactive", "location", "reaction", "sticker",
                                                  "template",    "text",     "video"};
constexpr std::size_t kMaxText = 4096;
constexpr std::size_t kMaxCaption = 1024;
constexpr std::size_t kMaxCallbackData = 512;
constexpr std::size_t kMaxContacts = 257;

bool is_media(std::string_view type) {
    constexpr std::array<std::string_view, 5> kMedia{"audio", "document", "image", "sticker", "video"};
    return std::ranges::find(kMedia, type) != kMedia.end();
}

Checked<void> check_text(const json::value& text) {
    auto body = json::optional_text(text, "body");
    if (!body || body->empty()) return std::unexpected(missing_parameter("text['body']"));
    if (count_code_points(*body) > kMaxText) {
        return std::unexpected(bad_parameter("Param text['body'] must be at most 4096 characters long."));
    }
    return {};
}

Checked<void> check_media(const json::value& media, const std::string& type) {
    if (auto checked = check_media_reference(media, type); !checked) return checked;
    auto caption = json::optional_text(media, "caption");
    if (!caption) return {};
    if (type == "audio" || type == "sticker") {
        return std::unexpected(bad_parameter("Param " + type + "['caption'] is not supported."));
    }
    if (count_code_points(*caption) > kMaxCaption) {
        return std::unexpected(bad_parameter("Param " + type + "['caption'] must be at most 1024 characters long."));
    }
    return {};
}

std::optional<double> coordinate(const json::value& location, std::string_view name) {
    const auto* member = json::find(location, name);
    if (member == nullptr) return std::nullopt;
    if (member->is_number()) return member->to_number<double>();
    const auto* text = member->if_string();
    if (text == nullptr || text->empty()) return std::nullopt;
    double number = 0;
    auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || end != text->data() + text->size() || !std::isfinite(number)) return std::nullopt;
    return number;
}

Checked<void> check_contacts(const json::value& body) {
    const auto* contacts = json::find_array(body, "contacts");
    if (contacts == nullptr || contacts->empty()) return std::unexpected(missing_parameter("contacts"));
    if (contacts->size() > kMaxContacts) return std::unexpected(value_not_valid("Too many contacts: at most 257."));
    for (const auto& contact : *contacts) {
        const auto* name = json::find(contact, "name");
        if (name == nullptr || json::text(*name, "formatted_name").empty()) {
            return std::unexpected(missing_parameter("contacts['name']['formatted_name']"));
        }
    }
    return {};
}

Checked<void> check_reaction(const json::value& reaction) {
    if (json::text(reaction, "message_id").empty()) return std::unexpected(missing_parameter("reaction['message_id']"));
    auto emoji = json::optional_text(reaction, "emoji");
    if (!emoji) return std::unexpected(missing_parameter("reaction['emoji']"));
    if (count_code_points(*emoji) > 16 ||
        std::ranges::any_of(*emoji, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); })) {
        return std::unexpected(value_not_valid("Reaction emoji is not valid."));
    }
    return {};
}

Checked<void> check_content(const json::value& body, Send& send, const TemplateStore& templates) {
    const auto* content = json::find(body, send.type);
    bool right_kind = content != nullptr && (send.type == "contacts" ? content->is_array() : content->is_object());
    if (!right_kind) {
        return std::unexpected(
            required_missing("Parameter '" + send.type + "' is mandatory for type '" + send.type + "'"));
    }
    if (send.type == "text") return check_text(*content);
    if (is_media(send.type)) return check_media(*content, send.type);
    if (send.type == "location") return check_location(*content);
    if (send.type == "contacts") return check_contacts(body);
    if (send.type == "reaction") return check_reaction(*content);
    if (send.type == "interactive") return check_interactive(*content);
    auto category = check_template_send(*content, templates);
    if (!category) return std::unexpected(category.error());
    send.category = *category;
    return {};
}

Checked<void> check_recipient(const json::value& body, Send& send) {
    auto recipient_type = json::text(body, "recipient_type");
    if (!recipient_type.empty() && recipient_type != "individual" && recipient_type != "group") {
        return std::unexpected(
            bad_parameter("Param recipient_type must be one of {GROUP, INDIVIDUAL} - got \"" + recipient_type + "\"."));
    }
    send.input = json::text(body, "to");
    if (recipient_type == "group") {
        if (send.input.empty()) return std::unexpected(missing_parameter("to"));
        send.group_id = send.input;
        return {};
    }
    if (!send.input.empty()) {
        send.wa_id = phone_digits(send.input);
        if (!send.wa_id.empty()) return {};
        return std::unexpected(invalid_parameter("Param to is not a valid phone number."));
    }
    send.input = json::text(body, "recipient");
    if (send.input.empty()) return std::unexpected(missing_parameter("to"));
    if (!is_user_id(send.input)) {
        return std::unexpected(invalid_parameter("Param recipient is not a valid business-scoped user ID."));
    }
    send.user_id = send.input;
    return {};
}

Checked<void> check_extras(const json::value& body, Send& send) {
    send.callback_data = json::text(body, "biz_opaque_callback_data");
    if (count_code_points(send.callback_data) > kMaxCallbackData) {
        return std::unexpected(bad_parameter("Param biz_opaque_callback_data must be at most 512 characters long."));
    }
    const auto* context = json::find(body, "context");
    if (context == nullptr || context->is_null()) return {};
    if (json::text(*context, "message_id").empty()) {
        return std::unexpected(missing_parameter("context['message_id']"));
    }
    return {};
}

}  // namespace

Checked<void> check_length(std::string_view what, std::string_view text, std::size_t least, std::size_t most) {
    auto count = count_code_points(text);
    if (count >= least && count <= most) return {};
    return std::unexpected(value_not_valid(std::string(what) + " length invalid. Min length: " + std::to_string(least) +
                                           ", Max length: " + std::to_string(most)));
}

Checked<void> check_location(const json::value& location) {
    for (auto [name, most] : {std::pair{"latitude", 90.0}, std::pair{"longitude", 180.0}}) {
        if (json::find(location, name) == nullptr) {
            return std::unexpected(missing_parameter("location['" + std::string(name) + "']"));
        }
        auto number = coordinate(location, name);
        if (!number || std::abs(*number) > most) {
            return std::unexpected(value_not_valid("Location " + std::string(name) + " is not valid."));
        }
    }
    return {};
}

Checked<void> check_media_reference(const json::value& media, std::string_view type) {
    auto id = json::text(media, "id");
    auto link = json::text(media, "link");
    if (id.empty() && link.empty()) {
        return std::unexpected(bad_parameter("Param " + std::string(type) + " must have exactly one of id and link."));
    }
    if (!id.empty() && !link.empty()) {
        return std::unexpected(bad_parameter("Param " + std::string(type) + " must have exactly one of id and link."));
    }
    if (id.empty() && !http::parse_url(link)) {
        return std::unexpected(bad_parameter("Param " + std::string(type) + "['link'] is not a valid URI."));
    }
    return {};
}

Checked<Send> check_send(const json::value& body, const TemplateStore& templates) {
    if (json::text(body, "messaging_product") != "whatsapp") {
        return std::unexpected(missing_parameter("messaging_product"));
    }
    Send send;
    if (auto checked = check_recipient(body, send); !checked) return std::unexpected(checked.error());
    send.type = json::optional_text(body, "type").value_or("text");
    if (std::ranges::find(kTypes, send.type) == kTypes.end()) {
        return std::unexpected(bad_parameter(
            "Param type must be one of {AUDIO, CONTACTS, DOCUMENT, IMAGE, INTERACTIVE, LOCATION, REACTION, "
            "STICKER, TEMPLATE, TEXT, VIDEO} - got \"" +
            send.type + "\"."));
    }
    if (auto checked = check_extras(body, send); !checked) return std::unexpected(checked.error());
    if (auto checked = check_content(body, send, templates); !checked) return std::unexpected(checked.error());
    if (!send.user_id.empty() && send.category == "authentication") {
        return std::unexpected(
            GraphError{.code = 131062,
                       .message = "(#131062) Business-scoped user ID recipients are not supported for this message",
                       .details = "Authentication templates need a phone number."});
    }
    return send;
}

}  // namespace parley::simulator

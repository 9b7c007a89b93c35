#include "wa/summary.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "wa/fields.hpp"

namespace parley::wa {
namespace {

constexpr std::size_t kLongestKind = 50;

/// `label`, or "label: detail" when there is a detail.
std::string labelled(std::string_view label, std::string_view detail) {
    std::string out(label);
    if (!detail.empty()) out.append(": ").append(detail);
    return out;
}

std::string first_of(std::string words, std::string_view otherwise) {
    return words.empty() ? std::string(otherwise) : words;
}

std::string text(const json::value& content) {
    return json::text(content, "body");
}
std::string image(const json::value& content) {
    return first_of(json::text(content, "caption"), "Image");
}
std::string video(const json::value& content) {
    return first_of(json::text(content, "caption"), "Video");
}
std::string sticker(const json::value&) {
    return "Sticker";
}
std::string audio(const json::value& content) {
    return json::boolean(content, "voice") ? "Voice message" : "Audio";
}

std::string document(const json::value& content) {
    auto caption = json::text(content, "caption");
    return caption.empty() ? labelled("Document", json::text(content, "filename")) : caption;
}

/// Degrees with at most six decimals, which is a tenth of a metre.
std::string degrees(const json::value& location, std::string_view name) {
    const auto* number = member(location, name).if_double();
    if (!number) return json::text(location, name);
    std::array<char, 64> buffer;
    auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), *number, std::chars_format::fixed, 6);
    if (written.ec != std::errc{}) return {};
    std::string out(buffer.data(), written.ptr);
    out.erase(out.find_last_not_of('0') + 1);
    if (out.ends_with('.')) out.pop_back();
    return out;
}

std::string pair_of(std::string first, const std::string& second) {
    if (!first.empty() && !second.empty()) first += ", ";
    return first += second;
}

std::string location(const json::value& content) {
    auto place = pair_of(json::text(content, "name"), json::text(content, "address"));
    if (place.empty()) place = pair_of(degrees(content, "latitude"), degrees(content, "longitude"));
    return labelled("Location", place);
}

std::string name_of_card(const json::value& card) {
    const auto& name = member(card, "name");
    auto formatted = json::text(name, "formatted_name");
    if (!formatted.empty()) return formatted;
    auto full = json::text(name, "first_name");
    auto last = json::text(name, "last_name");
    if (!full.empty() && !last.empty()) full += ' ';
    full += last;
    return full.empty() ? json::text(member(card, "org"), "company") : full;
}

std::string phone_of_card(const json::value& card) {
    auto* phones = json::find_array(card, "phones");
    if (!phones || phones->empty()) return {};
    auto phone = json::text(phones->front(), "phone");
    return phone.empty() ? json::text(phones->front(), "wa_id") : phone;
}

std::string contacts(const json::value& content) {
    auto* cards = content.if_array();
    if (!cards || cards->empty()) return "Contact";
    if (cards->size() == 1) {
        auto name = name_of_card(cards->front());
        auto phone = phone_of_card(cards->front());
        if (!name.empty() && !phone.empty()) phone = " (" + phone + ")";
        return labelled("Contact", name + phone);
    }
    std::string list;
    for (const auto& card : *cards) {
        auto name = name_of_card(card);
        if (name.empty()) name = phone_of_card(card);
        if (name.empty()) continue;
        if (!list.empty()) list += ", ";
        list += name;
    }
    return labelled("Contacts", list);
}

std::string button(const json::value& content) {
    auto label = json::text(content, "text");
    if (label.empty()) label = json::text(content, "payload");
    return label.empty() ? unsupported_summary("button") : label;
}

std::string form(const json::value& reply) {
    auto name = text_view(reply, "name");
    // "flow" is what Meta writes for a flow without a name.
    return labelled("Form answered", name == "flow" ? std::string_view() : name);
}

std::string call_permission(const json::value& reply) {
    auto response = text_view(reply, "response");
    if (response == "accept") return "Call permission accepted";
    if (response == "reject") return "Call permission rejected";
    return "Call permission answered";
}

std::string interactive(const json::value& content) {
    auto kind = text_view(content, "type");
    const auto& reply = member(content, kind);
    if (kind == "nfm_reply") return form(reply);
    if (kind == "call_permission_reply") return call_permission(reply);
    std::string said;
    if (kind == "button_reply") said = json::text(reply, "title");
    // Of our own messages.
    if (kind == "button" || kind == "list" || kind == "cta_url" || kind == "location_request_message")
        said = json::text(member(content, "body"), "text");
    if (kind == "list_reply") said = pair_of(json::text(reply, "title"), json::text(reply, "description"));
    return said.empty() ? unsupported_summary(kind.empty() ? "interactive" : kind) : said;
}

std::string order(const json::value& content) {
    auto* products = json::find_array(content, "product_items");
    auto count = products ? products->size() : 0;
    auto out = "Order: " + std::to_string(count) + (count == 1 ? " item" : " items");
    auto words = text_view(content, "text");
    if (!words.empty()) out.append(". ").append(words);
    return out;
}

std::string request_welcome(const json::value&) {
    return "Opened the chat";
}
std::string system(const json::value& content) {
    return first_of(json::text(content, "body"), "System message");
}
std::string unsupported(const json::value& content) {
    return unsupported_summary(text_view(content, "type"));
}

struct Kind {
    std::string_view type;
    std::string (*summary)(const json::value& content);
};

constexpr std::array<Kind, 15> kKinds{{
    {"text", text},
    {"image", image},
    {"audio", audio},
    {"video", video},
    {"document", document},
    {"sticker", sticker},
    {"location", location},
    {"contacts", contacts},
    {"interactive", interactive},
    {"button", button},
    {"order", order},
    {"system", system},
    {"request_welcome", request_welcome},
    {"unsupported", unsupported},
    {"unknown", unsupported},
}};

}  // namespace

std::string unsupported_summary(std::string_view kind) {
    std::string out = "Unsupported message";
    if (!kind.empty()) out.append(" (").append(first_code_points(kind, kLongestKind)).append(")");
    return out;
}

std::string summarise(const json::value& message, std::string_view type) {
    auto kind = std::ranges::find(kKinds, type, &Kind::type);
    if (kind == kKinds.end()) return unsupported_summary(type);
    return first_of(kind->summary(member(message, type)), "Empty message");
}

}  // namespace parley::wa

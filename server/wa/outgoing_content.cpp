#include "wa/outgoing_content.hpp"

#include <array>
#include <cmath>
#include <set>

#include "base/text.hpp"
#include "wa/fields.hpp"
#include "wa/summary.hpp"

namespace parley::wa {
namespace {

/// The first rule that was broken; those that follow from it are of no interest.
struct Broken {
    Error error;
};

[[noreturn]] void broken(const std::string& path, const std::string& rule) {
    throw Broken{{Errc::invalid_argument, path + " " + rule, path}};
}

/// One object of the request, with the path that leads to it.
class Part {
  public:
    Part(const json::value& value, std::string path) : object_(value.if_object()), path_(std::move(path)) {
        if (!object_) broken(path_, "must be an object.");
    }

    const std::string& path() const { return path_; }
    std::string path_of(std::string_view name) const { return path_ + "." + std::string(name); }
    const json::value* find(std::string_view name) const {
        const auto* value = object_->if_contains(name);
        return value && !value->is_null() ? value : nullptr;
    }
    Part part(std::string_view name) const {
        const auto* value = find(name);
        if (!value) broken(path_of(name), "is required.");
        return Part(*value, path_of(name));
    }
    /// Text of at most `limit` characters; empty when absent.
    std::string text(std::string_view name, std::size_t limit) const {
        const auto* value = find(name);
        if (!value) return {};
        const auto* text = value->if_string();
        if (!text) broken(path_of(name), "must be a string.");
        std::string out(*text);
        if (!is_storable_text(out)) broken(path_of(name), "must be valid Unicode text without NUL.");
        if (count_code_points(out) > limit)
            broken(path_of(name), "must have at most " + std::to_string(limit) + " characters.");
        return out;
    }
    std::string required(std::string_view name, std::size_t limit) const {
        auto out = text(name, limit);
        if (out.find_first_not_of(" \t\r\n") == out.npos) broken(path_of(name), "must not be empty.");
        return out;
    }
    std::vector<Part> list(std::string_view name, std::size_t least, std::size_t most) const {
        const auto* value = find(name);
        if (!value && least == 0) return {};
        const auto* array = value ? value->if_array() : nullptr;
        if (!array) broken(path_of(name), "must be an array.");
        if (array->size() < least || array->size() > most)
            broken(path_of(name), "must have " + std::to_string(least) + " to " + std::to_string(most) + " elements.");
        std::vector<Part> out;
        for (std::size_t i = 0; i < array->size(); ++i)
            out.emplace_back((*array)[i], path_of(name) + "[" + std::to_string(i) + "]");
        return out;
    }
    double degrees(std::string_view name, double most) const {
        const auto* value = find(name);
        if (!value) broken(path_of(name), "is required.");
        boost::system::error_code error;
        auto number = value->is_number() ? value->to_number<double>(error) : std::nan("");
        if (std::isnan(number) || std::abs(number) > most)
            broken(path_of(name), "must be a number from -" + std::to_string(static_cast<int>(most)) + " to " +
                                      std::to_string(static_cast<int>(most)) + ".");
        return number;
    }

  private:
    const json::object* object_;
    std::string path_;
};

/// Texts under some names, without those that are absent.
json::object texts_of(const Part& part, std::initializer_list<std::string_view> names, std::size_t limit) {
    json::object out;
    for (auto name : names)
        if (auto text = part.text(name, limit); !text.empty()) out[name] = text;
    return out;
}

json::object location(const Part& given) {
    json::object out{{"latitude", given.degrees("latitude", 90)}, {"longitude", given.degrees("longitude", 180)}};
    for (auto& [name, text] : texts_of(given, {"name", "address"}, 1000)) out[name] = text;
    return out;
}

json::array entries_of(const Part& card, std::string_view list, std::string_view needed,
                       std::initializer_list<std::string_view> names) {
    constexpr std::size_t kMost = 20, kLongest = 500;
    json::array out;
    for (const auto& entry : card.list(list, 0, kMost)) {
        if (!needed.empty()) entry.required(needed, kLongest);
        out.push_back(texts_of(entry, names, kLongest));
    }
    return out;
}

json::object contact(const Part& card) {
    constexpr std::size_t kLongest = 500;
    auto name = card.part("name");
    name.required("formatted_name", kLongest);
    auto names =
        texts_of(name, {"formatted_name", "first_name", "last_name", "middle_name", "prefix", "suffix"}, kLongest);
    // Meta wants one more part of the name beside the whole.
    if (names.size() == 1) names["first_name"] = names["formatted_name"];
    json::object out{{"name", std::move(names)}};
    auto add = [&](std::string_view list, json::array entries) {
        if (!entries.empty()) out[list] = std::move(entries);
    };
    add("phones", entries_of(card, "phones", "phone", {"phone", "wa_id", "type"}));
    add("emails", entries_of(card, "emails", "email", {"email", "type"}));
    add("urls", entries_of(card, "urls", "url", {"url", "type"}));
    add("addresses",
        entries_of(card, "addresses", "", {"street", "city", "state", "zip", "country", "country_code", "type"}));
    if (card.find("org")) out["org"] = texts_of(card.part("org"), {"company", "department", "title"}, kLongest);
    if (auto birthday = card.text("birthday", 10); !birthday.empty()) out["birthday"] = birthday;
    return out;
}

json::array contacts(const json::value& given) {
    constexpr std::size_t kMost = 257;
    json::value wrapped = json::object{{"contacts", given}};
    json::array out;
    for (const auto& card : Part(wrapped, "").list("contacts", 1, kMost)) out.push_back(contact(card));
    return out;
}

json::object buttons(const Part& action) {
    constexpr std::size_t kMost = 3, kTitle = 20, kId = 256;
    json::array out;
    std::set<std::string> ids, titles;
    for (const auto& button : action.list("buttons", 1, kMost)) {
        auto reply = button.part("reply");
        auto id = reply.required("id", kId), title = reply.required("title", kTitle);
        if (!ids.insert(id).second) broken(reply.path_of("id"), "must differ from the other buttons' ids.");
        if (!titles.insert(title).second) broken(reply.path_of("title"), "must differ from the other buttons' titles.");
        out.push_back({{"type", "reply"}, {"reply", {{"id", id}, {"title", title}}}});
    }
    return {{"buttons", std::move(out)}};
}

json::object list(const Part& action) {
    constexpr std::size_t kMost = 10, kButton = 20, kTitle = 24, kDescription = 72, kId = 200;
    json::array sections;
    std::set<std::string> ids;
    std::size_t rows_in_all = 0;
    auto given = action.list("sections", 1, kMost);
    for (const auto& section : given) {
        json::object out;
        auto title = given.size() > 1 ? section.required("title", kTitle) : section.text("title", kTitle);
        if (!title.empty()) out["title"] = title;
        json::array rows;
        for (const auto& row : section.list("rows", 1, kMost)) {
            auto id = row.required("id", kId);
            if (!ids.insert(id).second) broken(row.path_of("id"), "must differ from the other rows' ids.");
            json::object entry{{"id", id}, {"title", row.required("title", kTitle)}};
            if (auto words = row.text("description", kDescription); !words.empty()) entry["description"] = words;
            rows.push_back(std::move(entry));
        }
        rows_in_all += rows.size();
        if (rows_in_all > kMost) broken(action.path_of("sections"), "must have at most 10 rows in all.");
        out["rows"] = std::move(rows);
        sections.push_back(std::move(out));
    }
    return {{"button", action.required("button", kButton)}, {"sections", std::move(sections)}};
}

json::object link(const Part& action) {
    constexpr std::size_t kText = 20, kUrl = 2000;
    auto parameters = action.part("parameters");
    auto url = parameters.required("url", kUrl);
    bool web = url.starts_with("https://") || url.starts_with("http://");
    if (!web) broken(parameters.path_of("url"), "must be an http or https address.");
    return {{"name", "cta_url"},
            {"parameters", {{"display_text", parameters.required("display_text", kText)}, {"url", url}}}};
}

json::object header(const Part& given, std::string_view kind) {
    constexpr std::size_t kText = 60;
    auto type = given.required("type", kText);
    if (type == "text") return {{"type", "text"}, {"text", given.required("text", kText)}};
    bool file = type == "image" || type == "video" || type == "document";
    if (!file || kind == "list")
        broken(given.path_of("type"),
               kind == "list" ? "must be text for a list." : "must be text, image, video or document.");
    return {{"type", type}, {type, json::object{}}};
}

json::object interactive(const Part& given) {
    constexpr std::size_t kBody = 1024, kFooter = 60, kWord = 60;
    auto kind = given.required("type", kWord);
    json::object out{{"type", kind}};
    if (given.find("header")) {
        if (kind == "location_request_message") broken(given.path_of("header"), "is not possible for this type.");
        out["header"] = header(given.part("header"), kind);
    }
    out["body"] = {{"text", given.part("body").required("text", kBody)}};
    if (given.find("footer")) out["footer"] = {{"text", given.part("footer").required("text", kFooter)}};
    if (kind == "button")
        out["action"] = buttons(given.part("action"));
    else if (kind == "list")
        out["action"] = list(given.part("action"));
    else if (kind == "cta_url")
        out["action"] = link(given.part("action"));
    else if (kind == "location_request_message")
        out["action"] = {{"name", "send_location"}};
    else
        broken(given.path_of("type"), "must be button, list, cta_url or location_request_message.");
    return out;
}

json::value content_of(std::string_view type, const json::value& given) {
    if (type == "location") return location(Part(given, "location"));
    if (type == "contacts") return contacts(given);
    return interactive(Part(given, "interactive"));
}

}  // namespace

Result<OutgoingContent> check_content(std::string_view type, const json::value& given) {
    try {
        OutgoingContent out;
        out.graph = content_of(type, given);
        json::value message = json::object{{type, out.graph}};
        out.text = summarise(message, type);
        return out;
    } catch (const Broken& rule) {
        auto error = rule.error;
        if (error.member.starts_with('.')) error.member.erase(0, 1);
        if (error.detail.starts_with('.')) error.detail.erase(0, 1);
        return std::unexpected(std::move(error));
    }
}

std::string_view header_file_kind(const json::value& interactive) {
    auto type = text_view(member(interactive, "header"), "type");
    return type == "text" ? std::string_view() : type;
}

}  // namespace parley::wa

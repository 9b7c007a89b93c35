#include "wa/template_list.hpp"

#include <algorithm>
#include <array>

#include "wa/fields.hpp"
#include "wa/template_text.hpp"

namespace parley::wa {
namespace {

constexpr std::array<std::string_view, 4> kFields{
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
};

/// The statuses that the list has; other events (FLAGGED, LOCKED) leave a template as it is.
constexpr std::array<std::string_view, 10> kStatuses{"APPROVED",       "PENDING",   "REJECTED",         "PAUSED",
                                                     "DISABLED",       "IN_APPEAL", "PENDING_DELETION", "DELETED",
                                                     "LIMIT_EXCEEDED", "ARCHIVED"};

std::string escaped(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '_' || c == '.' || c == '~';
        auto byte = static_cast<unsigned char>(c);
        if (plain)
            out += c;
        else
            out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
    return out;
}

void raise(json::value& container, std::string_view name) {
    if (auto* word = container.get_object().if_contains(name); word && word->is_string())
        *word = upper_case(word->get_string());
}

json::array in_upper_case(json::array components) {
    for (auto& component : components) {
        if (!component.is_object()) continue;
        raise(component, "type");
        raise(component, "format");
        auto* buttons = component.get_object().if_contains("buttons");
        if (!buttons || !buttons->is_array()) continue;
        for (auto& button : buttons->get_array())
            if (button.is_object()) raise(button, "type");
    }
    return components;
}

std::string without_none(std::string reason) {
    return reason == "NONE" ? std::string() : reason;
}

/// A string of its own, or {"score":"GREEN","date":...}.
std::string quality_of(const json::value& listed) {
    const auto& score = member(listed, "quality_score");
    return upper_case(score.is_object() ? json::text(score, "score") : json::text(listed, "quality_score"));
}

TemplateDefinition read_definition(const json::value& listed) {
    TemplateDefinition out;
    out.id = json::text(listed, "id");
    out.name = json::text(listed, "name");
    out.language = json::text(listed, "language");
    out.category = upper_case(json::text(listed, "category"));
    out.status = upper_case(json::text(listed, "status"));
    out.parameter_format = upper_case(json::text(listed, "parameter_format"));
    if (out.parameter_format.empty()) out.parameter_format = "POSITIONAL";
    if (const auto* components = json::find_array(listed, "components")) out.components = in_upper_case(*components);
    out.quality = quality_of(listed);
    out.rejected_reason = without_none(json::text(listed, "rejected_reason"));
    return out;
}

bool is_word(std::string_view word, std::size_t longest) {
    return !word.empty() && word.size() <= longest;
}

std::string status_of(std::string_view event) {
    auto word = upper_case(event);
    if (word == "REINSTATED") return "APPROVED";
    return std::ranges::find(kStatuses, word) == kStatuses.end() ? std::string() : word;
}

}  // namespace

std::string template_list_path(std::string_view waba_id, std::string_view after) {
    auto path = "/" + escaped(waba_id) +
                "/message_templates?fields=id,name,language,status,category,parameter_format,components,quality_score,"
                "rejected_reason&limit=" +
                std::to_string(kTemplatesPerPage);
    return after.empty() ? path : path + "&after=" + escaped(after);
}

std::optional<TemplatePage> read_template_page(const json::value& answer) {
    const auto* data = json::find_array(answer, "data");
    if (!data) return std::nullopt;
    TemplatePage page;
    for (const auto& listed : *data) {
        auto definition = read_definition(listed);
        if (is_word(definition.id, 64) && is_word(definition.name, 512) && is_word(definition.language, 64))
            page.templates.push_back(std::move(definition));
    }
    const auto& paging = member(answer, "paging");
    // The last page has a cursor as well, and a short page may not be the last.
    bool last = data->empty() || (data->size() < kTemplatesPerPage && !json::find(paging, "next"));
    if (!last) page.next = json::text(member(paging, "cursors"), "after");
    return page;
}

std::optional<TemplateChange> read_template_change(std::string_view field, const json::value& value,
                                                   std::string_view waba_id) {
    if (waba_id.empty() || std::ranges::find(kFields, field) == kFields.end()) return std::nullopt;
    TemplateChange change;
    change.waba_id = waba_id;
    change.template_id = json::text(value, "message_template_id");
    change.status = status_of(text_view(value, "event"));
    if (!change.status.empty()) change.rejected_reason = without_none(json::text(value, "reason"));
    change.category = upper_case(text_view(value, "new_category"));
    change.quality = upper_case(text_view(value, "new_quality_score"));
    return change;
}

}  // namespace parley::wa

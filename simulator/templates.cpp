#include "simulator/templates.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "simulator/meta_ids.hpp"
#include "simulator/template_seeds.hpp"

namespace parley::simulator {
namespace {

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return text;
}

Template from_json(const json::value& value) {
    Template made{.id = json::text(value, "id"),
                  .name = json::text(value, "name"),
                  .language = json::text(value, "language"),
                  .status = json::text(value, "status"),
                  .category = upper(json::text(value, "category")),
                  .components = {}};
    if (auto reason = json::text(value, "rejected_reason"); !reason.empty()) made.rejected_reason = reason;
    if (auto format = upper(json::text(value, "parameter_format")); !format.empty()) made.parameter_format = format;
    if (const auto* components = json::find_array(value, "components")) made.components = *components;
    return made;
}

bool is_template_name(std::string_view name) {
    return !name.empty() && name.size() <= 512 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

GraphError creation_error(std::string title, std::string message) {
    return {.message = "Invalid parameter",
            .subcode = 2388042,
            .is_transient = false,
            .user_title = std::move(title),
            .user_message = std::move(message)};
}

}  // namespace

json::object to_json(const Template& message_template) {
    return {{"name", message_template.name},
            {"parameter_format", message_template.parameter_format},
            {"components", message_template.components},
            {"language", message_template.language},
            {"status", message_template.status},
            {"category", message_template.category},
            {"quality_score", {{"score", message_template.quality}}},
            {"rejected_reason", message_template.rejected_reason},
            {"id", message_template.id}};
}

void TemplateStore::reset() {
    templates_.clear();
    auto seeds = json::parse(kTemplateSeeds);
    for (const auto& seed : seeds->as_array()) templates_.push_back(from_json(seed));
}

void TemplateStore::renew_ids() {
    for (auto& one : templates_) one.id = new_object_id();
}

const Template* TemplateStore::find(std::string_view name, std::string_view language) const {
    auto found =
        std::ranges::find_if(templates_, [&](const Template& t) { return t.name == name && t.language == language; });
    return found == templates_.end() ? nullptr : &*found;
}

Template* TemplateStore::find_by_id(std::string_view id) {
    auto found = std::ranges::find_if(templates_, [&](const Template& t) { return t.id == id; });
    return found == templates_.end() ? nullptr : &*found;
}

Checked<Template> TemplateStore::create(const json::value& body) {
    for (std::string_view name : {"name", "language", "category"}) {
        if (json::text(body, name).empty()) return std::unexpected(missing_parameter(name));
    }
    const auto* components = json::find_array(body, "components");
    if (components == nullptr || components->empty()) return std::unexpected(missing_parameter("components"));
    Template made = from_json(body);
    made.id = new_object_id();
    made.status = "PENDING";
    if (!is_template_name(made.name)) {
        return std::unexpected(creation_error("Template name is not valid",
                                              "A template name can have lower-case letters, digits and underscores."));
    }
    constexpr std::array<std::string_view, 3> kCategories{"MARKETING", "UTILITY", "AUTHENTICATION"};
    if (std::ranges::find(kCategories, made.category) == kCategories.end()) {
        return std::unexpected(
            bad_parameter("Param category must be one of {AUTHENTICATION, MARKETING, UTILITY} - got \"" +
                          json::text(body, "category") + "\"."));
    }
    bool has_body = std::ranges::any_of(made.components, [](const json::value& component) {
        return upper(json::text(component, "type")) == "BODY" &&
               count_code_points(json::text(component, "text")) <= 1024;
    });
    if (!has_body) {
        return std::unexpected(
            creation_error("Body is not valid", "A template needs one BODY of at most 1024 characters."));
    }
    if (find(made.name, made.language) != nullptr || templates_.size() >= kMaxTemplates) {
        return std::unexpected(
            GraphError{.message = "Invalid parameter",
                       .subcode = 2388024,
                       .is_transient = false,
                       .user_title = "Content in this language already exists",
                       .user_message = "There is already content for this template in this language."});
    }
    templates_.push_back(made);
    return made;
}

std::size_t TemplateStore::remove(std::string_view name, std::string_view id) {
    return std::erase_if(templates_, [&](const Template& t) { return t.name == name && (id.empty() || t.id == id); });
}

}  // namespace parley::simulator

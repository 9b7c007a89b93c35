// Whether a template send fits the template that it names.
#include <algorithm>
#include <set>

#include "simulator/templates.hpp"

namespace parley::simulator {
namespace {

std::string in_case(std::string text, char from, char to, int shift) {
    for (char& c : text) {
        if (c >= from && c <= to) c = static_cast<char>(c + shift);
    }
    return text;
}
std::string upper(std::string text) {
    return in_case(std::move(text), 'a', 'z', -32);
}
std::string lower(std::string text) {
    return in_case(std::move(text), 'A', 'Z', 32);
}

/// The names between {{ and }}: "1", "2" or "first_name".
std::set<std::string> placeholders(std::string_view text) {
    std::set<std::string> names;
    for (std::size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) {
        auto end = text.find("}}", at);
        if (end == std::string_view::npos) break;
        names.emplace(text.substr(at + 2, end - at - 2));
    }
    return names;
}

const json::value* stored_component(const Template& stored, std::string_view type) {
    for (const auto& component : stored.components) {
        if (upper(json::text(component, "type")) == type) return &component;
    }
    return nullptr;
}

json::array sent_parameters(const json::value& message_template, std::string_view type) {
    const auto* components = json::find_array(message_template, "components");
    if (components == nullptr) return {};
    for (const auto& component : *components) {
        if (lower(json::text(component, "type")) != type) continue;
        const auto* parameters = json::find_array(component, "parameters");
        return parameters == nullptr ? json::array{} : *parameters;
    }
    return {};
}

GraphError count_mismatch(std::string_view where, std::size_t sent, std::size_t expected) {
    return {.code = 132000,
            .message = "(#132000) Number of parameters does not match the expected number of params",
            .details = std::string(where) + ": number of localizable_params (" + std::to_string(sent) +
                       ") does not match the expected number of params (" + std::to_string(expected) + ")"};
}

GraphError format_mismatch(std::string details) {
    return {.code = 132012,
            .message = "(#132012) Parameter format does not match format in the created template",
            .details = std::move(details)};
}

std::optional<GraphError> check_text(const Template& stored, const json::value& sent, std::string_view text,
                                     std::string_view where) {
    auto expected = placeholders(text);
    auto parameters = sent_parameters(sent, where);
    if (parameters.size() != expected.size()) return count_mismatch(where, parameters.size(), expected.size());
    if (stored.parameter_format != "NAMED") return std::nullopt;
    for (const auto& parameter : parameters) {
        auto name = json::text(parameter, "parameter_name");
        if (name.empty()) return invalid_parameter("Parameter name is missing or empty");
        if (!expected.contains(name)) return invalid_parameter("Parameter name " + name + " is not in the template");
    }
    return std::nullopt;
}

std::optional<GraphError> check_header(const Template& stored, const json::value& sent) {
    const auto* header = stored_component(stored, "HEADER");
    if (header == nullptr) {
        auto parameters = sent_parameters(sent, "header");
        if (!parameters.empty()) return count_mismatch("header", parameters.size(), 0);
        return std::nullopt;
    }
    auto format = upper(json::text(*header, "format"));
    if (format == "TEXT") return check_text(stored, sent, json::text(*header, "text"), "header");
    auto parameters = sent_parameters(sent, "header");
    auto received = parameters.empty() ? std::string("UNKNOWN") : upper(json::text(parameters[0], "type"));
    if (received == format) return std::nullopt;
    return format_mismatch("header: Format mismatch, expected " + format + ", received " + received);
}

std::string filled_in(std::string text, const json::array& parameters) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        auto name = json::text(parameters[i], "parameter_name");
        auto placeholder = "{{" + (name.empty() ? std::to_string(i + 1) : name) + "}}";
        auto value = json::text(parameters[i], "text");
        for (auto at = text.find(placeholder); at != std::string::npos;
             at = text.find(placeholder, at + value.size())) {
            text.replace(at, placeholder.size(), value);
        }
    }
    return text;
}

}  // namespace

json::object render_template(const json::value& message_template, const TemplateStore& templates) {
    const auto* language = json::find(message_template, "language");
    auto code = language == nullptr ? std::string() : json::text(*language, "code");
    const Template* stored = templates.find(json::text(message_template, "name"), code);
    if (stored == nullptr) return {};
    json::object made;
    for (auto [type, name] :
         {std::pair{"HEADER", "header"}, std::pair{"BODY", "body"}, std::pair{"FOOTER", "footer"}}) {
        const auto* component = stored_component(*stored, type);
        if (component == nullptr) continue;
        made[name] = filled_in(json::text(*component, "text"), sent_parameters(message_template, name));
    }
    const auto* component = stored_component(*stored, "BUTTONS");
    const auto* buttons = component == nullptr ? nullptr : json::find_array(*component, "buttons");
    if (buttons == nullptr) return made;
    json::array labels;
    for (const auto& button : *buttons) {
        if (upper(json::text(button, "type")) == "QUICK_REPLY") labels.emplace_back(json::text(button, "text"));
    }
    made["buttons"] = std::move(labels);
    return made;
}

Checked<std::string> check_template_send(const json::value& message_template, const TemplateStore& templates) {
    auto name = json::text(message_template, "name");
    if (name.empty()) return std::unexpected(missing_parameter("template['name']"));
    const auto* language = json::find(message_template, "language");
    auto code = language == nullptr ? std::string() : json::text(*language, "code");
    if (code.empty()) return std::unexpected(missing_parameter("template['language']"));

    const Template* stored = templates.find(name, code);
    if (stored != nullptr && stored->status == "PAUSED") {
        return std::unexpected(GraphError{.code = 132015,
                                          .message = "(#132015) Template is Paused",
                                          .details = "Template is paused due to low quality so it cannot be sent."});
    }
    if (stored != nullptr && stored->status == "DISABLED") {
        return std::unexpected(GraphError{.code = 132016,
                                          .message = "(#132016) Template is Disabled",
                                          .details = "Template has been paused too many times due to low quality."});
    }
    if (stored == nullptr || stored->status != "APPROVED") {
        return std::unexpected(GraphError{.status = 404,
                                          .code = 132001,
                                          .message = "(#132001) Template name does not exist in the translation",
                                          .details = "template name (" + name + ") does not exist in " + code});
    }
    if (auto error = check_header(*stored, message_template)) return std::unexpected(*error);
    const auto* body = stored_component(*stored, "BODY");
    auto text = body == nullptr ? std::string() : json::text(*body, "text");
    if (auto error = check_text(*stored, message_template, text, "body")) return std::unexpected(*error);
    return lower(stored->category);
}

}  // namespace parley::simulator

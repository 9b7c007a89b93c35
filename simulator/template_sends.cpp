// Whether a template send fits the template that it names, and what the customer sees of it.
#include <algorithm>
#include <array>
#include <set>

#include "simulator/fields.hpp"
#include "simulator/templates.hpp"
#include "simulator/validation.hpp"

namespace parley::simulator {
namespace {

std::string in_lower_case(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return text;
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
        if (in_upper_case(json::text(component, "type")) == type) return &component;
    }
    return nullptr;
}

const json::array& stored_buttons(const Template& stored) {
    static const json::array kNone;
    const auto* component = stored_component(stored, "BUTTONS");
    const auto* buttons = component == nullptr ? nullptr : json::find_array(*component, "buttons");
    return buttons == nullptr ? kNone : *buttons;
}

json::array parameters_of(const json::value& component) {
    const auto* parameters = json::find_array(component, "parameters");
    return parameters == nullptr ? json::array{} : *parameters;
}

json::array sent_parameters(const json::value& message_template, std::string_view type) {
    const auto* components = json::find_array(message_template, "components");
    if (components == nullptr) return {};
    for (const auto& component : *components) {
        if (in_lower_case(json::text(component, "type")) == type) return parameters_of(component);
    }
    return {};
}

/// The component that fills the button at `index`; nullptr when there is none. The index comes as text or number.
const json::value* sent_button(const json::value& message_template, std::size_t index) {
    const auto* components = json::find_array(message_template, "components");
    if (components == nullptr) return nullptr;
    for (const auto& component : *components) {
        if (in_lower_case(json::text(component, "type")) != "button") continue;
        bool named = json::text(component, "index") == std::to_string(index) ||
                     json::integer(component, "index") == static_cast<std::int64_t>(index);
        if (named) return &component;
    }
    return nullptr;
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

/// What a parameter shows: its text, or the fallback of a currency or a time.
std::string shown(const json::value& parameter) {
    auto type = in_lower_case(json::text(parameter, "type"));
    if (type != "currency" && type != "date_time") return json::text(parameter, "text");
    const auto* value = json::find(parameter, type);
    return value == nullptr ? std::string() : json::text(*value, "fallback_value");
}

std::optional<GraphError> check_text(const Template& stored, const json::value& sent, std::string_view text,
                                     std::string_view where) {
    auto expected = placeholders(text);
    auto parameters = sent_parameters(sent, where);
    if (parameters.size() != expected.size()) return count_mismatch(where, parameters.size(), expected.size());
    for (const auto& parameter : parameters) {
        if (shown(parameter).empty()) {
            return required_missing(std::string(where) + ": parameter of type text is missing text value");
        }
        if (stored.parameter_format != "NAMED") continue;
        auto name = json::text(parameter, "parameter_name");
        if (name.empty()) return invalid_parameter("Parameter name is missing or empty");
        if (!expected.contains(name)) return invalid_parameter("Parameter name " + name + " is not in the template");
    }
    return std::nullopt;
}

std::optional<GraphError> check_header(const Template& stored, const json::value& sent) {
    const auto* header = stored_component(stored, "HEADER");
    auto parameters = sent_parameters(sent, "header");
    if (header == nullptr) {
        if (!parameters.empty()) return count_mismatch("header", parameters.size(), 0);
        return std::nullopt;
    }
    auto format = in_upper_case(json::text(*header, "format"));
    if (format == "TEXT") return check_text(stored, sent, json::text(*header, "text"), "header");
    auto received = parameters.empty() ? std::string("UNKNOWN") : in_upper_case(json::text(parameters[0], "type"));
    if (received != format) {
        return format_mismatch("header: Format mismatch, expected " + format + ", received " + received);
    }
    auto kind = in_lower_case(format);
    const auto* content = json::find(parameters[0], kind);
    if (content == nullptr) return required_missing("header: parameter " + kind + " is missing");
    auto checked = kind == "location" ? check_location(*content) : check_media_reference(*content, kind);
    return checked ? std::nullopt : std::optional(checked.error());
}

bool needs_parameter(const json::value& button) {
    auto type = in_upper_case(json::text(button, "type"));
    return type == "COPY_CODE" || type == "OTP" || (type == "URL" && !placeholders(json::text(button, "url")).empty());
}

std::optional<GraphError> check_button(const json::value& stored, const json::value* sent, std::size_t index) {
    auto where = "button at index " + std::to_string(index);
    if (sent == nullptr) {
        if (!needs_parameter(stored)) return std::nullopt;
        return GraphError{
            .code = 131008,
            .message = "(#131008) Required parameter is missing",
            .details = "buttons: " + where + " of type " + json::text(stored, "type") + " requires a parameter"};
    }
    auto type = in_upper_case(json::text(stored, "type"));
    auto sub_type = in_upper_case(json::text(*sent, "sub_type"));
    if (sub_type != type && !(type == "OTP" && sub_type == "URL")) {
        return invalid_parameter("buttons: " + where + " is of type " + type + ", not " + sub_type);
    }
    auto parameters = parameters_of(*sent);
    if (needs_parameter(stored) && parameters.size() != 1) return count_mismatch(where, parameters.size(), 1);
    if (type == "COPY_CODE" &&
        (json::text(parameters[0], "type") != "coupon_code" || json::text(parameters[0], "coupon_code").empty())) {
        return value_not_valid(where + ": a parameter of type coupon_code is needed");
    }
    if (type == "COPY_CODE") {
        auto checked = check_length("Coupon code", json::text(parameters[0], "coupon_code"), 1, 15);
        if (!checked) return checked.error();
    }
    if (type == "URL" && needs_parameter(stored) && json::text(parameters[0], "text").empty()) {
        return required_missing(where + ": parameter of type text is missing text value");
    }
    return std::nullopt;
}

std::optional<GraphError> check_buttons(const Template& stored, const json::value& sent) {
    const auto& buttons = stored_buttons(stored);
    for (std::size_t i = 0; i < buttons.size(); ++i) {
        if (auto error = check_button(buttons[i], sent_button(sent, i), i)) return error;
    }
    const auto* components = json::find_array(sent, "components");
    auto is_button = [](const json::value& one) { return in_lower_case(json::text(one, "type")) == "button"; };
    auto count = components == nullptr ? 0 : std::ranges::count_if(*components, is_button);
    if (static_cast<std::size_t>(count) > buttons.size()) {
        return count_mismatch("buttons", static_cast<std::size_t>(count), buttons.size());
    }
    return std::nullopt;
}

std::string filled_in(std::string text, const json::array& parameters) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        auto name = json::text(parameters[i], "parameter_name");
        auto placeholder = "{{" + (name.empty() ? std::to_string(i + 1) : name) + "}}";
        auto value = shown(parameters[i]);
        for (auto at = text.find(placeholder); at != std::string::npos;
             at = text.find(placeholder, at + value.size())) {
            text.replace(at, placeholder.size(), value);
        }
    }
    return text;
}

json::object rendered_header(const json::value& stored, const json::value& sent) {
    auto format = in_upper_case(json::text(stored, "format"));
    auto parameters = sent_parameters(sent, "header");
    json::object made{{"format", format}};
    if (format == "TEXT") {
        made["text"] = filled_in(json::text(stored, "text"), parameters);
    } else if (!parameters.empty()) {
        auto kind = in_lower_case(format);
        if (const auto* content = json::find(parameters[0], kind)) made[kind] = *content;
    }
    return made;
}

json::object rendered_button(const json::value& stored, const json::value* sent) {
    auto type = in_upper_case(json::text(stored, "type"));
    auto parameters = sent == nullptr ? json::array{} : parameters_of(*sent);
    json::object made{{"type", type}, {"text", json::text(stored, "text")}};
    if (type == "URL") made["url"] = filled_in(json::text(stored, "url"), parameters);
    if (type == "PHONE_NUMBER") made["phone_number"] = json::text(stored, "phone_number");
    if (type == "COPY_CODE" && !parameters.empty()) {
        made["text"] = "Copy offer code";
        made["code"] = json::text(parameters[0], "coupon_code");
    }
    if (type == "QUICK_REPLY") {
        auto payload = parameters.empty() ? std::string() : json::text(parameters[0], "payload");
        made["payload"] = payload.empty() ? json::text(stored, "text") : payload;
    }
    return made;
}

const Template* named_by(const json::value& message_template, const TemplateStore& templates) {
    const auto* language = json::find(message_template, "language");
    auto code = language == nullptr ? std::string() : json::text(*language, "code");
    return templates.find(json::text(message_template, "name"), code);
}

std::optional<GraphError> check_status(const Template* stored, const std::string& name, const std::string& code) {
    if (stored != nullptr && stored->status == "PAUSED") {
        return GraphError{.code = 132015,
                          .message = "(#132015) Template is Paused",
                          .details = "Template is paused due to low quality so it cannot be sent."};
    }
    if (stored != nullptr && stored->status == "DISABLED") {
        return GraphError{.code = 132016,
                          .message = "(#132016) Template is Disabled",
                          .details = "Template has been paused too many times due to low quality."};
    }
    if (stored != nullptr && stored->status == "APPROVED") return std::nullopt;
    return GraphError{.status = 404,
                      .code = 132001,
                      .message = "(#132001) Template name does not exist in the translation",
                      .details = "template name (" + name + ") does not exist in " + code};
}

}  // namespace

json::object render_template(const json::value& message_template, const TemplateStore& templates) {
    const Template* stored = named_by(message_template, templates);
    if (stored == nullptr) return {};
    json::object made;
    if (const auto* header = stored_component(*stored, "HEADER")) {
        made["header"] = rendered_header(*header, message_template);
    }
    for (auto [type, name] : {std::pair{"BODY", "body"}, std::pair{"FOOTER", "footer"}}) {
        const auto* component = stored_component(*stored, type);
        if (component == nullptr) continue;
        made[name] = filled_in(json::text(*component, "text"), sent_parameters(message_template, name));
    }
    json::array buttons;
    const auto& all = stored_buttons(*stored);
    for (std::size_t i = 0; i < all.size(); ++i) {
        buttons.push_back(rendered_button(all[i], sent_button(message_template, i)));
    }
    made["buttons"] = std::move(buttons);
    return made;
}

Checked<std::string> check_template_send(const json::value& message_template, const TemplateStore& templates) {
    auto name = json::text(message_template, "name");
    if (name.empty()) return std::unexpected(missing_parameter("template['name']"));
    const auto* language = json::find(message_template, "language");
    auto code = language == nullptr ? std::string() : json::text(*language, "code");
    if (code.empty()) return std::unexpected(missing_parameter("template['language']"));

    const Template* stored = templates.find(name, code);
    if (auto error = check_status(stored, name, code)) return std::unexpected(*error);
    if (auto error = check_header(*stored, message_template)) return std::unexpected(*error);
    const auto* body = stored_component(*stored, "BODY");
    auto text = body == nullptr ? std::string() : json::text(*body, "text");
    if (auto error = check_text(*stored, message_template, text, "body")) return std::unexpected(*error);
    if (auto error = check_buttons(*stored, message_template)) return std::unexpected(*error);
    return in_lower_case(stored->category);
}

}  // namespace parley::simulator

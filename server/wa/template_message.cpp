#include "wa/template_message.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/text.hpp"
#include "wa/template_buttons.hpp"
#include "wa/template_values.hpp"

namespace parley::wa {
namespace {

/// Meta's limits of the texts themselves (reference, section 13.1).
constexpr std::size_t kLongestHeader = 60;
constexpr std::size_t kLongestBody = 1024;
constexpr std::size_t kLongestText = 4096;
constexpr std::size_t kLongestName = 255;

constexpr std::array<std::string_view, 3> kFiles{"IMAGE", "VIDEO", "DOCUMENT"};

bool is_file(std::string_view format) {
    return std::ranges::find(kFiles, format) != kFiles.end();
}

std::string lower_case(std::string_view word) {
    std::string out(word);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

const json::value* component_of(const TemplateDefinition& definition, std::string_view type) {
    for (const auto& component : definition.components)
        if (upper_case(json::text(component, "type")) == type) return &component;
    return nullptr;
}

json::array buttons_of(const TemplateDefinition& definition) {
    const auto* component = component_of(definition, "BUTTONS");
    const auto* buttons = component ? json::find_array(*component, "buttons") : nullptr;
    return buttons ? *buttons : json::array{};
}

bool is_authentication(const TemplateDefinition& definition) {
    return upper_case(definition.category) == "AUTHENTICATION";
}

/// The words of an authentication template are Meta's own; lists may leave them out.
std::string body_text(const TemplateDefinition& definition) {
    const auto* body = component_of(definition, "BODY");
    auto text = body ? json::text(*body, "text") : std::string();
    return text.empty() && body && is_authentication(definition) ? "{{1}}" : text;
}

std::string header_format(const TemplateDefinition& definition) {
    const auto* header = component_of(definition, "HEADER");
    if (!header) return {};
    auto format = upper_case(json::text(*header, "format"));
    return format.empty() ? "TEXT" : format;
}

std::string status_reason(const TemplateDefinition& definition) {
    auto status = upper_case(definition.status);
    if (status == "APPROVED") return {};
    if (status == "PENDING" || status == "IN_APPEAL")
        return "Meta is still reviewing this template (" + status + "): wait for its approval.";
    if (status == "REJECTED") {
        auto why = definition.rejected_reason.empty() ? "" : ", " + definition.rejected_reason;
        return "Meta rejected this template (REJECTED" + why + "): change it in the WhatsApp Manager.";
    }
    if (status == "PAUSED")
        return "Meta paused this template because of its quality (PAUSED): wait, or change it in the WhatsApp Manager.";
    if (status == "DISABLED")
        return "Meta disabled this template (DISABLED): use another one, or appeal in the WhatsApp Manager.";
    return "The template is " + (status.empty() ? "of unknown status" : status) +
           "; only APPROVED templates can be sent.";
}

std::string component_reason(const json::value& component) {
    constexpr std::array<std::string_view, 4> kKnown{"HEADER", "BODY", "FOOTER", "BUTTONS"};
    auto type = upper_case(json::text(component, "type"));
    if (std::ranges::find(kKnown, type) == kKnown.end())
        return "It has a part of the type " + (type.empty() ? "\"\"" : type) + ", which cannot be sent from here.";
    return {};
}

std::string header_reason(const TemplateDefinition& definition) {
    auto format = header_format(definition);
    if (format.empty() || format == "LOCATION" || is_file(format)) return {};
    if (format != "TEXT") return "It has a header of the format " + format + ", which cannot be sent from here.";
    if (variables_of(json::text(*component_of(definition, "HEADER"), "text")).size() > 1)
        return "Its header has several variables, which cannot be sent from here.";
    return {};
}

std::unexpected<Error> invalid(std::string detail, std::string member) {
    return failure(Errc::invalid_argument, std::move(detail), std::move(member));
}

/// Gathers what the definition wants from what the request gives.
class Preparation {
  public:
    Preparation(const TemplateDefinition& definition, const json::value& request)
        : definition_(definition), request_(request) {
        auto variables = variables_of(body_text(definition));
        named_ = upper_case(definition.parameter_format) == "NAMED" ||
                 std::ranges::any_of(variables, [](const std::string& name) { return name[0] < '0' || name[0] > '9'; });
    }

    Result<PreparedTemplate> prepare() && {
        out_.shown = {{"name", definition_.name},
                      {"language", definition_.language},
                      {"category", upper_case(definition_.category)}};
        for (auto step : {&Preparation::header, &Preparation::body, &Preparation::footer, &Preparation::buttons})
            if (auto done = (this->*step)(); !done) return std::unexpected(done.error());
        out_.graph = {{"name", definition_.name}, {"language", {{"code", definition_.language}}}};
        if (!components_.empty()) out_.graph["components"] = std::move(components_);
        if (out_.text.empty()) out_.text = definition_.name;
        out_.text = first_code_points(out_.text, kLongestText);
        return std::move(out_);
    }

  private:
    void add_text(std::string_view text) {
        if (text.empty()) return;
        if (!out_.text.empty()) out_.text += '\n';
        out_.text += text;
    }

    void add_component(const char* type, json::array parameters) {
        if (!parameters.empty()) components_.push_back({{"type", type}, {"parameters", std::move(parameters)}});
    }

    Result<void> header() {
        out_.header_format = header_format(definition_);
        const auto& format = out_.header_format;
        const auto* given = given_member(request_, "header");
        if (given && !given->is_object()) return invalid("template.header must be an object.", "template.header");
        if (auto belongs = check_header_members(given); !belongs) return belongs;
        if (format.empty()) return {};
        shown_header_ = {{"format", format}};
        auto done = format == "TEXT" ? text_header(given) : format == "LOCATION" ? location(given) : file(given);
        if (done) out_.shown["header"] = std::move(shown_header_);
        return done;
    }

    /// What is given although the header has no place for it would be lost in silence.
    Result<void> check_header_members(const json::value* given) const {
        if (!given) return {};
        const auto& format = out_.header_format;
        auto has = format.empty() ? "This template has no header." : "The header of this template is " + format + ".";
        auto refuse = [&](const char* member, bool belongs) { return !belongs && given_member(*given, member); };
        if (refuse("text", format == "TEXT")) return invalid(has + " It takes no text.", "template.header.text");
        if (refuse("media_id", is_file(format))) return invalid(has + " It takes no file.", "template.header.media_id");
        if (refuse("location", format == "LOCATION"))
            return invalid(has + " It takes no location.", "template.header.location");
        return {};
    }

    Result<void> text_header(const json::value* given) {
        auto text = json::text(*component_of(definition_, "HEADER"), "text");
        auto variables = variables_of(text);
        const auto* value = given ? given_member(*given, "text") : nullptr;
        if (variables.empty() && value) return invalid("The header has no variable.", "template.header.text");
        TemplateValues values;
        if (!variables.empty()) {
            if (!value)
                return invalid("The variable " + variables[0] + " of the header has no value.", "template.header.text");
            auto read = read_template_value(*value, "template.header.text", kLongestHeader);
            if (!read) return std::unexpected(read.error());
            values[variables[0]] = std::move(*read);
            bool named = variables[0][0] < '0' || variables[0][0] > '9';
            add_component("header", text_parameters(text, values, named));
        }
        auto filled = filled_in(text, values);
        add_text(filled);
        shown_header_["text"] = filled;
        return {};
    }

    Result<void> file(const json::value* given) {
        auto kind = lower_case(out_.header_format);
        const auto* id = given ? given_member(*given, "media_id") : nullptr;
        if (!id) return invalid("The header of this template needs a file: " + kind + ".", "template.header.media_id");
        if (!id->is_int64() || id->get_int64() <= 0)
            return invalid("template.header.media_id must be the id of a file.", "template.header.media_id");
        out_.media_id = id->get_int64();
        json::object file;
        if (const auto* name = given_member(*given, "file_name"); name && kind == "document") {
            auto read = read_template_value(*name, "template.header.file_name", kLongestName);
            if (!read) return std::unexpected(read.error());
            file["filename"] = *read;
        }
        add_component("header", {json::object{{"type", kind}, {kind, std::move(file)}}});
        return {};
    }

    Result<void> location(const json::value* given) {
        const auto* place = given ? given_member(*given, "location") : nullptr;
        if (!place || !place->is_object())
            return invalid("The header of this template needs a location: an object with latitude and longitude.",
                           "template.header.location");
        json::object read;
        for (auto [name, limit] : {std::pair{"latitude", 90.0}, std::pair{"longitude", 180.0}}) {
            auto member = std::string("template.header.location.") + name;
            const auto* number = given_member(*place, name);
            if (!number || !number->is_number() || !(std::abs(number->to_number<double>()) <= limit))
                return invalid(member + " must be a number of degrees.", member);
            read[name] = *number;
        }
        for (const char* name : {"name", "address"}) {
            const auto* text = given_member(*place, name);
            if (!text) continue;
            auto value = read_template_value(*text, std::string("template.header.location.") + name, kLongestBody);
            if (!value) return std::unexpected(value.error());
            read[name] = *value;
        }
        add_component("header", {json::object{{"type", "location"}, {"location", read}}});
        shown_header_["location"] = std::move(read);
        return {};
    }

    Result<void> body() {
        auto text = body_text(definition_);
        auto values = read_template_values(text, given_member(request_, "body"), "body", kLongestBody);
        if (!values) return std::unexpected(values.error());
        add_component("body", text_parameters(text, *values, named_));
        auto filled = filled_in(text, *values);
        if (is_authentication(definition_) && !values->empty()) code_ = values->begin()->second;
        add_text(filled);
        if (!filled.empty()) out_.shown["body"] = filled;
        return {};
    }

    Result<void> footer() {
        const auto* footer = component_of(definition_, "FOOTER");
        auto text = footer ? json::text(*footer, "text") : std::string();
        add_text(text);
        if (!text.empty()) out_.shown["footer"] = text;
        return {};
    }

    Result<void> buttons() {
        auto buttons = buttons_of(definition_);
        auto prepared = prepare_buttons(buttons, given_member(request_, "buttons"), code_);
        if (!prepared) return std::unexpected(prepared.error());
        for (auto& component : prepared->components) components_.push_back(std::move(component));
        if (!prepared->shown.empty()) out_.shown["buttons"] = std::move(prepared->shown);
        return {};
    }

    const TemplateDefinition& definition_;
    const json::value& request_;
    bool named_ = false;
    std::string code_;
    json::array components_;
    json::object shown_header_;
    PreparedTemplate out_;
};

}  // namespace

std::string not_sendable_reason(const TemplateDefinition& definition) {
    if (auto reason = status_reason(definition); !reason.empty()) return reason;
    for (const auto& component : definition.components)
        if (auto reason = component_reason(component); !reason.empty()) return reason;
    if (auto reason = header_reason(definition); !reason.empty()) return reason;
    return buttons_not_sendable_reason(buttons_of(definition));
}

Result<PreparedTemplate> prepare_template(const TemplateDefinition& definition, const json::value& request) {
    if (!request.is_object()) return invalid("template must be an object.", "template");
    if (auto reason = not_sendable_reason(definition); !reason.empty())
        return failure(Errc::wrong_state, std::move(reason), "template.name");
    return Preparation(definition, request).prepare();
}

}  // namespace parley::wa

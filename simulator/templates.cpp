#include "simulator/templates.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "simulator/meta_ids.hpp"

namespace parley::simulator {
namespace {

/// Fixed ids, so that scripts can name them.
constexpr std::string_view kSeeds = R"json([
{"id":"1192339204654487","name":"hello_world","language":"en_US","status":"APPROVED","category":"MARKETING","components":[
 {"type":"HEADER","format":"TEXT","text":"Hello World"},
 {"type":"BODY","text":"Welcome and congratulations!! This message demonstrates your ability to send a message notification from the Cloud API. Thank you for taking the time to test with us."},
 {"type":"FOOTER","text":"Business Platform Team"}]},
{"id":"1667696820637468","name":"order_confirmation","language":"en_US","status":"APPROVED","category":"UTILITY","components":[
 {"type":"BODY","text":"Hi {{1}}, thank you for your order! Your confirmation number is {{2}}.","example":{"body_text":[["Ana","860198"]]}},
 {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Where is it?"},{"type":"QUICK_REPLY","text":"Talk to us"}]}]},
{"id":"1667696820637469","name":"order_confirmation","language":"pt_BR","status":"APPROVED","category":"UTILITY","components":[
 {"type":"BODY","text":"Olá {{1}}, obrigado pelo seu pedido! O número de confirmação é {{2}}.","example":{"body_text":[["Ana","860198"]]}},
 {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Onde está?"},{"type":"QUICK_REPLY","text":"Fale conosco"}]}]},
{"id":"1387372356726668","name":"sample_shipping_confirmation","language":"en_US","status":"APPROVED","category":"UTILITY","components":[
 {"type":"BODY","text":"Your package has been shipped. It will be delivered in {{1}}.","example":{"body_text":[["2 hours"]]}},
 {"type":"FOOTER","text":"This message is from an unverified business."}]},
{"id":"1625063511800527","name":"appointment_reminder","language":"en","status":"APPROVED","category":"UTILITY","parameter_format":"NAMED","components":[
 {"type":"HEADER","format":"TEXT","text":"See you soon"},
 {"type":"BODY","text":"Hello {{first_name}}, we look forward to seeing you on {{day}} at {{time}}.","example":{"body_text_named_params":[{"param_name":"first_name","example":"Ravi"},{"param_name":"day","example":"Monday"},{"param_name":"time","example":"9:30"}]}}]},
{"id":"1350788845398345","name":"purchase_feedback","language":"en_US","status":"APPROVED","category":"MARKETING","components":[
 {"type":"HEADER","format":"IMAGE"},
 {"type":"BODY","text":"Thank you for purchasing {{1}}! We value your feedback and would like to learn more about your experience.","example":{"body_text":[["a succulent"]]}},
 {"type":"BUTTONS","buttons":[{"type":"URL","text":"Take survey","url":"https://www.example.com/"}]}]},
{"id":"1304694804498707","name":"winter_sale","language":"en_US","status":"PAUSED","category":"MARKETING","components":[
 {"type":"BODY","text":"Our winter sale is on: everything 20 percent off until Sunday."}]},
{"id":"1166414785519855","name":"free_money","language":"en_US","status":"REJECTED","category":"MARKETING","components":[
 {"type":"BODY","text":"Click here for free money!"}]}
])json";

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
            {"id", message_template.id}};
}

void TemplateStore::reset() {
    templates_.clear();
    auto seeds = json::parse(kSeeds);
    for (const auto& seed : seeds->as_array()) templates_.push_back(from_json(seed));
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

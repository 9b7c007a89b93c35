#include "wa/template_buttons.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "wa/template_values.hpp"

namespace parley::wa {
namespace {

constexpr std::size_t kLongestCode = 15;
constexpr std::size_t kLongestPayload = 128;
constexpr std::size_t kLongestUrlValue = 2000;

enum class Kind { unchanging, quick_reply, url, coupon_code, one_time_code, flow, unsupported };

/// Meta lists the button of an authentication template as OTP or as a link of its own with the code as its variable.
/// Those that hand the code to an app (one tap, zero tap) need that app's handshake first.
Kind kind_of_one_time_code(std::string_view how) {
    return how == "COPY_CODE" ? Kind::one_time_code : Kind::unsupported;
}

Kind kind_of(const json::value& button) {
    constexpr std::array<std::string_view, 3> kUnchanging{"PHONE_NUMBER", "VOICE_CALL", "REQUEST_CONTACT_INFO"};
    auto type = upper_case(json::text(button, "type"));
    if (std::ranges::find(kUnchanging, type) != kUnchanging.end()) return Kind::unchanging;
    if (type == "QUICK_REPLY") return Kind::quick_reply;
    if (type == "COPY_CODE") return Kind::coupon_code;
    if (type == "FLOW") return Kind::flow;
    if (type == "OTP") return kind_of_one_time_code(upper_case(json::text(button, "otp_type")));
    if (type != "URL") return Kind::unsupported;
    auto url = json::text(button, "url");
    if (auto at = url.find("otp_type="); at != std::string::npos) {
        auto how = url.substr(at + std::string_view("otp_type=").size());
        return kind_of_one_time_code(upper_case(how.substr(0, how.find('&'))));
    }
    return variables_of(url).empty() ? Kind::unchanging : Kind::url;
}

/// What an agent gave for one button, and where it stands in the request.
struct Given {
    const json::value* text;
    std::string member;
};

Result<std::map<std::size_t, Given>> read_given(const json::value* list, std::size_t count) {
    std::map<std::size_t, Given> out;
    if (!list) return out;
    if (!list->is_array())
        return failure(Errc::invalid_argument, R"(template.buttons must be a list of {"index","text"}.)",
                       "template.buttons");
    std::size_t position = 0;
    for (const auto& entry : list->get_array()) {
        auto member = "template.buttons[" + std::to_string(position++) + "]";
        const auto* index = json::find(entry, "index");
        if (!index || !index->is_int64())
            return failure(Errc::invalid_argument, member + ".index must be an integer.", member + ".index");
        auto number = index->get_int64();
        if (number < 0 || static_cast<std::size_t>(number) >= count)
            return failure(Errc::invalid_argument,
                           "There is no such button: this template has " + std::to_string(count) + ", counted from 0.",
                           member + ".index");
        bool first = out.emplace(number, Given{given_member(entry, "text"), member + ".text"}).second;
        if (!first) return failure(Errc::invalid_argument, "Two entries are for the same button.", member + ".index");
    }
    return out;
}

json::object component(std::string_view sub_type, std::size_t index, json::object parameter) {
    return {{"type", "button"},
            {"sub_type", sub_type},
            {"index", std::to_string(index)},
            {"parameters", json::array{std::move(parameter)}}};
}

class Buttons {
  public:
    Buttons(const json::array& buttons, std::map<std::size_t, Given> given, const std::string& code)
        : buttons_(buttons), given_(std::move(given)), code_(code) {}

    Result<PreparedButtons> prepare() && {
        for (std::size_t i = 0; i < buttons_.size(); ++i)
            if (auto added = add(i); !added) return std::unexpected(added.error());
        return std::move(out_);
    }

  private:
    const json::value* text_of(std::size_t index) const {
        auto found = given_.find(index);
        return found == given_.end() ? nullptr : found->second.text;
    }

    Result<std::string> value_of(std::size_t index, std::size_t longest, const char* what) const {
        const auto* text = text_of(index);
        if (text) return read_template_value(*text, given_.at(index).member, longest);
        return failure(Errc::invalid_argument,
                       "The button \"" + json::text(buttons_[index], "text") + "\" needs " + what + ".",
                       "template.buttons[" + std::to_string(index) + "].text");
    }

    Result<void> add(std::size_t index) {
        const auto& button = buttons_[index];
        json::object shown{{"type", upper_case(json::text(button, "type"))}, {"text", json::text(button, "text")}};
        for (const char* member : {"url", "phone_number"})
            if (auto text = json::text(button, member); !text.empty()) shown[member] = text;
        auto added = add_component(index, shown);
        if (added) out_.shown.push_back(std::move(shown));
        return added;
    }

    Result<void> add_component(std::size_t index, json::object& shown) {
        switch (kind_of(buttons_[index])) {
            case Kind::quick_reply:
                return add_quick_reply(index);
            case Kind::url:
                return add_url(index, shown);
            case Kind::coupon_code: {
                auto code = value_of(index, kLongestCode, "the code that it copies");
                if (!code) return std::unexpected(code.error());
                shown["code"] = *code;
                out_.components.push_back(
                    component("copy_code", index, {{"type", "coupon_code"}, {"coupon_code", *code}}));
                return {};
            }
            case Kind::one_time_code:
                return add_one_time_code(index, shown);
            case Kind::flow:
                out_.components.push_back(
                    component("flow", index, {{"type", "action"}, {"action", {{"flow_token", "unused"}}}}));
                [[fallthrough]];
            case Kind::unchanging:
            case Kind::unsupported:
                if (text_of(index))
                    return failure(Errc::invalid_argument, "This button takes no value.", given_.at(index).member);
                return {};
        }
        return {};
    }

    Result<void> add_quick_reply(std::size_t index) {
        const auto* text = text_of(index);
        if (!text || (text->is_string() && text->get_string().empty())) return {};
        auto payload = read_template_value(*text, given_.at(index).member, kLongestPayload);
        if (!payload) return std::unexpected(payload.error());
        out_.components.push_back(component("quick_reply", index, {{"type", "payload"}, {"payload", *payload}}));
        return {};
    }

    Result<void> add_url(std::size_t index, json::object& shown) {
        auto value = value_of(index, kLongestUrlValue, "the last part of its address");
        if (!value) return std::unexpected(value.error());
        if (value->contains(' '))
            return failure(Errc::invalid_argument, "A part of an address must not contain spaces.",
                           given_.at(index).member);
        auto url = json::text(buttons_[index], "url");
        TemplateValues values;
        for (const auto& name : variables_of(url)) values[name] = *value;
        shown["url"] = filled_in(url, values);
        out_.components.push_back(component("url", index, {{"type", "text"}, {"text", *value}}));
        return {};
    }

    Result<void> add_one_time_code(std::size_t index, json::object& shown) {
        auto code = text_of(index) || code_.empty() ? value_of(index, kLongestCode, "the code that it copies")
                                                    : Result<std::string>(code_);
        if (!code) return std::unexpected(code.error());
        if (count_code_points(*code) > kLongestCode)
            return failure(Errc::invalid_argument, "The code must have at most 15 characters.", "template.body.1");
        // Meta's own link is nothing that the customer sees.
        shown.erase("url");
        shown["type"] = "COPY_CODE";
        shown["code"] = *code;
        out_.components.push_back(component("url", index, {{"type", "text"}, {"text", *code}}));
        return {};
    }

    const json::array& buttons_;
    std::map<std::size_t, Given> given_;
    const std::string& code_;
    PreparedButtons out_;
};

}  // namespace

std::string buttons_not_sendable_reason(const json::array& buttons) {
    for (const auto& button : buttons) {
        if (kind_of(button) != Kind::unsupported) continue;
        auto how = upper_case(json::text(button, "otp_type"));
        auto type = upper_case(json::text(button, "type"));
        if (type == "OTP" || type == "URL")
            return "It has a button that hands a code to an app" + (how.empty() ? "" : " (" + how + ")") +
                   ": only copy-code buttons can be sent from here.";
        return "It has a button of the type " + (type.empty() ? "\"\"" : type) + ", which cannot be sent from here.";
    }
    return {};
}

Result<PreparedButtons> prepare_buttons(const json::array& buttons, const json::value* given, const std::string& code) {
    auto values = read_given(given, buttons.size());
    if (!values) return std::unexpected(values.error());
    return Buttons(buttons, std::move(*values), code).prepare();
}

}  // namespace parley::wa

#include "wa/template_values.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace parley::wa {
namespace {

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
}

std::string member_of(std::string_view part, std::string_view variable) {
    return "template." + std::string(part) + "." + std::string(variable);
}

std::unexpected<Error> missing(std::string_view part, const std::vector<std::string>& names) {
    auto detail = names.size() == 1
                      ? "The variable " + names[0] + " of the " + std::string(part) + " has no value."
                      : "The variables " + joined(names) + " of the " + std::string(part) + " have no value.";
    return failure(Errc::invalid_argument, std::move(detail), member_of(part, names.front()));
}

std::unexpected<Error> unknown(std::string_view part, std::string_view name, const std::vector<std::string>& names) {
    auto has = names.empty() ? "it has none" : "it has " + joined(names);
    return failure(Errc::invalid_argument,
                   "The " + std::string(part) + " of this template has no such variable: " + has + ".",
                   member_of(part, first_code_points(name, 64)));
}

}  // namespace

const json::value* given_member(const json::value& container, std::string_view name) {
    const auto* found = json::find(container, name);
    return found && !found->is_null() ? found : nullptr;
}

Result<std::string> read_template_value(const json::value& given, const std::string& member, std::size_t longest) {
    if (!given.is_string()) return failure(Errc::invalid_argument, member + " must be a string.", member);
    std::string_view value = given.get_string();
    if (!is_storable_text(value))
        return failure(Errc::invalid_argument, member + " must be valid Unicode text without NUL.", member);
    if (value.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return failure(Errc::invalid_argument, member + " must not be empty.", member);
    if (value.find_first_of("\t\r\n") != std::string_view::npos)
        return failure(Errc::invalid_argument, member + " must not contain line breaks or tabs.", member);
    if (value.find("     ") != std::string_view::npos)
        return failure(Errc::invalid_argument, member + " must not contain more than 4 spaces in a row.", member);
    if (count_code_points(value) > longest)
        return failure(Errc::invalid_argument,
                       member + " must have at most " + std::to_string(longest) + " characters.", member);
    return std::string(value);
}

Result<TemplateValues> read_template_values(std::string_view text, const json::value* given, std::string_view part,
                                            std::size_t longest) {
    auto whole = "template." + std::string(part);
    if (given && !given->is_object())
        return failure(Errc::invalid_argument,
                       whole + R"( must be an object with a string for each variable, as in {"1":"Ana"}.)", whole);
    auto names = variables_of(text);
    if (given)
        for (const auto& [name, value] : given->get_object())
            if (std::ranges::find(names, std::string_view(name)) == names.end()) return unknown(part, name, names);
    std::vector<std::string> without_value;
    for (const auto& name : names)
        if (!given || !given_member(*given, name)) without_value.push_back(name);
    if (!without_value.empty()) return missing(part, without_value);
    TemplateValues values;
    for (const auto& name : names) {
        auto value = read_template_value(*json::find(*given, name), member_of(part, name), longest);
        if (!value) return std::unexpected(value.error());
        values[name] = std::move(*value);
    }
    return values;
}

json::array text_parameters(std::string_view text, const TemplateValues& values, bool named) {
    json::array parameters;
    for (const auto& name : variables_of(text)) {
        json::object parameter{{"type", "text"}};
        if (named) parameter["parameter_name"] = name;
        parameter["text"] = values.at(name);
        parameters.push_back(std::move(parameter));
    }
    return parameters;
}

}  // namespace parley::wa

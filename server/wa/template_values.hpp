// What an agent fills into a template: read and checked, with errors that name the member.
#pragma once

#include <string>

#include "base/json.hpp"
#include "base/result.hpp"
#include "wa/template_text.hpp"

namespace parley::wa {

/// One value: text of at most `longest` code points that is not blank. Meta refuses line breaks, tabs and more than
/// four spaces in a row (reference, section 15: 132012).
Result<std::string> read_template_value(const json::value& given, const std::string& member, std::size_t longest);

/// The values of a text's variables from {"1":"Ana"}; all of them and no others. `given` may be nullptr: none.
/// `part` is "body" or "header", for the messages; the member is "template.<part>.<variable>".
Result<TemplateValues> read_template_values(std::string_view text, const json::value* given, std::string_view part,
                                            std::size_t longest);

/// The "parameters" that carry values to Meta, in the order of the variables; of named ones with their names.
json::array text_parameters(std::string_view text, const TemplateValues& values, bool named);

/// A member that is neither absent nor null.
const json::value* given_member(const json::value& container, std::string_view name);

}  // namespace parley::wa

// Texts with variables: "Hi {{1}}" or "Hi {{first_name}}" (reference, section 13.1).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace parley::wa {

using TemplateValues = std::map<std::string, std::string, std::less<>>;

/// The distinct names of a text's variables: numbers in their order, other names as they come.
std::vector<std::string> variables_of(std::string_view text);

/// The text with its variables replaced. A variable without a value stays as it is.
std::string filled_in(std::string_view text, const TemplateValues& values);

/// ASCII letters in upper case: Meta writes its words in either.
std::string upper_case(std::string_view word);

}  // namespace parley::wa

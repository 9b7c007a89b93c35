#include "wa/template_text.hpp"

#include <algorithm>
#include <optional>

namespace parley::wa {
namespace {

constexpr std::size_t kLongestName = 64;

struct Placeholder {
    std::size_t begin;
    std::size_t end;
    std::string_view name;
};

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool is_number(std::string_view name) {
    return std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view trimmed(std::string_view text) {
    auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Braces around anything but a name are text.
std::optional<Placeholder> next_placeholder(std::string_view text, std::size_t from) {
    for (auto begin = text.find("{{", from); begin != std::string_view::npos; begin = text.find("{{", begin + 1)) {
        auto inside = text.substr(begin + 2, kLongestName + 8);
        auto length = inside.find("}}");
        if (length == std::string_view::npos) continue;
        auto name = trimmed(inside.substr(0, length));
        if (is_name(name)) return Placeholder{begin, begin + length + 4, name};
    }
    return std::nullopt;
}

}  // namespace

std::vector<std::string> variables_of(std::string_view text) {
    std::vector<std::string> names;
    for (auto found = next_placeholder(text, 0); found; found = next_placeholder(text, found->end))
        if (std::ranges::find(names, found->name) == names.end()) names.emplace_back(found->name);
    if (std::ranges::all_of(names, is_number))
        std::ranges::sort(names, [](const std::string& a, const std::string& b) {
            return a.size() != b.size() ? a.size() < b.size() : a < b;
        });
    return names;
}

std::string filled_in(std::string_view text, const TemplateValues& values) {
    std::string out;
    std::size_t from = 0;
    for (auto found = next_placeholder(text, 0); found; found = next_placeholder(text, found->end)) {
        out += text.substr(from, found->begin - from);
        auto value = values.find(found->name);
        out += value == values.end() ? text.substr(found->begin, found->end - found->begin)
                                     : std::string_view(value->second);
        from = found->end;
    }
    return out += text.substr(from);
}

std::string upper_case(std::string_view word) {
    std::string out(word);
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

}  // namespace parley::wa

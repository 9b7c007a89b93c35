#include "api/file_name.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "http/message.hpp"

namespace parley::api {
namespace {

constexpr std::size_t kLongest = 240;

/// The value of a parameter, quoted or not; the first of that name. Quoted pairs are undone.
std::string parameter_of(std::string_view field, std::string_view name) {
    for (std::size_t at = 0; (at = field.find(name, at)) != field.npos; ++at) {
        bool begins = at > 0 && (field[at - 1] == ';' || field[at - 1] == ' ');
        auto rest = field.substr(at + name.size());
        if (!begins || !rest.starts_with('=')) continue;
        rest.remove_prefix(1);
        if (!rest.starts_with('"')) return std::string(rest.substr(0, rest.find(';')));
        std::string out;
        for (std::size_t i = 1; i < rest.size() && rest[i] != '"'; ++i) {
            if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
            out += rest[i];
        }
        return out;
    }
    return {};
}

/// U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069: "gpj.exe" can be made to look like "exe.jpg" with them.
constexpr auto kDirectionMarks =
    std::to_array<std::string_view>({"\u061c", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e",
                                     "\u2066", "\u2067", "\u2068", "\u2069"});

std::string harmless(std::string name) {
    for (auto mark : kDirectionMarks)
        for (std::size_t at = 0; (at = name.find(mark, at)) != name.npos;) name.erase(at, mark.size());
    std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
    if (auto folder = name.find_last_of("/\\"); folder != name.npos) name.erase(0, folder + 1);
    while (name.starts_with(' ') || name.starts_with('.')) name.erase(0, 1);
    while (name.ends_with(' ')) name.pop_back();
    return std::string(first_code_points(name, kLongest));
}

}  // namespace

std::string file_name_of(std::string_view content_disposition) {
    constexpr std::string_view kUtf8 = "utf-8''";
    auto extended = parameter_of(content_disposition, "filename*");
    std::string prefix = extended.substr(0, std::min(extended.size(), kUtf8.size()));
    std::ranges::transform(prefix, prefix.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; });
    std::string name;
    if (prefix == kUtf8) name = http::percent_decode(extended.substr(kUtf8.size()), false).value_or("");
    if (name.empty()) name = parameter_of(content_disposition, "filename");
    return harmless(storable_text(name));
}

std::string content_disposition(bool shown_inline, std::string_view file_name) {
    constexpr std::string_view kPlain = "!#$&+-.^_`|~";
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out = shown_inline ? "inline" : "attachment";
    auto name = harmless(std::string(file_name));
    if (name.empty()) return out;
    std::string ascii, encoded;
    for (char c : name) {
        auto byte = static_cast<unsigned char>(c);
        bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (byte < 0x80) ascii += c == '"' || c == '\\' || c == '%' ? '_' : c;
        if (byte >= 0xc0) ascii += '_';
        if (letter || kPlain.find(c) != kPlain.npos)
            encoded += c;
        else
            encoded.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
    return out + "; filename=\"" + ascii + "\"; filename*=UTF-8''" + encoded;
}

}  // namespace parley::api

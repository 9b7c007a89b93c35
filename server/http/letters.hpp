// The character classes of HTTP (RFC 9110, section 5.6; RFC 3986), without locale.
#pragma once

#include <array>
#include <string_view>

namespace parley::http {

constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) {
    return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (to_lower(a[i]) != to_lower(b[i])) return false;
    return true;
}

/// One bit per class for every byte.
class CharacterSet {
  public:
    constexpr explicit CharacterSet(bool (*belongs)(unsigned char)) {
        for (unsigned i = 0; i < 256; ++i) members_[i] = belongs(static_cast<unsigned char>(i));
    }
    constexpr bool has(char c) const { return members_[static_cast<unsigned char>(c)]; }
    constexpr bool has_all(std::string_view text) const {
        for (char c : text)
            if (!has(c)) return false;
        return true;
    }

  private:
    std::array<bool, 256> members_{};
};

inline constexpr CharacterSet kTokenCharacters([](unsigned char byte) {
    char c = static_cast<char>(byte);
    return is_letter(c) || is_digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
});

/// Field values: printable ASCII, space, tab and obs-text.
inline constexpr CharacterSet kValueCharacters([](unsigned char byte) {
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
});

/// Origin-form targets: printable ASCII without what RFC 3986 leaves out.
inline constexpr CharacterSet kTargetCharacters([](unsigned char byte) {
    return byte > 0x20 && byte < 0x7f &&
           std::string_view("\"#<>\\^`{|}").find(static_cast<char>(byte)) == std::string_view::npos;
});

/// RFC 9110 token: not empty, token characters only.
constexpr bool is_token(std::string_view text) {
    return !text.empty() && kTokenCharacters.has_all(text);
}

/// Without the optional white space (space, tab) at both ends.
constexpr std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// True when the comma-separated `list` has `item` (case-insensitive).
constexpr bool list_has(std::string_view list, std::string_view item) {
    while (true) {
        auto comma = list.find(',');
        if (equal_ignoring_case(trimmed(list.substr(0, comma)), item)) return true;
        if (comma == list.npos) return false;
        list.remove_prefix(comma + 1);
    }
}

}  // namespace parley::http

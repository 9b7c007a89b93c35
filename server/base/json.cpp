#include "base/json.hpp"

#include <charconv>
#include <cmath>

#include "base/text.hpp"

namespace parley::json {
namespace {

constexpr std::size_t kMaxDepth = 64;
/// jsonb writes a number out in full: 1e300 is 300 digits, 1e131071 would be 130 KB.
constexpr double kLargestNumber = 1e30;

std::optional<unsigned> hex4(std::string_view text) {
    unsigned value = 0;
    if (text.size() < 4) return std::nullopt;
    auto [end, error] = std::from_chars(text.data(), text.data() + 4, value, 16);
    if (error != std::errc{} || end != text.data() + 4) return std::nullopt;
    return value;
}

/// Replaces \u0000 and lone surrogate escapes by \ufffd, and bytes that are not UTF-8 by U+FFFD. Escapes occur only
/// inside strings, so the structure need not be followed.
std::string repair(std::string_view raw) {
    std::string text = storable_text(raw);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] != '\\' || i + 1 >= text.size()) {
            out += text[i++];
            continue;
        }
        if (text[i + 1] != 'u') {
            out.append(text, i, 2);
            i += 2;
            continue;
        }
        auto rest = std::string_view(text).substr(i);
        auto unit = hex4(rest.substr(2));
        bool high = unit && *unit >= 0xd800 && *unit < 0xdc00;
        if (high && rest.size() >= 12 && rest[6] == '\\' && rest[7] == 'u') {
            auto low = hex4(rest.substr(8));
            if (low && *low >= 0xdc00 && *low < 0xe000) {
                out.append(rest.substr(0, 12));
                i += 12;
                continue;
            }
        }
        bool lone = unit && *unit >= 0xd800 && *unit < 0xe000;
        if (lone || (unit && *unit == 0)) {
            out += "\\ufffd";
            i += 6;
        } else {
            out.append(text, i, 2);
            i += 2;
        }
    }
    return out;
}

void drop_unstorable_numbers(value& v) {
    if (auto* d = v.if_double()) {
        if (!std::isfinite(*d) || std::abs(*d) > kLargestNumber) v = nullptr;
    } else if (auto* a = v.if_array()) {
        for (auto& item : *a) drop_unstorable_numbers(item);
    } else if (auto* o = v.if_object()) {
        for (auto& member : *o) drop_unstorable_numbers(member.value());
    }
}

std::optional<value> parse_text(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = kMaxDepth;
    boost::json::error_code error;
    auto parsed = boost::json::parse(text, error, {}, options);
    if (error) return std::nullopt;
    return parsed;
}

}  // namespace

std::optional<value> parse(std::string_view text) {
    return parse_text(text);
}

std::optional<value> parse_storable(std::string_view text) {
    std::optional<value> parsed;
    if (text.find("\\u0000") == std::string_view::npos) parsed = parse_text(text);
    if (!parsed) parsed = parse_text(repair(text));
    if (parsed) drop_unstorable_numbers(*parsed);
    return parsed;
}

const value* find(const value& container, std::string_view name) {
    auto* o = container.if_object();
    return o ? o->if_contains(name) : nullptr;
}

const object* find_object(const value& container, std::string_view name) {
    auto* v = find(container, name);
    return v ? v->if_object() : nullptr;
}

const array* find_array(const value& container, std::string_view name) {
    auto* v = find(container, name);
    return v ? v->if_array() : nullptr;
}

std::optional<std::string> optional_text(const value& container, std::string_view name) {
    auto* v = find(container, name);
    if (!v) return std::nullopt;
    if (auto* s = v->if_string()) return std::string(*s);
    if (auto* i = v->if_int64()) return std::to_string(*i);
    if (auto* u = v->if_uint64()) return std::to_string(*u);
    return std::nullopt;
}

std::string text(const value& container, std::string_view name) {
    return optional_text(container, name).value_or("");
}

std::optional<std::int64_t> integer(const value& container, std::string_view name) {
    auto* v = find(container, name);
    if (!v) return std::nullopt;
    if (auto* i = v->if_int64()) return *i;
    if (auto* d = v->if_double()) {
        if (!std::isfinite(*d) || std::abs(*d) > 9e15) return std::nullopt;
        return static_cast<std::int64_t>(*d);
    }
    if (auto* s = v->if_string()) {
        std::int64_t parsed = 0;
        auto [end, error] = std::from_chars(s->data(), s->data() + s->size(), parsed);
        bool whole = end == s->data() + s->size() || *end == '.';
        if (error == std::errc{} && whole) return parsed;
    }
    return std::nullopt;
}

bool boolean(const value& container, std::string_view name) {
    auto* v = find(container, name);
    return v && v->is_bool() && v->get_bool();
}

}  // namespace parley::json

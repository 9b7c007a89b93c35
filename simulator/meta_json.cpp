#include "simulator/meta_json.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/crypto.hpp"

namespace parley::simulator {
namespace {

void append_unit(std::string& out, std::uint32_t unit) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[(unit >> shift) & 0xf];
}

void append_code_point(std::string& out, std::uint32_t code_point) {
    if (code_point < 0x10000) return append_unit(out, code_point);
    append_unit(out, 0xd800 + ((code_point - 0x10000) >> 10));
    append_unit(out, 0xdc00 + ((code_point - 0x10000) & 0x3ff));
}

void append_string(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x80) {
            // The parser admits valid UTF-8 only, so the lead byte tells how many follow.
            std::size_t more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
            std::uint32_t code_point = byte & (0x3fU >> more);
            while (more-- > 0 && i + 1 < text.size()) {
                code_point = (code_point << 6) | (static_cast<unsigned char>(text[++i]) & 0x3fU);
            }
            append_code_point(out, code_point);
            continue;
        }
        switch (byte) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '/':
                out += "\\/";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (byte < 0x20) {
                    append_unit(out, byte);
                } else {
                    out += static_cast<char>(byte);
                }
        }
    }
    out += '"';
}

/// Boost.JSON prints 37.44 as 3.744E1, which Meta does not.
void append_double(std::string& out, double number) {
    if (!std::isfinite(number)) {
        out += "null";
        return;
    }
    std::array<char, 64> buffer{};
    auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    out.append(buffer.data(), end);
}

void append(std::string& out, const json::value& value) {
    if (const auto* object = value.if_object()) {
        out += '{';
        bool first = true;
        for (const auto& [name, member] : *object) {
            if (!first) out += ',';
            first = false;
            append_string(out, name);
            out += ':';
            append(out, member);
        }
        out += '}';
    } else if (const auto* array = value.if_array()) {
        out += '[';
        bool first = true;
        for (const auto& element : *array) {
            if (!first) out += ',';
            first = false;
            append(out, element);
        }
        out += ']';
    } else if (const auto* text = value.if_string()) {
        append_string(out, *text);
    } else if (const auto* number = value.if_double()) {
        append_double(out, *number);
    } else {
        out += boost::json::serialize(value);
    }
}

}  // namespace

std::string to_meta_json(const json::value& value) {
    std::string out;
    append(out, value);
    return out;
}

std::string signature(std::string_view app_secret, std::string_view body) {
    return "sha256=" + to_hex(as_text(hmac_sha256(app_secret, body)));
}

}  // namespace parley::simulator

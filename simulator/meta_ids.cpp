#include "simulator/meta_ids.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <utility>

#include "base/crypto.hpp"

namespace parley::simulator {
namespace {

std::string upper_hex(std::size_t bytes) {
    std::string hex = to_hex(random_bytes(bytes));
    std::ranges::transform(hex, hex.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
    return hex;
}

std::string decimal_digits(std::string_view bytes, std::size_t count) {
    std::string digits;
    for (std::size_t i = 0; i < count; ++i) {
        digits += static_cast<char>('0' + static_cast<unsigned char>(bytes[i % bytes.size()]) % 10);
    }
    return digits;
}

bool is_alphanumeric(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

std::string_view country_of(std::string_view wa_id) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kPrefixes{{{"971", "AE"},
                                                                                      {"55", "BR"},
                                                                                      {"91", "IN"},
                                                                                      {"49", "DE"},
                                                                                      {"44", "GB"},
                                                                                      {"33", "FR"},
                                                                                      {"34", "ES"},
                                                                                      {"52", "MX"},
                                                                                      {"1", "US"}}};
    for (const auto& [prefix, country] : kPrefixes) {
        if (wa_id.starts_with(prefix)) return country;
    }
    return "US";
}

}  // namespace

std::string new_wamid(std::string_view customer, Sender sender) {
    std::string blob("\x1c\x18", 2);
    auto party = customer.substr(0, 120);
    blob += static_cast<char>(party.size());
    blob += party;
    blob += std::string("\x15\x02\x00", 3);
    blob += sender == Sender::business ? std::string("\x11\x18\x12") : std::string("\x12\x18\x14");
    blob += sender == Sender::business ? upper_hex(9) : "3A" + upper_hex(9);
    blob += '\0';
    return "wamid." + to_base64(blob);
}

std::string new_object_id() {
    return "1" + decimal_digits(random_bytes(15), 15);
}

std::string new_fbtrace_id() {
    return "A" + to_base64url(random_bytes(17)).substr(0, 22);
}

std::string user_id_of(std::string_view wa_id) {
    auto hash = sha256(wa_id);
    return std::string(country_of(wa_id)) + ".1" + decimal_digits(as_text(hash), 19);
}

std::string phone_digits(std::string_view text) {
    std::string digits;
    for (char c : text) {
        if (c >= '0' && c <= '9') {
            digits += c;
        } else if (std::string_view("+ -().[]").find(c) == std::string_view::npos) {
            return {};
        }
    }
    if (digits.size() < 5 || digits.size() > 20) return {};
    return digits;
}

bool is_user_id(std::string_view text) {
    if (text.size() < 4 || text[2] != '.') return false;
    auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (!upper(text[0]) || !upper(text[1])) return false;
    auto rest = text.substr(3);
    if (rest.starts_with("ENT.")) rest.remove_prefix(4);
    return !rest.empty() && rest.size() <= 128 && std::ranges::all_of(rest, is_alphanumeric);
}

}  // namespace parley::simulator

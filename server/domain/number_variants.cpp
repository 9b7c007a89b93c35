#include "domain/number_variants.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace parley {
namespace {

/// One way to write a national number behind the country code: lead, area, infix, rest. Two forms mean the same number
/// when their areas and rests together have the same digits.
struct Form {
    std::string_view lead;
    std::size_t area;  // digits
    std::string_view infix;
    std::size_t rest;              // digits
    std::string_view area_starts;  // the digits that an area may start with, or without an area the rest
    std::string_view rest_starts;
};

struct Country {
    std::string_view code;
    std::span<const Form> forms;
};

constexpr std::string_view kAny = "0123456789";
constexpr std::string_view kNotZero = "123456789";

// Mobiles got a leading 9 between 2012 and 2016 (Anatel, resolution 553/2010); ids made before that lack it. Numbers
// that start with 2 to 5 are landlines, which have none.
constexpr std::array kBrazil{Form{"", 2, "9", 8, kNotZero, "6789"}, Form{"", 2, "", 8, kNotZero, "6789"}};
// From abroad a mobile has a 9 in front of the area, at home a 15 behind it (ENACOM, numbering plan); without either
// some people write just the ten digits, which are nobody else's. Area 11 is the only one with two digits.
constexpr std::array kArgentina{Form{"9", 0, "", 10, "", "123"}, Form{"", 0, "", 10, "", "123"},
                                Form{"", 2, "15", 8, "1", kAny}, Form{"", 3, "15", 7, "23", kAny},
                                Form{"", 4, "15", 6, "23", kAny}};
// Mobiles had a 1 behind the country code until August 2019 (IFT, numbering plan); ids keep it.
constexpr std::array kMexico{Form{"1", 0, "", 10, "", "23456789"}, Form{"", 0, "", 10, "", "23456789"}};

constexpr std::array kCountries{Country{"55", kBrazil}, Country{"54", kArgentina}, Country{"52", kMexico}};

bool starts_with_one_of(std::string_view digits, std::string_view allowed) {
    return allowed.contains(digits.front());
}

bool fits(const Form& form, std::string_view area, std::string_view rest) {
    return (area.empty() || starts_with_one_of(area, form.area_starts)) && starts_with_one_of(rest, form.rest_starts);
}

/// Area and rest of a number (without its country code) in this form.
std::optional<std::string> read(const Form& form, std::string_view number) {
    if (number.size() != form.lead.size() + form.area + form.infix.size() + form.rest) return std::nullopt;
    if (!number.starts_with(form.lead)) return std::nullopt;
    number.remove_prefix(form.lead.size());
    auto area = number.substr(0, form.area);
    number.remove_prefix(form.area);
    if (!number.starts_with(form.infix)) return std::nullopt;
    auto rest = number.substr(form.infix.size());
    if (!fits(form, area, rest)) return std::nullopt;
    return std::string(area).append(rest);
}

std::optional<std::string> write(const Country& country, const Form& form, std::string_view digits) {
    if (digits.size() != form.area + form.rest) return std::nullopt;
    auto area = digits.substr(0, form.area), rest = digits.substr(form.area);
    if (!fits(form, area, rest)) return std::nullopt;
    return std::string(country.code).append(form.lead).append(area).append(form.infix).append(rest);
}

}  // namespace

std::vector<std::string> variants_of(std::string_view wa_id) {
    std::vector<std::string> out;
    if (!std::ranges::all_of(wa_id, [](char c) { return c >= '0' && c <= '9'; })) return out;
    auto country = std::ranges::find_if(kCountries, [&](const Country& c) { return wa_id.starts_with(c.code); });
    if (country == kCountries.end()) return out;
    for (const auto& form : country->forms) {
        auto digits = read(form, wa_id.substr(country->code.size()));
        if (!digits) continue;
        for (const auto& other : country->forms)
            if (auto spelling = write(*country, other, *digits); spelling && *spelling != wa_id)
                out.push_back(std::move(*spelling));
        break;
    }
    return out;
}

}  // namespace parley

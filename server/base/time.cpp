#include "base/time.hpp"

#include <charconv>
#include <cstdio>

namespace parley {
namespace {

using namespace std::chrono;

/// Reads exactly `digits` decimal digits from the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    for (char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::string to_rfc3339(TimePoint time) {
    auto day = floor<days>(time);
    year_month_day date{day};
    hh_mm_ss clock{time - day};
    char buffer[48];
    int length = std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d", int(date.year()),
                               unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                               int(clock.minutes().count()), int(clock.seconds().count()));
    auto micros = clock.subseconds().count();
    if (micros % 1000 != 0) {
        length += std::snprintf(buffer + length, sizeof buffer - length, ".%06lld", static_cast<long long>(micros));
    } else if (micros != 0) {
        length +=
            std::snprintf(buffer + length, sizeof buffer - length, ".%03lld", static_cast<long long>(micros / 1000));
    }
    buffer[length] = 'Z';
    return std::string(buffer, static_cast<std::size_t>(length) + 1);
}

std::optional<TimePoint> parse_utc(std::string_view text) {
    auto y = take_number(text, 4);
    if (!y || !take(text, '-')) return std::nullopt;
    auto mo = take_number(text, 2);
    if (!mo || !take(text, '-')) return std::nullopt;
    auto d = take_number(text, 2);
    if (!d || !(take(text, 'T') || take(text, ' '))) return std::nullopt;
    auto h = take_number(text, 2);
    if (!h || !take(text, ':')) return std::nullopt;
    auto mi = take_number(text, 2);
    if (!mi || !take(text, ':')) return std::nullopt;
    auto s = take_number(text, 2);
    if (!s || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
    std::int64_t micros = 0;
    if (take(text, '.')) {
        std::int64_t unit = 100'000;
        if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
        while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
            micros += (text.front() - '0') * unit;
            unit /= 10;
            text.remove_prefix(1);
        }
    }
    if (text != "Z" && text != "z" && text != "+00" && text != "+00:00") return std::nullopt;
    year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)}, day{static_cast<unsigned>(*d)}};
    if (!date.ok()) return std::nullopt;
    return TimePoint{sys_days{date}} + hours{*h} + minutes{*mi} + seconds{*s} + microseconds{micros};
}

}  // namespace parley

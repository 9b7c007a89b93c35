// Wall-clock time: UTC, microseconds, as PostgreSQL's timestamptz has it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;

/// The wall clock. Passed by reference to whoever needs the time; tests set their own.
class Clock {
  public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;
    virtual TimePoint now() const {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
};

/// RFC 3339 in UTC with as many fraction digits as needed: "2026-01-31T08:15:00Z", "2026-01-31T08:15:00.250Z".
std::string to_rfc3339(TimePoint time);

/// Reads RFC 3339, and the ISO form that PostgreSQL prints with TimeZone=UTC ("2026-01-31 08:15:00.25+00").
/// Empty for anything else, and for offsets other than UTC.
std::optional<TimePoint> parse_utc(std::string_view text);

/// Whole seconds since 1970, as Meta's webhooks carry them.
inline TimePoint from_unix_seconds(std::int64_t seconds) {
    return TimePoint{std::chrono::seconds{seconds}};
}

}  // namespace parley

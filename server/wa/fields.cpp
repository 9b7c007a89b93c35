#include "wa/fields.hpp"

#include <algorithm>
#include <chrono>

namespace parley::wa {
namespace {

using std::chrono::seconds;

const json::value kNothing;
constexpr std::chrono::sys_seconds kEarliest = std::chrono::sys_days{std::chrono::year{2009} / 1 / 1};
constexpr seconds kClockSkew = std::chrono::days{1};

}  // namespace

const json::value& member(const json::value& container, std::string_view name) {
    auto* found = json::find(container, name);
    return found ? *found : kNothing;
}

std::string_view text_view(const json::value& container, std::string_view name) {
    auto* string = member(container, name).if_string();
    return string ? std::string_view(string->data(), string->size()) : std::string_view();
}

TimePoint read_time(const json::value& container, TimePoint arrival) {
    auto claimed = json::integer(container, "timestamp");
    if (!claimed) return arrival;
    // Compared as seconds: a claim of 64 bits does not fit into microseconds.
    auto latest = std::chrono::floor<seconds>(arrival) + kClockSkew;
    if (*claimed > latest.time_since_epoch().count()) return arrival;
    if (*claimed < kEarliest.time_since_epoch().count()) return kEarliest;
    return from_unix_seconds(*claimed);
}

TimePoint place_in_second(TimePoint second, TimePoint arrival) {
    using namespace std::chrono_literals;
    if (arrival > second + 1min) return second;
    return std::clamp<TimePoint>(arrival, second, second + 1s - 1us);
}

std::optional<MessageError> read_error(const json::value& container) {
    auto* errors = json::find_array(container, "errors");
    if (!errors || errors->empty() || !errors->front().is_object()) return std::nullopt;
    const auto& first = errors->front();
    MessageError error;
    error.code = json::integer(first, "code").value_or(0);
    error.title = json::text(first, "title");
    if (error.title.empty()) error.title = json::text(first, "message");
    error.details = json::text(member(first, "error_data"), "details");
    if (error.details.empty()) error.details = json::text(first, "details");
    return error;
}

}  // namespace parley::wa

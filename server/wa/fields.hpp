// Members that messages, statuses and values have in common.
#pragma once

#include <optional>
#include <string_view>

#include "base/json.hpp"
#include "domain/message.hpp"

namespace parley::wa {

/// The member, or a JSON null when there is none: lets readers descend without asking at every step.
const json::value& member(const json::value& container, std::string_view name);

/// A string member without a copy; empty for any other kind. Lives as long as `container`.
std::string_view text_view(const json::value& container, std::string_view name);

/// `timestamp`: Unix seconds, as a string or a number. Absent, unreadable or more than a day after `arrival` gives
/// `arrival`; before 2009, when WhatsApp began, gives 2009-01-01.
TimePoint read_time(const json::value& container, TimePoint arrival);

/// A message's place among others. Meta tells whole seconds; within its second the arrival orders, so that an answer
/// given in the same second stands below what it answers, and of two customers the later one comes first. What arrives
/// more than a minute late keeps Meta's time.
TimePoint place_in_second(TimePoint second, TimePoint arrival);

/// The first of `errors[]`, in its present and its older shapes (reference, section 8).
std::optional<MessageError> read_error(const json::value& container);

}  // namespace parley::wa

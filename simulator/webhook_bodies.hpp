// The webhook payloads (reference, sections 4 to 9).
#pragma once

#include <string_view>

#include "base/json.hpp"
#include "simulator/businesses.hpp"
#include "simulator/state.hpp"

namespace parley::simulator {

/// A webhook with one message of a customer. System messages come without `contacts`.
json::object message_webhook(const BusinessNumber& number, const Customer& customer, const json::object& message);

/// Field `calls`: one event of a call that a customer makes.
json::object call_webhook(const BusinessNumber& number, const Customer& customer, const json::object& call);

/// A webhook with one status of a message that the business sent. `customer` is nullptr for groups.
json::object status_webhook(const BusinessNumber& number, const ChatMessage& message, const Customer* customer,
                            std::string_view status, TimePoint at, const json::array& errors);

/// Field message_template_status_update, with the template's status as it is now. A template that is paused or
/// disabled, flagged and so on is told by its status as well; Meta's `event` has the same names.
json::object template_status_webhook(std::string_view waba_id, const Template& message_template, TimePoint at);
/// Any of the other template fields; `changes` are its members beside those that name the template.
json::object template_webhook(std::string_view waba_id, std::string_view field, const Template& message_template,
                              const json::object& changes, TimePoint at);

std::string unix_seconds(TimePoint at);

}  // namespace parley::simulator

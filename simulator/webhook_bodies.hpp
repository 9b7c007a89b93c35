// The webhook payloads (reference, sections 4 to 9).
#pragma once

#include <string_view>

#include "base/json.hpp"
#include "simulator/options.hpp"
#include "simulator/state.hpp"
#include "simulator/templates.hpp"

namespace parley::simulator {

/// A webhook with one message of a customer.
json::object message_webhook(const SimulatorOptions& options, std::string_view phone_number_id,
                             const Customer& customer, const json::object& message);

/// A webhook with one status of a message that the business sent. `customer` is nullptr for groups.
json::object status_webhook(const SimulatorOptions& options, const ChatMessage& message, const Customer* customer,
                            std::string_view status, TimePoint at, const json::array& errors);

/// Field message_template_status_update.
json::object template_webhook(const SimulatorOptions& options, const Template& message_template, std::string_view event,
                              TimePoint at);

std::string unix_seconds(TimePoint at);

}  // namespace parley::simulator

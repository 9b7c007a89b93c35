// The JSON of the control API and of the phone page's updates.
#pragma once

#include "base/json.hpp"
#include "http/message.hpp"
#include "simulator/options.hpp"
#include "simulator/state.hpp"

namespace parley::simulator {

http::Response json_answer(const json::object& body);

json::object customer_json(const Customer& customer, TimePoint now);
json::object business_json(const SimulatorOptions& options);
/// {n,wamid,to,type,status,biz_opaque_callback_data,category,at,error?,request}
json::object sent_message(const ChatMessage& message);
/// {n,seq,wamid,customer,from_business,type,status,at (ms),attempts,problem,read_by_business,body}
json::object chat_message(const ChatMessage& message);

}  // namespace parley::simulator

// The JSON of the control API and of the phone page's updates.
#pragma once

#include "base/json.hpp"
#include "http/message.hpp"
#include "simulator/businesses.hpp"
#include "simulator/state.hpp"

namespace parley::simulator {

http::Response json_answer(const json::object& body);

/// `window_open` and `last_incoming_at` are those of the first number; `last_incoming` has all, in milliseconds.
json::object customer_json(const Customer& customer, const Businesses& businesses, TimePoint now);
/// {waba_id,phone_number_id,display_phone_number,verified_name,status,quality_rating,blocked}
json::object business_json(const BusinessNumber& number);
json::array numbers_json(const Businesses& businesses);
json::array groups_json(const State& state);
/// {n,wamid,to,type,status,biz_opaque_callback_data,category,at,error?,request}
json::object sent_message(const ChatMessage& message);
/// {n,seq,wamid,phone_number_id,customer,from_business,type,status,at (ms),attempts,problem,read_by_business,body}
json::object chat_message(const ChatMessage& message);

}  // namespace parley::simulator

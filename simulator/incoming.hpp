// A customer writes: builds the message object and sends its webhook.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "base/json.hpp"
#include "simulator/world.hpp"

namespace parley::simulator {

struct Written {
    std::string wamid;
    std::shared_ptr<Delivery> delivery;  ///< nullptr when the queue is full or the app is not subscribed
    bool blocked = false;                ///< by the business: no webhook on purpose
};

/// Takes the body of POST /_sim/inbound (see README.md). The error is a sentence about the request.
std::expected<Written, std::string> write_as_customer(World& world, const json::value& request);

/// Whom `from` (digits) or `user_id` of a request names; created when new.
std::expected<Customer*, std::string> author(World& world, const json::value& request);

/// Stores a message of a customer and posts its webhook `copies` times. `message` is the object of the webhook.
Written deliver(World& world, const BusinessNumber& number, Customer& from, const json::object& message,
                std::int64_t copies = 1);

/// The members that say who wrote: from, from_user_id.
void add_sender(json::object& message, const Customer& from);

/// The content of a sample message of that type, for members that the request leaves out. Shapes: reference,
/// section 6.2. Null when there is no sample for it.
json::value sample_content(World& world, const BusinessNumber& number, const std::string& type,
                           const Customer& customer);
/// What a message from an ad carries (reference, 6.1).
json::object sample_referral();

/// The newest thing that the business sent to that customer, of that type when it is not empty; nullptr when there is
/// none.
const ChatMessage* newest_reply(const World& world, const Customer& customer, std::string_view type);

/// The media object of a webhook for a stored file: mime_type, sha256 (base64), id, url (unless switched off).
json::object media_content(const World& world, const MediaFile& file);

}  // namespace parley::simulator

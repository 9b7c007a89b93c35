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
};

/// Takes the body of POST /_sim/inbound (see README.md). The error is a sentence about the request.
std::expected<Written, std::string> write_as_customer(World& world, const json::value& request);

/// The content of a sample message of that type, for members that the request leaves out. Shapes: reference,
/// section 6.2. Empty when there is no sample for it.
json::value sample_content(World& world, const std::string& type, const Customer& customer);

/// The newest thing that the business sent to that customer, of that type when it is not empty; nullptr when there is
/// none.
const ChatMessage* newest_reply(const World& world, const Customer& customer, std::string_view type);

/// The media object of a webhook for a stored file: id, mime_type, sha256 (base64), url.
json::object media_content(const World& world, const MediaFile& file);

}  // namespace parley::simulator

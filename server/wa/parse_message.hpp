// One element of messages[] or message_echoes[] -> domain (reference, sections 5 and 6).
#pragma once

#include <vector>

#include "base/json.hpp"
#include "domain/delivery.hpp"
#include "wa/contact_book.hpp"

namespace parley::wa {

/// What surrounds a message. References outlive the call only.
struct MessageSurroundings {
    const BusinessNumber& number;
    const ContactBook& contacts;
    TimePoint arrival;
    Sender sender = Sender::customer;  ///< agent: an echo, whose customer is the one it went to
    bool alone = false;                ///< the only message of its value
};

/// Appends what the message says: nearly always one item; two for a system message that tells a new number or user id.
/// False when it is malformed (no object, no id, nobody who wrote it) and nothing was appended. A reaction, edit or
/// revoke that does not say which message it means is kept as an unsupported message.
bool read_message(const json::value& message, const MessageSurroundings& around, std::vector<DeliveryItem>& items);

}  // namespace parley::wa

// What was said in a conversation. Pure: no I/O, no JSON, no clock inside.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace parley {

enum class Sender { customer, agent };
std::string_view to_string(Sender sender);

/// Fate of a message that an agent sent. The order of the enumerators is the order in which a message may move: a
/// report of a lower state never takes a higher one back (promise 5; reference, section 7).
enum class MessageStatus {
    received,  // from a customer: no fate to follow
    not_sent,  // saved only: no Graph token is configured
    queued,    // in the outbox
    unknown,   // the request was written, but its answer never came: Meta may or may not have it
    sent,      // Meta accepted it
    failed,    // refused by Meta, at once or later; a proof of delivery still wins over it
    delivered,
    read,
    played,  // a voice message was listened to
};
std::string_view to_string(MessageStatus status);
/// Empty for a word that is none of ours. Meta's words for sent, failed, delivered, read and played are the same.
std::optional<MessageStatus> parse_message_status(std::string_view word);

/// Meta's error on a message, as reported (reference, section 8).
struct MessageError {
    std::int64_t code = 0;
    std::string title;
    std::string details;
};

/// A file that a message refers to. `id` is Meta's media id, valid for seven days after the webhook.
struct MediaReference {
    std::string id;
    std::string mime_type;  ///< as claimed by the sender; may carry parameters, may lie
    std::string sha256;     ///< as sent: base64 or hex
    std::string file_name;  ///< the sender's; any characters
    bool voice = false;
};

/// How long Meta keeps a file that a customer sent (reference, section 12).
inline constexpr std::chrono::days kMediaKept{7};

}  // namespace parley

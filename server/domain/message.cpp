#include "domain/message.hpp"

#include <array>

namespace parley {
namespace {

constexpr std::array<std::string_view, 9> kStatusWords{"received", "not_sent",  "queued", "unknown", "sent",
                                                       "failed",   "delivered", "read",   "played"};

}  // namespace

std::string_view to_string(Sender sender) {
    return sender == Sender::customer ? "customer" : "agent";
}

std::string_view to_string(MessageStatus status) {
    return kStatusWords[static_cast<std::size_t>(status)];
}

std::optional<MessageStatus> parse_message_status(std::string_view word) {
    for (std::size_t i = 0; i < kStatusWords.size(); ++i)
        if (kStatusWords[i] == word) return static_cast<MessageStatus>(i);
    return std::nullopt;
}

}  // namespace parley

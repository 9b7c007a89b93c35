// What clients say on an event socket (contract/events.yaml).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/ids.hpp"

namespace parley::realtime {

/// Up to where the client has seen the log.
struct Resume {
    std::string epoch;
    std::int64_t offset = 0;
};

struct AuthFrame {
    std::string token;
    std::optional<Resume> resume;
    std::optional<AccountId> account =
        std::nullopt;  ///< which of the user's accounts; absent: that of the oldest membership
};
struct ViewingFrame {
    std::optional<ConversationId> conversation;
};
struct TypingFrame {
    ConversationId conversation;
    bool typing = false;
};
struct PingFrame {};
/// Of a type that this version does not know.
struct UnknownFrame {
    std::string type;
};
using ClientFrame = std::variant<AuthFrame, ViewingFrame, TypingFrame, PingFrame, UnknownFrame>;

/// The error is the sentence that the socket is closed with: what is not JSON, or of a wrong type.
std::expected<ClientFrame, std::string_view> read_client_frame(std::string_view text);

}  // namespace parley::realtime

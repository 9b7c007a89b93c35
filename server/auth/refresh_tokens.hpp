// Refresh tokens of the built-in sign-in: pure, no I/O. A token is derived from its session, a counter and a key that
// this server alone has, so nothing needs to be stored to give the active one again to a client that lost the answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/sessions.hpp"

namespace parley::auth {

/// How long after a rotation any earlier token of the session still gets the active one: tabs that wake together
/// refresh with the same token.
inline constexpr std::chrono::seconds kReuseInterval{10};

struct RefreshToken {
    std::string session_id;  ///< a UUID in lower case
    std::int64_t counter = 0;
};

/// base64url of session (16 bytes), counter (8) and the first 16 bytes of HMAC-SHA256 over both.
std::string write_refresh_token(const RefreshToken& token, std::string_view key);
/// Empty for text that `write_refresh_token` did not make with this key.
std::optional<RefreshToken> read_refresh_token(std::string_view text, std::string_view key);

/// The rules of rotation: the active token rotates; the one before it, and any within kReuseInterval of the last
/// rotation, gets the active one again; any other ends the session.
store::RefreshVerdict judge_refresh(const store::SessionState& session, std::int64_t counter);

}  // namespace parley::auth

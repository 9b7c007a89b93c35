#include "auth/refresh_tokens.hpp"

#include "base/crypto.hpp"

namespace parley::auth {
namespace {

constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kCounterBytes = 8;
constexpr std::size_t kMacBytes = 16;
constexpr std::size_t kSigned = kUuidBytes + kCounterBytes;

std::string mac_of(std::string_view signed_part, std::string_view key) {
    auto mac = hmac_sha256(key, "refresh " + std::string(signed_part));
    return std::string(as_text(mac).substr(0, kMacBytes));
}

std::string bytes_of_uuid(std::string_view uuid) {
    std::string digits;
    for (char c : uuid)
        if (c != '-') digits += c;
    return from_hex(digits).value_or("");
}

std::string uuid_of_bytes(std::string_view bytes) {
    auto digits = to_hex(bytes);
    for (std::size_t at : {20, 16, 12, 8}) digits.insert(at, 1, '-');
    return digits;
}

}  // namespace

std::string write_refresh_token(const RefreshToken& token, std::string_view key) {
    auto bytes = bytes_of_uuid(token.session_id);
    auto counter = static_cast<std::uint64_t>(token.counter);
    for (std::size_t i = kCounterBytes; i-- > 0;) bytes += static_cast<char>(counter >> (8 * i) & 0xff);
    return to_base64url(bytes + mac_of(bytes, key));
}

std::optional<RefreshToken> read_refresh_token(std::string_view text, std::string_view key) {
    auto bytes = from_base64url(text);
    if (!bytes || bytes->size() != kSigned + kMacBytes) return std::nullopt;
    auto signed_part = std::string_view(*bytes).substr(0, kSigned);
    if (!equal_constant_time(std::string_view(*bytes).substr(kSigned), mac_of(signed_part, key))) return std::nullopt;
    std::uint64_t counter = 0;
    for (char c : signed_part.substr(kUuidBytes)) counter = counter << 8 | static_cast<unsigned char>(c);
    return RefreshToken{uuid_of_bytes(signed_part.substr(0, kUuidBytes)), static_cast<std::int64_t>(counter)};
}

store::RefreshVerdict judge_refresh(const store::SessionState& session, std::int64_t counter) {
    using enum store::RefreshVerdict;
    if (session.now >= session.not_after) return expired;
    if (session.user.banned_until && session.now < *session.user.banned_until) return banned;
    // Beyond the active one: the database was put back to an earlier state.
    if (counter > session.counter) return unknown;
    if (counter == session.counter) return rotate;
    bool parent = counter == session.counter - 1;
    if (parent || session.now < session.refreshed_at + kReuseInterval) return repeat;
    return stolen;
}

}  // namespace parley::auth

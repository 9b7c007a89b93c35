// Verification of Supabase access tokens: pure, no I/O, no clock. Follows RFC 7515, RFC 7519 and RFC 8725. What a token
// claims is looked at only after its signature has been verified.
#pragma once

#include <openssl/types.h>

#include <boost/json/object.hpp>
#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace parley::auth {

/// The bytes that sign HS256 tokens: the text of SUPABASE_JWT_SECRET as it stands. Supabase does not decode it, even
/// where it looks like base64.
struct Hs256Secret {
    std::string bytes;
};

/// Errc::invalid_argument for a secret under 32 bytes (RFC 7518, section 3.2), and for the one that is printed in
/// Supabase's self-hosting guide: everybody knows it.
Result<void> check_secret(std::string_view secret);

enum class KeyAlgorithm { es256, rs256 };

/// A public key with the one algorithm that it may verify. A type of its own, so that it can never be an HMAC secret.
struct PublicKey {
    std::string kid;  ///< never empty
    KeyAlgorithm algorithm;
    std::shared_ptr<EVP_PKEY> key;  ///< ES256: on P-256; RS256: at least 2048 bits
};

/// What signatures are checked with. A token whose `kid` is that of a public key is checked with that key; every other
/// token is checked with the secret, if there is one. `public_keys` are the caller's and outlive the call.
struct JwtKeys {
    std::optional<Hs256Secret> secret;
    std::span<const PublicKey> public_keys;
};

struct JwtRules {
    std::optional<std::string> issuer;                           ///< the exact `iss`; not checked when absent
    std::chrono::seconds skew{60};                               ///< how far the clock of the issuer may be off
    std::chrono::seconds max_lifetime = std::chrono::hours{24};  ///< exp - iat, or exp - now when the token has no iat
};

/// What a verified token says. It tells who somebody is, not what they may do here.
struct Claims {
    std::string user_id;     ///< `sub`: a UUID in lower case, not the nil one
    std::string session_id;  ///< a UUID in lower case; empty when the token has none
    std::string email;       ///< storable text, for display; no proof that the address is theirs; may be empty
    std::string name;  ///< what the user calls themselves, else the e-mail's part before '@'; for display, may be empty
    TimePoint expires_at;
};

inline constexpr std::size_t kMaxTokenBytes = 16 * 1024;

/// The token is not HS256 and no public key has its `kid`: the keys may be older than the token.
inline constexpr std::string_view kUnknownKid = "unknown_kid";

/// The claims, or why the token is refused: a word for the log ("expired", "signature_mismatch"...), not for the
/// client.
std::expected<Claims, std::string_view> verify_jwt(std::string_view token, const JwtKeys& keys, const JwtRules& rules,
                                                   TimePoint now);

/// A token with these claims as they are, for tools and tests; times are whole seconds since 1970.
std::string sign_hs256(const boost::json::object& claims, const Hs256Secret& secret);

}  // namespace parley::auth

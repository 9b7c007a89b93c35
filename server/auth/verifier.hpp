// Who is calling: the Authorization header of a request, verified.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwks.hpp"
#include "auth/jwt.hpp"
#include "auth/session_book.hpp"
#include "base/async.hpp"
#include "base/crypto.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "http/client.hpp"

namespace parley::auth {

/// The sign-in of this server itself: its keys are at hand, and its sessions can be looked up.
struct BuiltInIssuer {
    std::vector<PublicKey> keys;
    std::string issuer;     ///< the exact `iss`
    SessionBook* sessions;  ///< outlives the verifier
};

/// Whose tokens are accepted. With the URL the issuer must be `<URL>/auth/v1`; with the secret alone it is not checked.
/// With neither every token is refused.
struct VerifierOptions {
    std::optional<std::string> supabase_url = std::nullopt;  ///< trailing slashes are ignored
    std::optional<std::string> jwt_secret = std::nullopt;    ///< see check_secret
    std::optional<BuiltInIssuer> built_in = std::nullopt;    ///< instead of both
};

/// The one token after "Bearer" (in any case); empty for every other header.
std::string_view bearer_token(std::string_view authorization_header);

class TokenVerifier {
  public:
    /// Throws std::invalid_argument for a URL that KeyStore refuses and for a secret that check_secret refuses.
    /// `client` and `clock` outlive the verifier.
    TokenVerifier(VerifierOptions options, http::Client& client, const Clock& clock,
                  MonotonicNow monotonic_now = std::chrono::steady_clock::now);

    /// The claims of "Bearer <access token>". Every failure is the same Errc::unauthenticated; the reason is logged as
    /// "token_rejected", the token never. Errc::unavailable while there are no keys because the issuer cannot be
    /// reached: a client that was told 401 would sign its user out. A good token is remembered for at most 60 s. The
    /// text outlives the call. With a built-in issuer the token's session must go on as well; throws store::DbError
    /// when that cannot be looked up. A token without a session is one that `parley user token` made.
    awaitable<Result<Claims>> verify(std::string_view authorization_header);
    /// The same for a bare token, as the first message of a socket carries it.
    awaitable<Result<Claims>> verify_token(std::string_view token);
    /// The claims of a token that is good by itself: for those who look its session up on their own.
    awaitable<Result<Claims>> verify_without_session(std::string_view authorization_header);

    /// Forgets all keys and all tokens, for urgent revocation of a key.
    void purge();

  private:
    struct Remembered {
        Claims claims;
        std::chrono::steady_clock::time_point until;
    };

    awaitable<Result<Claims>> verify_itself(std::string_view token);
    const Claims* recall(const Sha256& token_hash);
    void remember(const Sha256& token_hash, const Claims& claims);

    const Clock& clock_;
    MonotonicNow monotonic_now_;
    JwtKeys keys_;
    JwtRules rules_;
    std::unique_ptr<KeyStore> key_store_;      ///< absent without a URL
    std::vector<PublicKey> own_keys_;          ///< of a built-in issuer
    SessionBook* sessions_ = nullptr;          ///< the same
    std::map<Sha256, Remembered> remembered_;  ///< by the hash of the token
};

}  // namespace parley::auth

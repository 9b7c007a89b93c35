// The public keys of an issuer: read from a JSON Web Key Set (RFC 7517) and kept fresh.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwt.hpp"
#include "base/async.hpp"
#include "http/client.hpp"

namespace parley::auth {

inline constexpr std::size_t kMaxJwksBytes = 64 * 1024;

/// The keys of a set that can verify access tokens: EC on P-256 (ES256) and RSA of 2048 to 4096 bits (RS256), with a
/// kid and meant for signatures. Others (symmetric ones, other curves, private keys, `use` other than "sig") are left
/// out, as is a second key with the same kid. An empty set is a valid one: projects that sign with a secret publish it.
/// Otherwise the reason for the log: "jwks_too_large" or "jwks_malformed".
std::expected<std::vector<PublicKey>, std::string_view> parse_jwks(std::string_view json);

/// The monotonic clock of what has an age; tests set their own.
using MonotonicNow = std::function<std::chrono::steady_clock::time_point()>;

/// Fetches `<issuer>/.well-known/jwks.json` when somebody needs a key and keeps the answer for 10 minutes. When a fetch
/// fails, the last good set serves for up to 1 hour. Concurrent callers share one fetch.
class KeyStore {
  public:
    /// `issuer` is an https URL without a trailing slash; http is allowed for loopback hosts alone. Throws
    /// std::invalid_argument for anything else. `client` outlives the store and its fetches.
    KeyStore(std::string_view issuer, http::Client& client, MonotonicNow now = std::chrono::steady_clock::now);
    ~KeyStore();
    KeyStore(const KeyStore&) = delete;
    KeyStore& operator=(const KeyStore&) = delete;

    /// The keys that may be used now; empty when a fetch is due. Valid until the next co_await.
    std::span<const PublicKey> keys() const;

    /// Called for a token whose kid is not in keys(). Fetches the set if it is due, or else once more if the last such
    /// fetch is 30 s old: whoever sends random kids cannot make us ask more often. Returns when keys() is as good as it
    /// gets; a failed fetch is logged and tried again after 30 s (5 s when there is no key at all).
    awaitable<void> look_again();

    /// There are no keys because they could not be fetched: nobody's token can be judged now.
    bool unreachable() const;

    /// Forgets every key, for urgent revocation: the next token fetches the set anew.
    void purge();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace parley::auth

// The built-in sign-in: what /auth/v1 does, without HTTP. Follows Supabase's rules where its clients notice.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "auth/jwt.hpp"
#include "auth/passwords.hpp"
#include "auth/rate_limits.hpp"
#include "auth/refusal.hpp"
#include "auth/session_book.hpp"
#include "auth/signing.hpp"
#include "store/sessions.hpp"
#include "store/users.hpp"

namespace parley::auth {

struct SignInRules {
    std::string issuer;
    std::chrono::seconds access_token_lifetime{3600};
    std::chrono::seconds session_lifetime =
        std::chrono::days{30};  ///< from the sign-in; then the password is asked again
};

/// What a client gets for signing in or refreshing.
struct OpenSession {
    std::string access_token;
    std::string refresh_token;
    std::chrono::seconds expires_in;
    store::User user;
};

/// A change that a user makes to themselves.
struct OwnChange {
    std::optional<std::string> password;
    std::optional<std::string> current_password;  ///< checked when given
    store::MetadataChange metadata;
};

enum class SignOutScope { global, local, others };

class SignIn {
  public:
    /// Everything given outlives this object.
    SignIn(store::Pool& pool, const AuthKeys& keys, SessionBook& sessions, const Clock& clock, SignInRules rules);

    /// `address`: the client's, for the limits.
    awaitable<Granted<OpenSession>> with_password(std::string email, std::string password, std::string address);
    awaitable<Granted<OpenSession>> refresh(std::string refresh_token, std::string address);

    /// The user of a verified token, whose session must go on.
    awaitable<Granted<store::User>> user_of(Claims claims);
    awaitable<Granted<store::User>> change(Claims claims, OwnChange wanted, std::string address);
    awaitable<Granted<void>> sign_out(Claims claims, SignOutScope scope);

    /// Changes that an administrator makes. A new password or a ban ends every session.
    awaitable<Granted<store::User>> add(store::NewUser user, std::optional<std::string> password);
    awaitable<Granted<store::User>> update(std::string id, store::UserChange change,
                                           std::optional<std::string> password);
    awaitable<Granted<void>> remove(std::string id);

    const AuthKeys& keys() const { return keys_; }
    store::Pool& pool() { return pool_; }

  private:
    awaitable<Granted<OpenSession>> judge_password(std::string email, std::string password);
    OpenSession issue(store::User user, const std::string& session_id, std::int64_t counter) const;
    awaitable<Granted<std::string>> hash_new(std::string password);

    store::Pool& pool_;
    const AuthKeys& keys_;
    SessionBook& sessions_;
    const Clock& clock_;
    SignInRules rules_;
    PasswordHasher hasher_;
    RateLimit token_limit_{30, 0.5};   // 150 in 5 minutes
    RateLimit change_limit_{30, 0.1};  // 30 in 5 minutes
    Strangers strangers_;
};

/// The claims of an access token; `session_id` empty: of one that no sign-out ends.
boost::json::object access_claims(const store::User& user, const std::string& session_id, const std::string& issuer,
                                  TimePoint now, std::chrono::seconds lifetime);

/// The address in lower case; 400 validation_failed unless it has one '@', something on both sides of it, no spaces and
/// at most 255 bytes.
Granted<std::string> normal_email(std::string_view text);

}  // namespace parley::auth

#include "auth/sign_in.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/json/parse.hpp>

#include "auth/refresh_tokens.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace parley::auth {
namespace {

using namespace std::chrono_literals;
using std::unexpected;

constexpr std::size_t kMaxEmailBytes = 255;
/// Longer than a look at the password takes: whether the address is known does not show in the time.
constexpr auto kLeastRefusal = 250ms;
/// More hashes are waiting than are worth waiting for.
constexpr auto kBusy = 1s;

std::unexpected<Refusal> invalid_credentials() {
    return refuse(400, "invalid_credentials", "Invalid login credentials");
}

std::unexpected<Refusal> banned() {
    return refuse(400, "user_banned", "This user is banned.");
}

Refusal meaning_of(store::UserError error) {
    switch (error) {
        case store::UserError::exists:
            return {.status = 422,
                    .code = "email_exists",
                    .message = "A user with this e-mail address, or this id, exists already."};
        case store::UserError::metadata_too_large:
            return {.status = 400,
                    .code = "validation_failed",
                    .message = "user_metadata and app_metadata must have at most 4096 bytes each."};
        case store::UserError::not_found:
            break;
    }
    return {.status = 404, .code = "user_not_found", .message = "User not found"};
}

Granted<store::User> granted(std::expected<store::User, store::UserError> outcome) {
    if (!outcome) return unexpected(meaning_of(outcome.error()));
    return std::move(*outcome);
}

boost::json::object object_of(const std::string& json) {
    auto value = boost::json::parse(json);
    return value.is_object() ? std::move(value.as_object()) : boost::json::object();
}

/// Of all that users say about themselves only their name travels in tokens: headers are small.
boost::json::object names_of(const store::User& user) {
    auto metadata = object_of(user.user_metadata);
    boost::json::object names;
    for (auto member : {"display_name", "full_name", "name"})
        if (auto* name = metadata.if_contains(member); name && name->is_string()) names[member] = *name;
    return names;
}

}  // namespace

Granted<std::string> normal_email(std::string_view text) {
    std::string email(text);
    for (char& c : email)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    auto at = email.find('@');
    bool one_at = at != email.npos && email.find('@', at + 1) == email.npos && at > 0 && at + 1 < email.size();
    bool printable = std::ranges::none_of(email, [](unsigned char c) { return c <= ' ' || c == 0x7f; });
    if (!one_at || !printable || email.size() > kMaxEmailBytes || !is_storable_text(email))
        return refuse(400, "validation_failed", "email must be an address with one @ and at most 255 bytes.");
    return email;
}

boost::json::object access_claims(const store::User& user, const std::string& session_id, const std::string& issuer,
                                  TimePoint now, std::chrono::seconds lifetime) {
    auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    boost::json::object claims{
        {"iss", issuer},
        {"sub", user.id},
        {"aud", "authenticated"},
        {"role", "authenticated"},
        {"iat", seconds},
        {"exp", seconds + lifetime.count()},
        {"email", user.email},
        {"phone", ""},
        {"app_metadata", {{"provider", "email"}, {"providers", boost::json::array{"email"}}}},
        {"user_metadata", names_of(user)},
        {"aal", "aal1"},
        {"amr", boost::json::array{boost::json::object{{"method", "password"}, {"timestamp", seconds}}}},
        {"is_anonymous", false}};
    if (!session_id.empty()) claims["session_id"] = session_id;
    return claims;
}

SignIn::SignIn(store::Pool& pool, const AuthKeys& keys, SessionBook& sessions, const Clock& clock, SignInRules rules)
    : pool_(pool), keys_(keys), sessions_(sessions), clock_(clock), rules_(std::move(rules)) {}

OpenSession SignIn::issue(store::User user, const std::string& session_id, std::int64_t counter) const {
    auto claims = access_claims(user, session_id, rules_.issuer, clock_.now(), rules_.access_token_lifetime);
    return {.access_token = keys_.sign(claims),
            .refresh_token = write_refresh_token({session_id, counter}, keys_.refresh_key()),
            .expires_in = rules_.access_token_lifetime,
            .user = std::move(user)};
}

awaitable<Granted<OpenSession>> SignIn::with_password(std::string email, std::string password, std::string address) {
    if (auto wait = token_limit_.take(network_of(address))) co_return refuse_for_now(*wait);
    auto executor = co_await asio::this_coro::executor;
    Timer least(executor, kLeastRefusal);
    auto outcome = co_await judge_password(std::move(email), std::move(password));
    if (outcome) co_return std::move(*outcome);
    if (outcome.error().code == "invalid_credentials") co_await least.async_wait(use_awaitable);
    co_return unexpected(std::move(outcome.error()));
}

awaitable<Granted<OpenSession>> SignIn::judge_password(std::string email, std::string password) {
    auto normal = normal_email(email);
    if (!normal || password.size() > kMaxPasswordBytes) co_return invalid_credentials();
    auto attempt = co_await store::begin_sign_in(pool_, *normal);
    if (attempt.wait > 0s) co_return refuse_for_now(attempt.wait);
    if (!attempt.user)
        if (auto wait = strangers_.fail(*normal)) co_return refuse_for_now(*wait);

    auto hash = attempt.user ? attempt.user->password_hash : std::string();
    auto matches = co_await hasher_.matches(std::move(password), hash);
    if (!matches) co_return refuse_for_now(kBusy);
    if (!*matches) co_return invalid_credentials();
    auto user = std::move(*attempt.user);
    if (user.banned_until && clock_.now() < *user.banned_until) co_return banned();
    auto session_id = random_uuid();
    auto signed_in = co_await store::open_session(pool_, user.id, hash, session_id, rules_.session_lifetime);
    if (!signed_in) co_return invalid_credentials();
    user.last_sign_in_at = signed_in;
    log::info("signed_in", {{"user", user.id}, {"session", session_id}});
    co_return issue(std::move(user), session_id, 0);
}

awaitable<Granted<OpenSession>> SignIn::refresh(std::string refresh_token, std::string address) {
    if (auto wait = token_limit_.take(network_of(address))) co_return refuse_for_now(*wait);
    auto unknown = refuse(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found");
    auto token = read_refresh_token(refresh_token, keys_.refresh_key());
    if (!token) co_return unknown;
    auto outcome = co_await store::refresh_session(pool_, token->session_id, token->counter, judge_refresh);
    if (!outcome.state) co_return unknown;
    const std::string ended[]{token->session_id};
    switch (outcome.verdict) {
        case store::RefreshVerdict::rotate:
        case store::RefreshVerdict::repeat:
            co_return issue(std::move(outcome.state->user), token->session_id, outcome.state->counter);
        case store::RefreshVerdict::expired:
            sessions_.forget(ended);
            co_return refuse(400, "session_expired", "Invalid Refresh Token: Session Expired");
        case store::RefreshVerdict::stolen:
            sessions_.forget(ended);
            log::warn("refresh_token_reused", {{"user", outcome.state->user.id}, {"session", token->session_id}});
            co_return refuse(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used");
        case store::RefreshVerdict::banned:
            co_return banned();
        case store::RefreshVerdict::unknown:
            break;
    }
    co_return unknown;
}

awaitable<Granted<store::User>> SignIn::user_of(Claims claims) {
    auto user = co_await store::find_user(pool_, claims.user_id);
    if (!user) co_return refuse(403, "user_not_found", "User from sub claim in JWT does not exist");
    if (!claims.session_id.empty()) {
        bool open = co_await sessions_.is_open(claims.session_id);
        if (!open) co_return refuse(403, "session_not_found", "Session from session_id claim in JWT does not exist");
    }
    co_return std::move(*user);
}

awaitable<Granted<std::string>> SignIn::hash_new(std::string password) {
    if (auto good = check_password(password); !good) co_return unexpected(good.error());
    auto hash = co_await hasher_.hash(std::move(password));
    if (!hash) co_return refuse_for_now(kBusy);
    co_return std::move(*hash);
}

awaitable<Granted<store::User>> SignIn::change(Claims claims, OwnChange wanted, std::string address) {
    if (auto wait = change_limit_.take(network_of(address))) co_return refuse_for_now(*wait);
    auto user = co_await user_of(claims);
    if (!user) co_return unexpected(user.error());
    store::UserChange change{.user_metadata = std::move(wanted.metadata)};
    store::EndSessions end;
    if (wanted.password) {
        if (auto good = check_password(*wanted.password); !good) co_return unexpected(good.error());
        if (wanted.current_password) {
            auto right = co_await hasher_.matches(*wanted.current_password, user->password_hash);
            if (!right) co_return refuse_for_now(kBusy);
            if (!*right) co_return refuse(400, "current_password_invalid", "The current password is wrong.");
        }
        auto same = co_await hasher_.matches(*wanted.password, user->password_hash);
        if (!same) co_return refuse_for_now(kBusy);
        if (*same) co_return refuse(422, "same_password", "New password should be different from the old password.");
        auto hash = co_await hash_new(*wanted.password);
        if (!hash) co_return unexpected(hash.error());
        change.password_hash = std::move(*hash);
        end = {.any = true, .except = claims.session_id};
    }
    std::vector<std::string> ended;
    auto outcome = co_await store::update_user(pool_, user->id, std::move(change), std::move(end), ended);
    sessions_.forget(ended);
    if (outcome && wanted.password)
        log::info("password_changed", {{"user", user->id}, {"sessions_ended", ended.size()}});
    co_return granted(std::move(outcome));
}

awaitable<Granted<void>> SignIn::sign_out(Claims claims, SignOutScope scope) {
    if (auto user = co_await user_of(claims); !user) co_return unexpected(user.error());
    std::vector<std::string> ended;
    if (scope == SignOutScope::local && !claims.session_id.empty())
        ended = co_await store::end_session(pool_, claims.user_id, claims.session_id);
    else if (scope != SignOutScope::local)
        ended = co_await store::end_sessions(pool_, claims.user_id,
                                             scope == SignOutScope::others ? claims.session_id : std::string());
    sessions_.forget(ended);
    log::info("signed_out", {{"user", claims.user_id}, {"sessions", ended.size()}});
    co_return Granted<void>{};
}

awaitable<Granted<store::User>> SignIn::add(store::NewUser user, std::optional<std::string> password) {
    if (password) {
        auto hash = co_await hash_new(std::move(*password));
        if (!hash) co_return unexpected(hash.error());
        user.password_hash = std::move(*hash);
    }
    auto outcome = co_await store::add_user(pool_, std::move(user));
    co_return granted(std::move(outcome));
}

awaitable<Granted<store::User>> SignIn::update(std::string id, store::UserChange change,
                                               std::optional<std::string> password) {
    if (password) {
        auto hash = co_await hash_new(std::move(*password));
        if (!hash) co_return unexpected(hash.error());
        change.password_hash = std::move(*hash);
    }
    store::EndSessions end{.any = change.password_hash.has_value() || (change.ban && *change.ban > 0s)};
    std::vector<std::string> ended;
    auto outcome = co_await store::update_user(pool_, std::move(id), std::move(change), std::move(end), ended);
    sessions_.forget(ended);
    co_return granted(std::move(outcome));
}

awaitable<Granted<void>> SignIn::remove(std::string id) {
    auto user = co_await store::find_user(pool_, id);
    if (!user) co_return unexpected(meaning_of(store::UserError::not_found));
    auto ended = co_await store::end_sessions(pool_, id, "");
    co_await store::remove_user(pool_, std::move(id));
    sessions_.forget(ended);
    co_return Granted<void>{};
}

}  // namespace parley::auth

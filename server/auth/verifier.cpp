#include "auth/verifier.hpp"

#include <stdexcept>
#include <utility>

#include "base/log.hpp"

namespace parley::auth {
namespace {

constexpr auto kRememberFor = std::chrono::seconds{60};
constexpr std::size_t kMaxRemembered = 10'000;
constexpr std::string_view kScheme = "bearer";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string issuer_of(std::string_view supabase_url) {
    while (supabase_url.ends_with('/')) supabase_url.remove_suffix(1);
    return std::string(supabase_url) + "/auth/v1";
}

std::unexpected<Error> refused() {
    return failure(Errc::unauthenticated, "The access token is missing or not valid.");
}

}  // namespace

std::string_view bearer_token(std::string_view header) {
    if (header.size() <= kScheme.size() || header[kScheme.size()] != ' ') return {};
    for (std::size_t i = 0; i < kScheme.size(); ++i)
        if (lower(header[i]) != kScheme[i]) return {};
    auto begin = header.find_first_not_of(' ', kScheme.size());
    if (begin == std::string_view::npos) return {};
    auto token = header.substr(begin);
    return token.find_first_of(" \t,") == std::string_view::npos ? token : std::string_view();
}

TokenVerifier::TokenVerifier(VerifierOptions options, http::Client& client, const Clock& clock,
                             MonotonicNow monotonic_now)
    : clock_(clock), monotonic_now_(std::move(monotonic_now)) {
    if (options.jwt_secret) {
        if (auto accepted = check_secret(*options.jwt_secret); !accepted)
            throw std::invalid_argument(accepted.error().detail);
        keys_.secret = Hs256Secret{std::move(*options.jwt_secret)};
    }
    if (options.supabase_url) {
        rules_.issuer = issuer_of(*options.supabase_url);
        key_store_ = std::make_unique<KeyStore>(*rules_.issuer, client, monotonic_now_);
    }
    if (options.built_in) {
        rules_.issuer = std::move(options.built_in->issuer);
        own_keys_ = std::move(options.built_in->keys);
        keys_.public_keys = own_keys_;
        sessions_ = options.built_in->sessions;
    }
}

awaitable<Result<Claims>> TokenVerifier::verify(std::string_view authorization_header) {
    return verify_token(bearer_token(authorization_header));
}

awaitable<Result<Claims>> TokenVerifier::verify_without_session(std::string_view authorization_header) {
    return verify_itself(bearer_token(authorization_header));
}

awaitable<Result<Claims>> TokenVerifier::verify_token(std::string_view token) {
    auto claims = co_await verify_itself(token);
    if (!claims || !sessions_ || claims->session_id.empty()) co_return claims;
    bool open = co_await sessions_->is_open(claims->session_id);
    if (open) co_return claims;
    log::info("token_rejected", {{"reason", "session_ended"}});
    co_return refused();
}

awaitable<Result<Claims>> TokenVerifier::verify_itself(std::string_view token) {
    auto token_hash = sha256(token);
    if (auto* claims = recall(token_hash)) co_return *claims;

    if (key_store_) keys_.public_keys = key_store_->keys();
    auto claims = verify_jwt(token, keys_, rules_, clock_.now());
    if (key_store_ && !claims && claims.error() == kUnknownKid) {
        co_await key_store_->look_again();
        keys_.public_keys = key_store_->keys();
        claims = verify_jwt(token, keys_, rules_, clock_.now());
        if (!claims && claims.error() == kUnknownKid && key_store_->unreachable())
            co_return failure(Errc::unavailable, "The keys of the sign-in service cannot be fetched now.");
    }
    if (!claims) {
        log::info("token_rejected", {{"reason", claims.error()}});
        co_return refused();
    }
    remember(token_hash, *claims);
    co_return std::move(*claims);
}

void TokenVerifier::purge() {
    remembered_.clear();
    if (key_store_) key_store_->purge();
}

const Claims* TokenVerifier::recall(const Sha256& token_hash) {
    auto found = remembered_.find(token_hash);
    if (found == remembered_.end()) return nullptr;
    if (monotonic_now_() < found->second.until && clock_.now() < found->second.claims.expires_at)
        return &found->second.claims;
    remembered_.erase(found);
    return nullptr;
}

void TokenVerifier::remember(const Sha256& token_hash, const Claims& claims) {
    if (remembered_.size() >= kMaxRemembered) {
        auto now = monotonic_now_();
        std::erase_if(remembered_, [now](const auto& entry) { return entry.second.until <= now; });
    }
    if (remembered_.size() >= kMaxRemembered) remembered_.clear();
    remembered_.insert_or_assign(token_hash, Remembered{claims, monotonic_now_() + kRememberFor});
}

}  // namespace parley::auth

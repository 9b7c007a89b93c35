#include "auth/jwks.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/log.hpp"

namespace parley::auth {
namespace {

using namespace std::chrono_literals;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr auto kFreshFor = 10min;
constexpr auto kServesFor = 1h;
constexpr auto kRetryAfter = 30s;
constexpr auto kRetryWithoutKeys = 5s;
constexpr auto kRefetchEvery = 30s;
constexpr auto kFetchTimeout = 5s;

constexpr std::size_t kCoordinateBytes = 32;
constexpr int kMinRsaBits = 2048;
/// A signature check grows with the square of the size; nobody signs access tokens with more.
constexpr int kMaxRsaBits = 4096;
constexpr int kMaxExponentBits = 64;

using KeyPointer = std::shared_ptr<EVP_PKEY>;
using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// nullptr when OpenSSL refuses the numbers, e.g. a point that is not on the curve.
KeyPointer build_key(const char* type, OSSL_PARAM_BLD* builder) {
    std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(OSSL_PARAM_BLD_to_param(builder),
                                                                       &OSSL_PARAM_free);
    std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), &EVP_PKEY_CTX_free);
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1)
        throw std::runtime_error("EVP_PKEY_fromdata_init failed");
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        EVP_PKEY_free(key);
        ERR_clear_error();
        return nullptr;
    }
    return {key, &EVP_PKEY_free};
}

std::optional<std::string> number_member(const json::value& jwk, std::string_view name) {
    auto* v = json::find(jwk, name);
    return v && v->is_string() ? from_base64url(v->get_string()) : std::nullopt;
}

std::string_view text_member(const json::value& jwk, std::string_view name) {
    auto* v = json::find(jwk, name);
    return v && v->is_string() ? std::string_view(v->get_string()) : std::string_view();
}

KeyPointer ec_key(const json::value& jwk) {
    auto x = number_member(jwk, "x"), y = number_member(jwk, "y");
    if (!x || !y || x->size() != kCoordinateBytes || y->size() != kCoordinateBytes) return nullptr;
    auto point = '\x04' + *x + *y;
    Builder builder(OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
    if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
        throw std::runtime_error("OSSL_PARAM_BLD failed");
    return build_key("EC", builder.get());
}

KeyPointer rsa_key(const json::value& jwk) {
    auto n_bytes = number_member(jwk, "n"), e_bytes = number_member(jwk, "e");
    if (!n_bytes || !e_bytes) return nullptr;
    Number n(BN_bin2bn(bytes_of(*n_bytes), static_cast<int>(n_bytes->size()), nullptr), &BN_free);
    Number e(BN_bin2bn(bytes_of(*e_bytes), static_cast<int>(e_bytes->size()), nullptr), &BN_free);
    if (!n || !e) throw std::runtime_error("BN_bin2bn failed");
    int bits = BN_num_bits(n.get());
    if (bits < kMinRsaBits || bits > kMaxRsaBits || !BN_is_odd(n.get())) return nullptr;
    if (!BN_is_odd(e.get()) || BN_is_one(e.get()) || BN_num_bits(e.get()) > kMaxExponentBits) return nullptr;
    Builder builder(OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        throw std::runtime_error("OSSL_PARAM_BLD failed");
    return build_key("RSA", builder.get());
}

/// `use` and `key_ops` are optional, and a published private key is nobody's proof of anything.
bool is_for_verifying(const json::value& jwk) {
    if (json::find(jwk, "d")) return false;
    if (json::find(jwk, "use") && text_member(jwk, "use") != "sig") return false;
    if (!json::find(jwk, "key_ops")) return true;
    auto* operations = json::find_array(jwk, "key_ops");
    return operations && std::ranges::find(*operations, json::value("verify")) != operations->end();
}

std::optional<PublicKey> read_key(const json::value& jwk) {
    auto kid = text_member(jwk, "kid"), type = text_member(jwk, "kty");
    auto ec = type == "EC" && text_member(jwk, "crv") == "P-256";
    if (kid.empty() || !(ec || type == "RSA") || !is_for_verifying(jwk)) return std::nullopt;
    if (json::find(jwk, "alg") && text_member(jwk, "alg") != (ec ? "ES256" : "RS256")) return std::nullopt;
    auto key = ec ? ec_key(jwk) : rsa_key(jwk);
    if (!key) return std::nullopt;
    return PublicKey{std::string(kid), ec ? KeyAlgorithm::es256 : KeyAlgorithm::rs256, std::move(key)};
}

bool is_loopback(std::string_view host) {
    if (host == "localhost") return true;
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    boost::system::error_code error;
    auto address = asio::ip::make_address(host, error);
    return !error && address.is_loopback();
}

http::Url jwks_url(std::string_view issuer) {
    auto url = http::parse_url(std::string(issuer) + "/.well-known/jwks.json");
    if (!url) throw std::invalid_argument("The Supabase URL is not an absolute http or https URL.");
    if (url->scheme != "https" && !is_loopback(url->host))
        throw std::invalid_argument("The Supabase URL must begin with https:// unless its host is loopback.");
    return *url;
}

}  // namespace

std::expected<std::vector<PublicKey>, std::string_view> parse_jwks(std::string_view text) {
    if (text.size() > kMaxJwksBytes) return std::unexpected("jwks_too_large");
    auto parsed = json::parse(text);
    auto* listed = parsed ? json::find_array(*parsed, "keys") : nullptr;
    if (!listed) return std::unexpected("jwks_malformed");
    std::vector<PublicKey> keys;
    for (const auto& jwk : *listed) {
        auto key = read_key(jwk);
        if (key && std::ranges::find(keys, key->kid, &PublicKey::kid) == keys.end()) keys.push_back(std::move(*key));
    }
    return keys;
}

namespace {

std::expected<std::vector<PublicKey>, std::string> read_answer(
    const std::expected<http::ClientResponse, http::ClientError>& answer) {
    if (!answer) return std::unexpected(answer.error().reason);
    if (answer->status != 200) return std::unexpected("status " + std::to_string(answer->status));
    auto keys = parse_jwks(answer->body);
    if (!keys) return std::unexpected(std::string(keys.error()));
    return std::move(*keys);
}

}  // namespace

/// Shared with the fetch in progress, which may end after the store is gone.
struct KeyStore::State {
    State(http::Url address, http::Client& http_client, MonotonicNow monotonic_now)
        : url(std::move(address)), client(http_client), now(std::move(monotonic_now)) {}

    http::Url url;
    http::Client& client;
    MonotonicNow now;
    std::vector<PublicKey> keys;
    std::optional<SteadyTime> fetched_at;    ///< when `keys` arrived
    std::optional<SteadyTime> failed_at;     ///< absent when the last fetch was a good one
    std::optional<SteadyTime> refetched_at;  ///< when a kid was last looked for in a set that was not due
    std::shared_ptr<Timer> fetch_done;       ///< of the fetch in progress: never fires, cancelled at the end

    bool younger_than(std::chrono::steady_clock::duration age) const { return fetched_at && now() - *fetched_at < age; }
    bool fetch_is_due() const;
    void settle(std::expected<std::vector<PublicKey>, std::string> outcome);
    static awaitable<void> fetch(std::shared_ptr<State> state, std::shared_ptr<Timer> done);
};

bool KeyStore::State::fetch_is_due() const {
    if (younger_than(kFreshFor)) return false;
    if (!failed_at) return true;
    return now() - *failed_at >= (younger_than(kServesFor) ? kRetryAfter : kRetryWithoutKeys);
}

void KeyStore::State::settle(std::expected<std::vector<PublicKey>, std::string> outcome) {
    fetch_done = nullptr;
    if (!outcome) {
        log::warn("jwks_fetch_failed", {{"reason", outcome.error()}, {"keys_kept", keys.size()}});
        failed_at = now();
        return;
    }
    log::info("jwks_fetched", {{"keys", outcome->size()}});
    keys = std::move(*outcome);
    fetched_at = now();
    failed_at.reset();
}

awaitable<void> KeyStore::State::fetch(std::shared_ptr<State> state, std::shared_ptr<Timer> done) {
    std::expected<std::vector<PublicKey>, std::string> outcome = std::unexpected("exception");
    try {
        http::ClientRequest request;
        request.url = state->url;
        request.headers.push_back({"Accept", "application/json"});
        request.max_body = kMaxJwksBytes;
        request.timeout = kFetchTimeout;
        auto answer = co_await state->client.send(std::move(request));
        outcome = read_answer(answer);
    } catch (const std::exception& e) {
        outcome = std::unexpected(std::string(e.what()));
    }
    // After a purge the answer may be older than the revocation that the purge was for.
    if (state->fetch_done == done) state->settle(std::move(outcome));
    done->cancel();
}

KeyStore::KeyStore(std::string_view issuer, http::Client& client, MonotonicNow now)
    : state_(std::make_shared<State>(jwks_url(issuer), client, std::move(now))) {}

KeyStore::~KeyStore() = default;

std::span<const PublicKey> KeyStore::keys() const {
    bool last_good = state_->failed_at && state_->younger_than(kServesFor) && !state_->fetch_is_due();
    if (state_->younger_than(kFreshFor) || last_good) return state_->keys;
    return {};
}

awaitable<void> KeyStore::look_again() {
    auto state = state_;
    if (!state->fetch_done && !state->fetch_is_due()) {
        bool failed_lately = !state->younger_than(kFreshFor);
        bool refetched_lately = state->refetched_at && state->now() - *state->refetched_at < kRefetchEvery;
        if (failed_lately || refetched_lately) co_return;
        state->refetched_at = state->now();
    }
    // The fetch is a coroutine of its own, so that it survives the request that happened to need it first.
    auto executor = co_await asio::this_coro::executor;
    do {
        auto done = state->fetch_done;
        if (!done) {
            done = state->fetch_done = std::make_shared<Timer>(executor, Timer::time_point::max());
            asio::co_spawn(executor, State::fetch(state, done), asio::detached);
        }
        boost::system::error_code ignored;
        if (state->fetch_done == done) co_await done->async_wait(asio::redirect_error(use_awaitable, ignored));
    } while (state->fetch_is_due());  // purged meanwhile
}

bool KeyStore::unreachable() const {
    return state_->failed_at && !state_->younger_than(kServesFor);
}

void KeyStore::purge() {
    state_->keys.clear();
    state_->fetched_at.reset();
    state_->failed_at.reset();
    state_->refetched_at.reset();
    state_->fetch_done = nullptr;
}

}  // namespace parley::auth

#include "auth/jwt.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace parley::auth {
namespace {

using std::unexpected;

constexpr std::size_t kMinSecretBytes = 32;
constexpr std::string_view kDemoSecret = "your-super-secret-jwt-token-with-at-least-32-characters-long";
constexpr std::string_view kAudience = "authenticated";
constexpr std::string_view kNilUuid = "00000000-0000-0000-0000-000000000000";
/// The end of the year 9999: later times are nonsense, and would overflow microseconds.
constexpr std::int64_t kLastSecond = 253'402'300'799;
constexpr int kEs256Half = 32;
constexpr std::size_t kMaxName = 255;  ///< code points

using Reason = std::optional<std::string_view>;  ///< empty: nothing to complain about

struct Parts {
    std::string_view header, payload, signature;
    std::string_view signed_text;  ///< header.payload
};

std::optional<Parts> split(std::string_view token) {
    auto first = token.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    auto second = token.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    Parts parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
                token.substr(0, second)};
    if (parts.header.empty() || parts.payload.empty() || parts.signature.empty()) return std::nullopt;
    return parts;
}

/// Counts the members of the outermost object as they are written, repeated names included.
struct MemberCounter {
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    using Text = boost::json::string_view;
    using ErrorCode = boost::json::error_code;

    std::size_t depth = 0;
    std::size_t members = 0;

    bool on_document_begin(ErrorCode&) { return true; }
    bool on_document_end(ErrorCode&) { return true; }
    bool on_object_begin(ErrorCode&) { return ++depth, true; }
    bool on_object_end(std::size_t, ErrorCode&) { return --depth, true; }
    bool on_array_begin(ErrorCode&) { return ++depth, true; }
    bool on_array_end(std::size_t, ErrorCode&) { return --depth, true; }
    bool on_key_part(Text, std::size_t, ErrorCode&) { return true; }
    bool on_key(Text, std::size_t, ErrorCode&) {
        if (depth == 1) ++members;
        return true;
    }
    bool on_string_part(Text, std::size_t, ErrorCode&) { return true; }
    bool on_string(Text, std::size_t, ErrorCode&) { return true; }
    bool on_number_part(Text, ErrorCode&) { return true; }
    bool on_int64(std::int64_t, Text, ErrorCode&) { return true; }
    bool on_uint64(std::uint64_t, Text, ErrorCode&) { return true; }
    bool on_double(double, Text, ErrorCode&) { return true; }
    bool on_bool(bool, ErrorCode&) { return true; }
    bool on_null(ErrorCode&) { return true; }
    bool on_comment_part(Text, ErrorCode&) { return true; }
    bool on_comment(Text, ErrorCode&) { return true; }
};

/// A JSON object of which no member is there twice: readers disagree on which of two counts (RFC 8725, section 2.7).
std::optional<json::object> parse_object(std::string_view text) {
    auto parsed = json::parse(text);
    auto* object = parsed ? parsed->if_object() : nullptr;
    if (!object) return std::nullopt;
    boost::json::parse_options options;
    options.max_depth = 64;
    boost::json::basic_parser<MemberCounter> counter(options);
    boost::json::error_code error;
    counter.write_some(false, text.data(), text.size(), error);
    if (error || counter.handler().members != object->size()) return std::nullopt;
    return std::move(*object);
}

struct Header {
    std::string alg;
    std::string kid;  ///< empty when absent
};

std::expected<Header, std::string_view> read_header(std::string_view text) {
    auto bytes = from_base64url(text);
    if (!bytes) return unexpected("header_not_base64url");
    auto object = parse_object(*bytes);
    if (!object) return unexpected("header_malformed");
    if (object->contains("crit")) return unexpected("crit_not_supported");
    Header header;
    auto* alg = object->if_contains("alg");
    if (!alg || !alg->is_string()) return unexpected("alg_missing");
    header.alg = alg->get_string();
    if (auto* kid = object->if_contains("kid")) {
        if (!kid->is_string()) return unexpected("header_malformed");
        header.kid = kid->get_string();
    }
    return header;
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// OpenSSL wants the two numbers in DER; the token has them as 32 bytes each. Empty when one is 0.
std::optional<std::string> der_of(std::string_view raw) {
    using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;
    Number r(BN_bin2bn(bytes_of(raw), kEs256Half, nullptr), &BN_free);
    Number s(BN_bin2bn(bytes_of(raw.substr(kEs256Half)), kEs256Half, nullptr), &BN_free);
    std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(ECDSA_SIG_new(), &ECDSA_SIG_free);
    if (!r || !s || !signature) throw std::runtime_error("out of memory in OpenSSL");
    if (BN_is_zero(r.get()) || BN_is_zero(s.get())) return std::nullopt;
    if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) throw std::runtime_error("ECDSA_SIG_set0 failed");
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    std::array<unsigned char, 80> der;
    auto* end = der.data();
    int size = i2d_ECDSA_SIG(signature.get(), nullptr);
    if (size <= 0 || static_cast<std::size_t>(size) > der.size() || i2d_ECDSA_SIG(signature.get(), &end) != size)
        throw std::runtime_error("i2d_ECDSA_SIG failed");
    return std::string(der.data(), end);
}

Reason check_public_key_signature(const PublicKey& key, std::string_view signed_text, std::string signature) {
    if (key.algorithm == KeyAlgorithm::es256) {
        if (signature.size() != 2 * kEs256Half) return "signature_length";
        auto der = der_of(signature);
        if (!der) return "signature_is_zero";
        signature = std::move(*der);
    } else if (signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(key.key.get()))) {
        return "signature_length";
    }
    // RSA keys verify with PKCS #1 v1.5 padding unless told otherwise: that is RS256.
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    if (!context || EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.key.get()) != 1)
        throw std::runtime_error("EVP_DigestVerifyInit failed");
    int verdict = EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(signed_text),
                                   signed_text.size());
    if (verdict == 1) return {};
    ERR_clear_error();
    return "signature_mismatch";
}

Reason check_signature(const Header& header, const Parts& parts, const JwtKeys& keys) {
    auto key = std::ranges::find(keys.public_keys, header.kid, &PublicKey::kid);
    bool by_public_key = key != keys.public_keys.end();
    if (by_public_key) {
        if (header.alg != (key->algorithm == KeyAlgorithm::es256 ? "ES256" : "RS256")) return "alg_not_of_key";
    } else {
        bool asymmetric = header.alg == "ES256" || header.alg == "RS256";
        if (asymmetric && !header.kid.empty()) return kUnknownKid;
        if (header.alg != "HS256") return "alg_not_allowed";
        if (!keys.secret) return "no_secret_configured";
    }
    auto signature = from_base64url(parts.signature);
    if (!signature) return "signature_not_base64url";
    if (by_public_key) return check_public_key_signature(*key, parts.signed_text, std::move(*signature));
    auto expected = hmac_sha256(keys.secret->bytes, parts.signed_text);
    return equal_constant_time(as_text(expected), *signature) ? Reason() : "signature_mismatch";
}

/// Seconds since 1970 from a JSON integer: neither a fraction nor an exponent nor a string.
std::optional<std::int64_t> seconds_of(const json::value& v) {
    auto* seconds = v.if_int64();
    if (!seconds || *seconds < 0 || *seconds > kLastSecond) return std::nullopt;
    return *seconds;
}

Reason check_times(const json::object& payload, const JwtRules& rules, TimePoint now, TimePoint& expires_at) {
    auto* exp = payload.if_contains("exp");
    if (!exp) return "exp_missing";
    auto exp_seconds = seconds_of(*exp);
    if (!exp_seconds) return "exp_not_integer";
    expires_at = from_unix_seconds(*exp_seconds);
    if (now >= expires_at + rules.skew) return "expired";
    auto begins = now;
    if (auto* iat = payload.if_contains("iat")) {
        auto seconds = seconds_of(*iat);
        if (!seconds) return "iat_not_integer";
        begins = from_unix_seconds(*seconds);
        if (begins > now + rules.skew) return "issued_in_the_future";
    }
    if (auto* nbf = payload.if_contains("nbf")) {
        auto seconds = seconds_of(*nbf);
        if (!seconds) return "nbf_not_integer";
        if (from_unix_seconds(*seconds) > now + rules.skew) return "not_yet_valid";
    }
    if (expires_at - begins > rules.max_lifetime) return "lifetime_too_long";
    return {};
}

bool is_text(const json::value* v, std::string_view expected) {
    return v && v->is_string() && std::string_view(v->get_string()) == expected;
}

bool names_audience(const json::value* aud) {
    if (!aud || !aud->is_array()) return is_text(aud, kAudience);
    return std::ranges::any_of(aud->get_array(), [](const json::value& one) { return is_text(&one, kAudience); });
}

Reason check_who(const json::object& payload, const JwtRules& rules) {
    if (rules.issuer && !is_text(payload.if_contains("iss"), *rules.issuer)) return "issuer_mismatch";
    if (!names_audience(payload.if_contains("aud"))) return "audience_mismatch";
    if (!is_text(payload.if_contains("role"), "authenticated")) return "role_mismatch";
    auto* sub = payload.if_contains("sub");
    if (!sub || !sub->is_string() || !is_uuid(sub->get_string())) return "sub_not_uuid";
    if (is_text(sub, kNilUuid)) return "sub_is_nil";
    // Anonymous sign-ins carry the role "authenticated" too. Anything but a plain false is taken for true.
    auto* anonymous = payload.if_contains("is_anonymous");
    if (anonymous && !anonymous->is_null() && !(anonymous->is_bool() && !anonymous->get_bool())) return "anonymous";
    // Issued to an application that the user let into the project, not to the user's own page.
    if (payload.contains("client_id")) return "oauth_client";
    return {};
}

std::string lower_case(std::string_view uuid) {
    std::string out(uuid);
    for (char& c : out)
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string_view text_of(const json::object& payload, std::string_view name) {
    auto* v = payload.if_contains(name);
    return v && v->is_string() ? std::string_view(v->get_string()) : std::string_view();
}

/// `user_metadata` is the user's own to write: a name and nothing else is taken from it.
std::string name_of(const json::object& payload, std::string_view email) {
    if (auto* metadata = payload.if_contains("user_metadata"); metadata && metadata->is_object())
        for (auto member : {"display_name", "full_name", "name"}) {
            auto name = text_of(metadata->get_object(), member);
            if (!name.empty() && is_storable_text(name)) return std::string(first_code_points(name, kMaxName));
        }
    return std::string(email.substr(0, email.find('@')));
}

}  // namespace

Result<void> check_secret(std::string_view secret) {
    if (secret.size() < kMinSecretBytes)
        return failure(Errc::invalid_argument, "The JWT secret must be at least 32 bytes long.");
    if (secret == kDemoSecret)
        return failure(Errc::invalid_argument,
                       "The JWT secret is the one printed in Supabase's self-hosting guide, which everybody knows.");
    return {};
}

std::expected<Claims, std::string_view> verify_jwt(std::string_view token, const JwtKeys& keys, const JwtRules& rules,
                                                   TimePoint now) {
    if (token.empty()) return unexpected("missing");
    if (token.size() > kMaxTokenBytes) return unexpected("too_large");
    auto parts = split(token);
    if (!parts) return unexpected("not_three_parts");
    auto header = read_header(parts->header);
    if (!header) return unexpected(header.error());
    if (auto reason = check_signature(*header, *parts, keys)) return unexpected(*reason);

    auto payload_bytes = from_base64url(parts->payload);
    if (!payload_bytes) return unexpected("payload_not_base64url");
    auto payload = parse_object(*payload_bytes);
    if (!payload) return unexpected("payload_malformed");
    Claims claims;
    if (auto reason = check_times(*payload, rules, now, claims.expires_at)) return unexpected(*reason);
    if (auto reason = check_who(*payload, rules)) return unexpected(*reason);

    claims.user_id = lower_case(text_of(*payload, "sub"));
    if (auto session = text_of(*payload, "session_id"); is_uuid(session)) claims.session_id = lower_case(session);
    if (auto email = text_of(*payload, "email"); is_storable_text(email)) claims.email = email;
    claims.name = name_of(*payload, claims.email);
    return claims;
}

std::string sign_hs256(const boost::json::object& claims, const Hs256Secret& secret) {
    auto signed_text =
        to_base64url(R"({"alg":"HS256","typ":"JWT"})") + '.' + to_base64url(boost::json::serialize(claims));
    auto signature = hmac_sha256(secret.bytes, signed_text);
    return signed_text + '.' + to_base64url(as_text(signature));
}

}  // namespace parley::auth

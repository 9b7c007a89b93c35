#include "auth/jwt.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "auth/test_tokens.hpp"
#include "base/crypto.hpp"

namespace parley::auth {
namespace {

using namespace std::chrono_literals;
using boost::json::object;
using boost::json::serialize;

constexpr std::int64_t kNow = 1'790'000'000;
constexpr std::string_view kSecret = "c2VjcmV0LXRoYXQtbG9va3MtbGlrZS1iYXNlNjQhIQ==";
constexpr std::string_view kIssuer = "https://project.supabase.co/auth/v1";
constexpr std::string_view kHs256 = R"({"alg":"HS256","typ":"JWT"})";
const TimePoint kNowTime = from_unix_seconds(kNow);

/// One secret, two EC keys and one RSA key, made once: RSA keys take a while.
class Jwt : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        ec = test::new_ec_key();
        other_ec = test::new_ec_key();
        rsa = test::new_rsa_key();
        public_keys = {{"ec-1", KeyAlgorithm::es256, ec},
                       {"ec-2", KeyAlgorithm::es256, other_ec},
                       {"rsa-1", KeyAlgorithm::rs256, rsa}};
    }
    static void TearDownTestSuite() {
        ec = other_ec = rsa = nullptr;
        public_keys.clear();
    }

    static JwtKeys keys() { return {Hs256Secret{std::string(kSecret)}, public_keys}; }
    static JwtKeys keys_without_secret() { return {std::nullopt, public_keys}; }
    static JwtRules rules() { return {.issuer = std::string(kIssuer)}; }

    /// Why the token is refused; "accepted" when it is not.
    static std::string_view verdict(std::string_view token) {
        auto claims = verify_jwt(token, keys(), rules(), kNowTime);
        return claims ? "accepted" : claims.error();
    }
    static std::string_view verdict_of_claims(std::string_view payload) {
        return verdict(test::hs256_token(kHs256, payload, kSecret));
    }
    static std::string_view verdict_of_claims(const object& claims) { return verdict_of_claims(serialize(claims)); }
    static std::string_view verdict_of_header(std::string_view header) {
        return verdict(test::hs256_token(header, serialize(test::user_claims(kNow)), kSecret));
    }
    /// The usual claims with one of them replaced.
    static object with(std::string_view name, boost::json::value value) {
        auto claims = test::user_claims(kNow);
        claims[name] = std::move(value);
        return claims;
    }
    static object without(std::string_view name) {
        auto claims = test::user_claims(kNow);
        claims.erase(name);
        return claims;
    }
    /// The usual claims as text, with `member` put in front.
    static std::string doubled(std::string_view member) {
        return "{" + std::string(member) + "," + serialize(test::user_claims(kNow)).substr(1);
    }
    static std::string payload() { return serialize(test::user_claims(kNow)); }

    static inline test::KeyPair ec, other_ec, rsa;
    static inline std::vector<PublicKey> public_keys;
};

TEST_F(Jwt, accepts_a_token_of_each_algorithm) {
    auto hs256 = verify_jwt(sign_hs256(test::user_claims(kNow), *keys().secret), keys(), rules(), kNowTime);
    ASSERT_TRUE(hs256) << hs256.error();
    EXPECT_EQ(hs256->user_id, "6f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e11");
    EXPECT_EQ(hs256->session_id, "0b5f2d0e-8f5c-4f1c-8a52-8c9a4b0f7d22");
    EXPECT_EQ(hs256->email, "ana@example.com");
    EXPECT_EQ(hs256->expires_at, kNowTime + 1h);
    EXPECT_EQ(verdict(test::es256_token("ec-1", payload(), ec)), "accepted");
    EXPECT_EQ(verdict(test::es256_token("ec-2", payload(), other_ec)), "accepted");
    EXPECT_EQ(verdict(test::rs256_token("rsa-1", payload(), rsa)), "accepted");
}

TEST_F(Jwt, accepts_the_signature_of_the_example_in_the_standard) {
    // RFC 7515, appendix A.3. It has no kid, and its claims are not those of a user.
    auto point = '\x04' + *from_base64url("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU") +
                 *from_base64url("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    auto key = test::new_ec_key();
    ASSERT_EQ(EVP_PKEY_set1_encoded_public_key(key.get(), test::bytes_of(point), point.size()), 1);
    std::vector<PublicKey> one{{"", KeyAlgorithm::es256, key}};
    auto claims = verify_jwt(
        "eyJhbGciOiJFUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        {std::nullopt, one}, {}, from_unix_seconds(1'300'819'000));
    ASSERT_FALSE(claims);
    EXPECT_EQ(claims.error(), "audience_mismatch");
}

TEST_F(Jwt, accepts_a_secret_signed_token_with_a_kid_of_its_own) {
    EXPECT_EQ(verdict_of_header(R"({"alg":"HS256","kid":"legacy"})"), "accepted");
    EXPECT_EQ(verdict_of_header(R"({"kid":"","alg":"HS256"})"), "accepted");
}

TEST_F(Jwt, refuses_what_is_not_three_canonical_parts) {
    auto good = test::hs256_token(kHs256, payload(), kSecret);
    auto dot = good.find('.'), last = good.rfind('.');
    ASSERT_EQ(verdict(good), "accepted");
    EXPECT_EQ(verdict(""), "missing");
    EXPECT_EQ(verdict("abc"), "not_three_parts");
    EXPECT_EQ(verdict(".."), "not_three_parts");
    EXPECT_EQ(verdict(good.substr(0, last)), "not_three_parts");
    EXPECT_EQ(verdict(good.substr(0, last + 1)), "not_three_parts");
    EXPECT_EQ(verdict(good.substr(dot)), "not_three_parts");
    EXPECT_EQ(verdict(good.substr(0, dot) + "." + good.substr(last)), "not_three_parts");
    for (auto* bad : {".", ".e30", "=", "==", " ", "\n", "+", "/", "%3D"})
        EXPECT_EQ(verdict(good + bad), "signature_not_base64url") << bad;
    EXPECT_EQ(verdict("." + good), "not_three_parts");
    EXPECT_EQ(verdict(" " + good), "header_not_base64url");
    EXPECT_EQ(verdict(good.substr(0, dot) + "=" + good.substr(dot)), "header_not_base64url");
    EXPECT_EQ(verdict(good + std::string(1, '\0')), "signature_not_base64url");
}

TEST_F(Jwt, refuses_padding_inside_what_is_signed) {
    auto text = to_base64url(kHs256) + "." + to_base64url(payload()) + "=";
    auto hash = hmac_sha256(kSecret, text);
    EXPECT_EQ(verdict(text + "." + to_base64url(as_text(hash))), "payload_not_base64url");
}

TEST_F(Jwt, refuses_non_canonical_trailing_bits) {
    auto good = test::hs256_token(kHs256, payload(), kSecret);
    // 32 bytes end in a character of which two bits are unused and zero: its three neighbours decode to the same bytes.
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    auto at = alphabet.find(good.back());
    ASSERT_EQ(at % 4, 0u);
    for (std::size_t bit = 1; bit < 4; ++bit) {
        auto twin = good;
        twin.back() = alphabet[at + bit];
        EXPECT_EQ(verdict(twin), "signature_not_base64url") << bit;
    }
}

TEST_F(Jwt, refuses_more_than_16_kib) {
    auto sized = [](std::size_t size) {
        return test::hs256_token(kHs256, serialize(with("user_metadata", {{"x", std::string(size, 'x')}})), kSecret);
    };
    auto fits = sized(11'000), too_large = sized(12'300);
    ASSERT_LE(fits.size(), kMaxTokenBytes);
    ASSERT_GT(too_large.size(), kMaxTokenBytes);
    EXPECT_EQ(verdict(fits), "accepted");
    EXPECT_EQ(verdict(too_large), "too_large");
}

TEST_F(Jwt, refuses_every_other_alg) {
    for (auto* alg : {"none", "None", "NONE", "nOnE", "", "hs256", "Hs256", "HS384", "HS512", "es256", "ES384", "PS256",
                      "RS512", "EdDSA", "HS256 "}) {
        EXPECT_EQ(verdict_of_header(R"({"typ":"JWT","alg":")" + std::string(alg) + "\"}"), "alg_not_allowed") << alg;
        EXPECT_EQ(verdict_of_header(R"({"kid":"ec-1","alg":")" + std::string(alg) + "\"}"), "alg_not_of_key") << alg;
    }
    EXPECT_EQ(verdict_of_header(R"({"typ":"JWT"})"), "alg_missing");
    EXPECT_EQ(verdict_of_header(R"({"alg":null})"), "alg_missing");
    EXPECT_EQ(verdict_of_header(R"({"alg":["HS256"]})"), "alg_missing");
    EXPECT_EQ(verdict_of_header(R"({"ALG":"HS256"})"), "alg_missing");
    auto text = test::signed_text(R"({"alg":"none"})", payload());
    EXPECT_EQ(verdict(text + "."), "not_three_parts");
    EXPECT_EQ(verdict(text + ".AAAA"), "alg_not_allowed");
}

TEST_F(Jwt, refuses_malformed_headers) {
    for (auto* header :
         {"", "x", "[]", "null", "\"HS256\"", R"({"alg":"HS256"}x)", R"({"alg":"HS256",})",
          R"({"alg":"HS256","kid":1})", R"({"alg":"HS256","kid":null})", R"({"alg":"HS256","alg":"HS256"})",
          R"({"alg":"none","alg":"HS256"})", R"({"alg":"HS256","kid":"ec-1","k\u0069d":"x"})"})
        EXPECT_TRUE(verdict_of_header(header) == "header_malformed" || verdict_of_header(header) == "not_three_parts")
            << header << " " << verdict_of_header(header);
}

TEST_F(Jwt, refuses_crit) {
    EXPECT_EQ(verdict_of_header(R"({"alg":"HS256","crit":["exp"]})"), "crit_not_supported");
    EXPECT_EQ(verdict_of_header(R"({"alg":"HS256","crit":[]})"), "crit_not_supported");
    EXPECT_EQ(verdict_of_header(R"({"alg":"HS256","crit":["b64"],"b64":false})"), "crit_not_supported");
}

TEST_F(Jwt, ignores_keys_that_the_token_brings_along) {
    auto attacker = test::new_ec_key();
    object header{{"alg", "ES256"},
                  {"kid", "ec-1"},
                  {"jwk", test::ec_jwk(attacker, "ec-1")},
                  {"jku", "http://attacker.example/jwks.json"},
                  {"x5u", "http://attacker.example/cert.pem"},
                  {"x5c", {"MIIB"}}};
    auto text = test::signed_text(serialize(header), payload());
    EXPECT_EQ(verdict(text + "." + to_base64url(test::raw_signature(attacker, text))), "signature_mismatch");
    EXPECT_EQ(verdict(text + "." + to_base64url(test::raw_signature(ec, text))), "accepted");
}

TEST_F(Jwt, refuses_public_keys_as_hmac_secrets) {
    for (const auto& [kid, key, jwk] : {std::tuple{"ec-1", ec, serialize(test::ec_jwk(ec, "ec-1"))},
                                        std::tuple{"rsa-1", rsa, serialize(test::rsa_jwk(rsa, "rsa-1"))}}) {
        std::vector<std::string> guesses{test::public_pem(key), test::public_der(key), jwk, ""};
        guesses.push_back(guesses[0].substr(0, guesses[0].size() - 1));
        for (const auto& guess : guesses) {
            auto named = test::hs256_token(R"({"alg":"HS256","kid":")" + std::string(kid) + "\"}", payload(), guess);
            auto unnamed = test::hs256_token(kHs256, payload(), guess);
            EXPECT_EQ(verdict(named), "alg_not_of_key");
            EXPECT_EQ(verdict(unnamed), "signature_mismatch");
            auto refused = verify_jwt(unnamed, keys_without_secret(), rules(), kNowTime);
            ASSERT_FALSE(refused);
            EXPECT_EQ(refused.error(), "no_secret_configured");
        }
    }
}

TEST_F(Jwt, uses_the_secret_as_it_stands) {
    auto decoded = from_base64url(kSecret.substr(0, kSecret.size() - 2));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(verdict(test::hs256_token(kHs256, payload(), *decoded)), "signature_mismatch");
}

TEST_F(Jwt, refuses_hs256_signatures_of_another_length) {
    auto text = test::signed_text(kHs256, payload());
    auto hash = hmac_sha256(kSecret, text);
    std::string mac(as_text(hash));
    EXPECT_EQ(verdict(text + "." + to_base64url(mac)), "accepted");
    EXPECT_EQ(verdict(text + "." + to_base64url(mac.substr(0, 31))), "signature_mismatch");
    EXPECT_EQ(verdict(text + "." + to_base64url(mac.substr(0, 1))), "signature_mismatch");
    EXPECT_EQ(verdict(text + "." + to_base64url(mac + mac)), "signature_mismatch");
    EXPECT_EQ(verdict(text + "." + to_base64url(to_hex(mac))), "signature_mismatch");
}

TEST_F(Jwt, refuses_forged_es256_signatures) {
    auto text = test::signed_text(R"({"alg":"ES256","kid":"ec-1"})", payload());
    auto raw = test::raw_signature(ec, text);
    auto with_signature = [&](std::string_view signature) { return text + "." + to_base64url(signature); };
    const std::string zero(32, '\0'), ones(32, '\xff');
    auto order = from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    ASSERT_EQ(verdict(with_signature(raw)), "accepted");
    EXPECT_EQ(verdict(with_signature(zero + zero)), "signature_is_zero");
    EXPECT_EQ(verdict(with_signature(zero + raw.substr(32))), "signature_is_zero");
    EXPECT_EQ(verdict(with_signature(raw.substr(0, 32) + zero)), "signature_is_zero");
    EXPECT_EQ(verdict(with_signature(*order + *order)), "signature_mismatch");
    EXPECT_EQ(verdict(with_signature(ones + ones)), "signature_mismatch");
    EXPECT_EQ(verdict(with_signature(raw.substr(32) + raw.substr(0, 32))), "signature_mismatch");
    EXPECT_EQ(verdict(with_signature(raw.substr(0, 63))), "signature_length");
    EXPECT_EQ(verdict(with_signature(raw + '\0')), "signature_length");
    EXPECT_EQ(verdict(with_signature('\0' + raw)), "signature_length");
    EXPECT_EQ(verdict(with_signature(raw + raw)), "signature_length");
    EXPECT_EQ(verdict(with_signature(test::signature(ec, text))), "signature_length");
    EXPECT_EQ(verdict(with_signature(test::raw_signature(ec, text + "x"))), "signature_mismatch");
}

TEST_F(Jwt, refuses_forged_rs256_signatures) {
    auto text = test::signed_text(R"({"alg":"RS256","kid":"rsa-1"})", payload());
    auto good = test::signature(rsa, text);
    auto with_signature = [&](std::string_view signature) { return text + "." + to_base64url(signature); };
    ASSERT_EQ(verdict(with_signature(good)), "accepted");
    EXPECT_EQ(verdict(with_signature(good.substr(0, 255))), "signature_length");
    EXPECT_EQ(verdict(with_signature(good + '\0')), "signature_length");
    EXPECT_EQ(verdict(with_signature('\0' + good)), "signature_length");
    EXPECT_EQ(verdict(with_signature(std::string(256, '\0'))), "signature_mismatch");
    EXPECT_EQ(verdict(with_signature(std::string(255, '\0') + '\1')), "signature_mismatch");
    EXPECT_EQ(verdict(with_signature(std::string(256, '\xff'))), "signature_mismatch");
    EXPECT_EQ(verdict(with_signature(test::signature(rsa, text + "x"))), "signature_mismatch");
}

TEST_F(Jwt, refuses_the_kid_of_another_key) {
    EXPECT_EQ(verdict(test::es256_token("ec-2", payload(), ec)), "signature_mismatch");
    EXPECT_EQ(verdict(test::es256_token("rsa-1", payload(), ec)), "alg_not_of_key");
    EXPECT_EQ(verdict(test::rs256_token("ec-1", payload(), rsa)), "alg_not_of_key");
}

TEST_F(Jwt, tells_unknown_kids_from_forgeries) {
    for (auto* kid : {"ec-3", "EC-1", "ec-1 ", "../../../../dev/null", "' OR '1'='1", "ec-1'; DROP TABLE members; --",
                      "http://attacker.example/key", "/proc/sys/kernel/randomize_va_space"})
        EXPECT_EQ(verdict(test::es256_token(kid, payload(), ec)), kUnknownKid) << kid;
    EXPECT_EQ(verdict(test::es256_token(std::string_view("ec-1\0x", 6), payload(), ec)), kUnknownKid);
    EXPECT_EQ(verdict(test::rs256_token("new", payload(), rsa)), kUnknownKid);
}

TEST_F(Jwt, refuses_asymmetric_tokens_without_a_kid) {
    auto text = test::signed_text(R"({"alg":"ES256"})", payload());
    EXPECT_EQ(verdict(text + "." + to_base64url(test::raw_signature(ec, text))), "alg_not_allowed");
}

TEST_F(Jwt, looks_at_no_claim_before_the_signature_is_verified) {
    EXPECT_EQ(verdict(test::hs256_token(kHs256, "not json", "wrong")), "signature_mismatch");
    EXPECT_EQ(verdict(test::hs256_token(kHs256, serialize(with("exp", 1)), "wrong")), "signature_mismatch");
    EXPECT_EQ(verdict_of_claims("not json"), "payload_malformed");
}

TEST_F(Jwt, refuses_altered_payloads) {
    auto good = test::hs256_token(kHs256, payload(), kSecret);
    auto other = to_base64url(serialize(with("sub", "6f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e12")));
    auto dot = good.find('.'), last = good.rfind('.');
    EXPECT_EQ(verdict(good.substr(0, dot + 1) + other + good.substr(last)), "signature_mismatch");
}

TEST_F(Jwt, refuses_malformed_payloads) {
    for (auto* bad : {"[]", "null", "1", "\"x\"", "{", "{}{}", "{\"exp\":01}", "{\"a\":\"\xff\"}", "{\"exp\":NaN}"})
        EXPECT_EQ(verdict_of_claims(bad), "payload_malformed") << bad;
    EXPECT_EQ(verdict_of_claims(std::string(500, '[')), "payload_malformed");
    EXPECT_EQ(verdict_of_claims(R"({"a":)" + std::string(5000, '[') + std::string(5000, ']') + "}"),
              "payload_malformed");
}

TEST_F(Jwt, refuses_doubled_claims) {
    for (auto* member : {R"("sub":"00000000-0000-0000-0000-000000000001")", R"("role":"authenticated")",
                         R"("exp":1790003600)", R"("iat":1790000000)", R"("aud":"authenticated")", R"("iss":"x")",
                         R"("is_anonymous":true)", R"("session_id":"x")", R"("email":"x")", R"("r\u006fle":"x")"})
        EXPECT_EQ(verdict_of_claims(doubled(member)), "payload_malformed") << member;
    EXPECT_EQ(verdict_of_claims(doubled(R"("other":{"sub":1,"exp":2},"list":[{"role":1}])")), "accepted");
}

TEST_F(Jwt, refuses_times_that_are_not_integers) {
    for (auto* name : {"exp", "iat", "nbf"}) {
        auto reason = std::string(name) + "_not_integer";
        auto claims = serialize(without(name));
        for (auto* bad : {"\"1790003600\"", "1790003600.0", "1790003600.5", "1e999", "-1e999", "179e7", "1.79e9",
                          "null", "true", "[]", "{}", "-1", "18446744073709551615", "9223372036854775807",
                          "99999999999999999999999999", "253402300800"})
            EXPECT_EQ(verdict_of_claims("{\"" + std::string(name) + "\":" + bad + "," + claims.substr(1)), reason)
                << bad;
    }
    EXPECT_EQ(verdict_of_claims(without("exp")), "exp_missing");
}

TEST_F(Jwt, allows_clocks_to_differ_by_a_minute) {
    auto issued = [](std::int64_t iat, std::int64_t exp) {
        auto claims = test::user_claims(kNow);
        claims["iat"] = iat;
        claims["exp"] = exp;
        return claims;
    };
    EXPECT_EQ(verdict_of_claims(issued(kNow - 3600, kNow - 59)), "accepted");
    EXPECT_EQ(verdict_of_claims(issued(kNow - 3600, kNow - 60)), "expired");
    EXPECT_EQ(verdict_of_claims(issued(kNow - 3600, kNow - 61)), "expired");
    EXPECT_EQ(verdict_of_claims(issued(0, 0)), "expired");
    EXPECT_EQ(verdict_of_claims(issued(kNow + 60, kNow + 3600)), "accepted");
    EXPECT_EQ(verdict_of_claims(issued(kNow + 61, kNow + 3600)), "issued_in_the_future");
    EXPECT_EQ(verdict_of_claims(with("nbf", kNow + 60)), "accepted");
    EXPECT_EQ(verdict_of_claims(with("nbf", kNow + 61)), "not_yet_valid");
}

TEST_F(Jwt, refuses_lifetimes_over_a_day) {
    EXPECT_EQ(verdict_of_claims(with("exp", kNow + 24 * 3600)), "accepted");
    EXPECT_EQ(verdict_of_claims(with("exp", kNow + 24 * 3600 + 1)), "lifetime_too_long");
    auto without_iat = without("iat");
    EXPECT_EQ(verdict_of_claims(without_iat), "accepted");
    without_iat["exp"] = kNow + 24 * 3600 + 1;
    EXPECT_EQ(verdict_of_claims(without_iat), "lifetime_too_long");
    auto old = with("iat", 0);
    EXPECT_EQ(verdict_of_claims(old), "lifetime_too_long");
}

TEST_F(Jwt, compares_the_issuer_exactly) {
    for (auto* iss : {"https://other.supabase.co/auth/v1", "https://project.supabase.co/auth/v1/", "supabase", "",
                      "https://project.supabase.co/auth/v", "HTTPS://project.supabase.co/auth/v1"})
        EXPECT_EQ(verdict_of_claims(with("iss", iss)), "issuer_mismatch") << iss;
    EXPECT_EQ(verdict_of_claims(with("iss", {kIssuer})), "issuer_mismatch");
    EXPECT_EQ(verdict_of_claims(without("iss")), "issuer_mismatch");
    auto any_issuer = verify_jwt(test::hs256_token(kHs256, serialize(without("iss")), kSecret), keys(), {}, kNowTime);
    EXPECT_TRUE(any_issuer);
}

TEST_F(Jwt, takes_the_audience_as_text_or_list) {
    EXPECT_EQ(verdict_of_claims(with("aud", {"authenticated"})), "accepted");
    EXPECT_EQ(verdict_of_claims(with("aud", {"other", "authenticated"})), "accepted");
    for (boost::json::value aud : {boost::json::value("anon"), boost::json::value(""), boost::json::value(nullptr),
                                   boost::json::value(boost::json::array{}), boost::json::value({"anon", 1}),
                                   boost::json::value(object{{"authenticated", true}}), boost::json::value(true)})
        EXPECT_EQ(verdict_of_claims(with("aud", aud)), "audience_mismatch") << aud;
    EXPECT_EQ(verdict_of_claims(without("aud")), "audience_mismatch");
}

TEST_F(Jwt, refuses_the_keys_of_the_project) {
    for (auto* role : {"anon", "service_role"}) {
        object key{{"iss", "supabase"}, {"ref", "project"}, {"role", role}, {"iat", kNow}, {"exp", kNow + 3600}};
        auto token = test::hs256_token(kHs256, serialize(key), kSecret);
        EXPECT_EQ(verdict(token), "issuer_mismatch");
        EXPECT_EQ(verify_jwt(token, keys(), {}, kNowTime).error(), "audience_mismatch");
        EXPECT_EQ(verdict_of_claims(with("role", role)), "role_mismatch");
    }
    EXPECT_EQ(verdict_of_claims(without("role")), "role_mismatch");
    EXPECT_EQ(verdict_of_claims(with("role", {"authenticated"})), "role_mismatch");
}

TEST_F(Jwt, refuses_anonymous_users_and_oauth_clients) {
    EXPECT_EQ(verdict_of_claims(with("is_anonymous", true)), "anonymous");
    EXPECT_EQ(verdict_of_claims(with("is_anonymous", "true")), "anonymous");
    EXPECT_EQ(verdict_of_claims(with("is_anonymous", 1)), "anonymous");
    EXPECT_EQ(verdict_of_claims(with("is_anonymous", nullptr)), "accepted");
    EXPECT_EQ(verdict_of_claims(without("is_anonymous")), "accepted");
    EXPECT_EQ(verdict_of_claims(with("client_id", "app")), "oauth_client");
}

TEST_F(Jwt, requires_the_user_to_be_a_uuid) {
    for (auto* sub : {"", "1", "ana@example.com", "6f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e1",
                      "{6f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e1", "6f0e3a9c1f654f0e9c0b0d7d1a3c5e11",
                      "6f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e1g", "6f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e11 "})
        EXPECT_EQ(verdict_of_claims(with("sub", sub)), "sub_not_uuid") << sub;
    EXPECT_EQ(verdict_of_claims(with("sub", 1)), "sub_not_uuid");
    EXPECT_EQ(verdict_of_claims(without("sub")), "sub_not_uuid");
    EXPECT_EQ(verdict_of_claims(with("sub", "00000000-0000-0000-0000-000000000000")), "sub_is_nil");
}

TEST_F(Jwt, gives_ids_in_lower_case_and_text_that_can_be_stored) {
    auto claims = with("sub", "6F0E3A9C-1F65-4F0E-9C0B-0D7D1A3C5E11");
    claims["session_id"] = "0B5F2D0E-8F5C-4F1C-8A52-8C9A4B0F7D22";
    claims["email"] = std::string_view("a\0b", 3);
    auto verified = verify_jwt(sign_hs256(claims, *keys().secret), keys(), rules(), kNowTime);
    ASSERT_TRUE(verified) << verified.error();
    EXPECT_EQ(verified->user_id, "6f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e11");
    EXPECT_EQ(verified->session_id, "0b5f2d0e-8f5c-4f1c-8a52-8c9a4b0f7d22");
    EXPECT_EQ(verified->email, "");
    claims["session_id"] = "not a uuid";
    claims["email"] = 1;
    verified = verify_jwt(sign_hs256(claims, *keys().secret), keys(), rules(), kNowTime);
    ASSERT_TRUE(verified) << verified.error();
    EXPECT_EQ(verified->session_id, "");
    EXPECT_EQ(verified->email, "");
}

TEST_F(Jwt, gives_a_name_to_show) {
    auto name_of = [&](boost::json::value metadata, boost::json::value email) {
        auto claims = with("user_metadata", std::move(metadata));
        claims["email"] = std::move(email);
        return verify_jwt(sign_hs256(claims, *keys().secret), keys(), rules(), kNowTime).value().name;
    };
    EXPECT_EQ(name_of({{"name", "C"}, {"full_name", "B"}, {"display_name", "A"}}, "ana@example.com"), "A");
    EXPECT_EQ(name_of({{"name", "C"}, {"full_name", "B"}}, "ana@example.com"), "B");
    EXPECT_EQ(name_of({{"name", "C"}, {"full_name", ""}, {"display_name", 1}}, "ana@example.com"), "C");
    EXPECT_EQ(name_of({{"name", std::string_view("a\0b", 3)}}, "ana@example.com"), "ana");
    EXPECT_EQ(name_of("Ana", "ana@example.com"), "ana");
    EXPECT_EQ(name_of(nullptr, nullptr), "");
    EXPECT_EQ(name_of({{"name", std::string(300, 'x')}}, "ana@example.com"), std::string(255, 'x'));
}

TEST(JwtSecret, must_be_long_and_not_the_published_one) {
    EXPECT_TRUE(check_secret(kSecret));
    EXPECT_TRUE(check_secret(std::string(32, 'x')));
    EXPECT_FALSE(check_secret(std::string(31, 'x')));
    EXPECT_FALSE(check_secret(""));
    EXPECT_FALSE(check_secret("your-super-secret-jwt-token-with-at-least-32-characters-long"));
}

}  // namespace
}  // namespace parley::auth

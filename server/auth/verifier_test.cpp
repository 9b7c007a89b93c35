#include "auth/verifier.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "auth/test_issuer.hpp"
#include "auth/test_tokens.hpp"

namespace parley::auth {
namespace {

using namespace std::chrono_literals;
using boost::json::object;
using boost::json::serialize;

constexpr std::int64_t kNow = 1'790'000'000;
const std::string kSecret = "0123456789abcdef0123456789abcdef";

struct FakeClock : Clock {
    TimePoint time = from_unix_seconds(kNow);
    TimePoint now() const override { return time; }
};

struct TokenVerifierTest : testing::Test {
    test::Issuer issuer;
    test::FakeSteadyClock steady;
    FakeClock clock;
    test::KeyPair key = test::new_ec_key();

    TokenVerifier make(VerifierOptions options) {
        return TokenVerifier(std::move(options), issuer.client, clock, steady.reader());
    }
    Result<Claims> verify(TokenVerifier& verifier, std::string header) { return issuer.run(verifier.verify(header)); }
    object claims() const {
        auto out = test::user_claims(kNow);
        out["iss"] = issuer.name();
        return out;
    }
    std::string es256(std::string_view kid = "a") { return test::es256_token(kid, serialize(claims()), key); }
    std::string hs256() { return sign_hs256(claims(), Hs256Secret{kSecret}); }
};

TEST_F(TokenVerifierTest, reads_one_bearer_token) {
    auto verifier = make({.jwt_secret = kSecret});
    auto token = hs256();
    for (auto* scheme : {"Bearer ", "bearer ", "BEARER ", "bEaReR  "})
        EXPECT_TRUE(verify(verifier, scheme + token)) << scheme;
    for (const auto& header :
         {std::string(), std::string("Bearer"), std::string("Bearer "), token, "Basic " + token, "Bearer" + token,
          "Bearer\t" + token, " Bearer " + token, "Bearer " + token + " ", "Bearer " + token + "," + token,
          "Bearer " + token + " " + token, "Bearer " + token + ", Bearer " + token, "Bearer Bearer " + token,
          "Bearer " + token.substr(1)}) {
        auto refused = verify(verifier, header);
        ASSERT_FALSE(refused) << header;
        EXPECT_EQ(refused.error().code, Errc::unauthenticated);
        EXPECT_EQ(refused.error().detail, "The access token is missing or not valid.");
        EXPECT_EQ(refused.error().member, "");
    }
}

TEST_F(TokenVerifierTest, logs_the_reason_and_never_the_token) {
    auto verifier = make({.jwt_secret = kSecret});
    auto expired = claims();
    expired["iat"] = kNow - 7200;
    expired["exp"] = kNow - 3600;
    auto token = sign_hs256(expired, Hs256Secret{kSecret});
    testing::internal::CaptureStderr();
    EXPECT_FALSE(verify(verifier, "Bearer " + token));
    auto logged = testing::internal::GetCapturedStderr();
    EXPECT_NE(logged.find(R"("event":"token_rejected")"), std::string::npos) << logged;
    EXPECT_NE(logged.find(R"("reason":"expired")"), std::string::npos) << logged;
    for (std::size_t i = 0; i + 12 <= token.size(); i += 12)
        EXPECT_EQ(logged.find(token.substr(i, 12)), std::string::npos);
}

TEST_F(TokenVerifierTest, checks_the_issuer_only_with_a_url) {
    auto with_secret = make({.jwt_secret = kSecret});
    auto with_both = make({.supabase_url = issuer.url() + "/", .jwt_secret = kSecret});
    auto foreign = claims();
    foreign["iss"] = "https://other.supabase.co/auth/v1";
    auto token = sign_hs256(foreign, Hs256Secret{kSecret});
    EXPECT_TRUE(verify(with_secret, "Bearer " + token));
    EXPECT_FALSE(verify(with_both, "Bearer " + token));
    EXPECT_TRUE(verify(with_both, "Bearer " + hs256()));
    EXPECT_EQ(issuer.key_requests, 0);
}

TEST_F(TokenVerifierTest, fetches_the_key_of_the_first_token_and_no_more) {
    issuer.publish({test::ec_jwk(key, "a")});
    auto verifier = make({.supabase_url = issuer.url()});
    auto first = verify(verifier, "Bearer " + es256());
    ASSERT_TRUE(first);
    EXPECT_EQ(first->user_id, "6f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e11");
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(verify(verifier, "Bearer " + es256()));
    EXPECT_EQ(issuer.key_requests, 1);
}

TEST_F(TokenVerifierTest, follows_a_rotation) {
    issuer.publish({test::ec_jwk(key, "a")});
    auto verifier = make({.supabase_url = issuer.url()});
    EXPECT_TRUE(verify(verifier, "Bearer " + es256()));
    key = test::new_ec_key();
    issuer.publish({test::ec_jwk(key, "b")});
    EXPECT_TRUE(verify(verifier, "Bearer " + es256("b")));
    EXPECT_EQ(issuer.key_requests, 2);
}

TEST_F(TokenVerifierTest, is_not_driven_by_random_kids) {
    issuer.publish({test::ec_jwk(key, "a")});
    auto verifier = make({.supabase_url = issuer.url()});
    EXPECT_TRUE(verify(verifier, "Bearer " + es256()));
    for (int i = 0; i < 50; ++i) EXPECT_FALSE(verify(verifier, "Bearer " + es256("random-" + std::to_string(i))));
    EXPECT_EQ(issuer.key_requests, 2);
    EXPECT_TRUE(verify(verifier, "Bearer " + es256()));
}

TEST_F(TokenVerifierTest, refuses_everybody_when_there_is_no_key) {
    auto verifier = make({.supabase_url = issuer.url()});
    EXPECT_FALSE(verify(verifier, "Bearer " + es256()));
    EXPECT_FALSE(verify(verifier, "Bearer " + hs256()));
    issuer.shut_down();
    verifier.purge();
    auto unjudged = verify(verifier, "Bearer " + es256());
    ASSERT_FALSE(unjudged);
    EXPECT_EQ(unjudged.error().code, Errc::unavailable);
    auto garbage = verify(verifier, "Bearer garbage");
    ASSERT_FALSE(garbage);
    EXPECT_EQ(garbage.error().code, Errc::unauthenticated);
    auto with_nothing = make({});
    EXPECT_FALSE(verify(with_nothing, "Bearer " + es256()));
    EXPECT_FALSE(verify(with_nothing, "Bearer " + hs256()));
    EXPECT_FALSE(verify(with_nothing, "Bearer " + test::hs256_token(R"({"alg":"HS256"})", serialize(claims()), "")));
}

TEST_F(TokenVerifierTest, remembers_a_good_token_for_a_minute) {
    auto verifier = make({.jwt_secret = kSecret});
    auto token = "Bearer " + hs256();
    EXPECT_TRUE(verify(verifier, token));
    clock.time -= 1h;  // a clock by which a fresh look refuses the token
    steady.now += 59s;
    EXPECT_TRUE(verify(verifier, token));
    steady.now += 1s;
    EXPECT_FALSE(verify(verifier, token));
}

TEST_F(TokenVerifierTest, does_not_remember_a_token_beyond_its_end) {
    auto verifier = make({.jwt_secret = kSecret});
    auto token = "Bearer " + hs256();
    EXPECT_TRUE(verify(verifier, token));
    clock.time += 1h + 59s;
    EXPECT_TRUE(verify(verifier, token));
    clock.time += 1s;
    EXPECT_FALSE(verify(verifier, token));
}

TEST_F(TokenVerifierTest, forgets_tokens_and_keys_on_purge) {
    issuer.publish({test::ec_jwk(key, "a")});
    auto verifier = make({.supabase_url = issuer.url()});
    EXPECT_TRUE(verify(verifier, "Bearer " + es256()));
    auto token = "Bearer " + es256();
    EXPECT_TRUE(verify(verifier, token));
    issuer.publish({});
    EXPECT_TRUE(verify(verifier, token));
    verifier.purge();
    EXPECT_FALSE(verify(verifier, token));
}

TEST_F(TokenVerifierTest, knows_the_keys_of_its_own_sign_in) {
    auto keys = parse_jwks(test::jwks({test::ec_jwk(key, "a")})).value();
    auto verifier = make({.built_in = BuiltInIssuer{keys, issuer.name(), nullptr}});
    EXPECT_TRUE(verify(verifier, "Bearer " + es256()));
    EXPECT_FALSE(verify(verifier, "Bearer " + es256("b")));
    EXPECT_FALSE(verify(verifier, "Bearer " + hs256()));
    auto foreign = claims();
    foreign["iss"] = "https://project.supabase.co/auth/v1";
    EXPECT_FALSE(verify(verifier, "Bearer " + test::es256_token("a", serialize(foreign), key)));
    EXPECT_EQ(issuer.key_requests, 0);
}

TEST_F(TokenVerifierTest, refuses_settings_that_protect_nothing) {
    EXPECT_THROW(make({.jwt_secret = "short"}), std::invalid_argument);
    EXPECT_THROW(make({.jwt_secret = ""}), std::invalid_argument);
    EXPECT_THROW(make({.supabase_url = "http://project.supabase.co"}), std::invalid_argument);
    EXPECT_THROW(make({.supabase_url = ""}), std::invalid_argument);
}

}  // namespace
}  // namespace parley::auth

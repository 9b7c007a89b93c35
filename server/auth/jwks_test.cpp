#include "auth/jwks.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "auth/test_issuer.hpp"
#include "auth/test_tokens.hpp"

namespace parley::auth {
namespace {

using namespace std::chrono_literals;
using boost::json::object;

std::vector<std::string> kids(std::span<const PublicKey> keys) {
    std::vector<std::string> out;
    for (const auto& key : keys) out.push_back(key.kid);
    return out;
}

std::vector<std::string> kids_of(boost::json::array keys) {
    auto parsed = parse_jwks(test::jwks(std::move(keys)));
    return parsed ? kids(*parsed) : std::vector<std::string>{std::string(parsed.error())};
}

using Kids = std::vector<std::string>;

TEST(ParseJwks, reads_keys_that_verify) {
    auto ec = test::new_ec_key(), rsa = test::new_rsa_key();
    auto keys = parse_jwks(test::jwks({test::ec_jwk(ec, "a"), test::rsa_jwk(rsa, "b")}));
    ASSERT_TRUE(keys);
    ASSERT_EQ(kids(*keys), (Kids{"a", "b"}));
    EXPECT_EQ((*keys)[0].algorithm, KeyAlgorithm::es256);
    EXPECT_EQ((*keys)[1].algorithm, KeyAlgorithm::rs256);

    constexpr std::int64_t now = 1'790'000'000;
    auto payload = boost::json::serialize(test::user_claims(now));
    JwtKeys jwt_keys{std::nullopt, *keys};
    EXPECT_TRUE(verify_jwt(test::es256_token("a", payload, ec), jwt_keys, {}, from_unix_seconds(now)));
    EXPECT_TRUE(verify_jwt(test::rs256_token("b", payload, rsa), jwt_keys, {}, from_unix_seconds(now)));
    EXPECT_FALSE(verify_jwt(test::es256_token("a", payload, test::new_ec_key()), jwt_keys, {}, from_unix_seconds(now)));
}

TEST(ParseJwks, leaves_out_keys_that_must_not_verify) {
    auto ec = test::new_ec_key();
    auto with = [&](std::string_view name, boost::json::value value) {
        auto jwk = test::ec_jwk(ec, "bad");
        jwk[name] = std::move(value);
        return jwk;
    };
    auto without = [&](std::string_view name) {
        auto jwk = test::ec_jwk(ec, "bad");
        jwk.erase(name);
        return jwk;
    };
    object symmetric{{"kty", "oct"}, {"k", "c2VjcmV0"}, {"kid", "bad"}, {"alg", "HS256"}, {"use", "sig"}};
    const std::vector<boost::json::value> bad{symmetric,
                                              with("use", "enc"),
                                              with("use", nullptr),
                                              with("key_ops", {"sign"}),
                                              with("key_ops", "verify"),
                                              with("alg", "ES384"),
                                              with("alg", "HS256"),
                                              with("alg", nullptr),
                                              with("kty", "OKP"),
                                              with("kty", "oct"),
                                              with("crv", "P-384"),
                                              with("crv", "secp256k1"),
                                              with("crv", nullptr),
                                              with("kid", ""),
                                              with("kid", 1),
                                              with("d", "AAAA"),
                                              without("kid"),
                                              without("kty"),
                                              without("crv"),
                                              without("x"),
                                              without("y"),
                                              with("x", "AAAA"),
                                              with("y", "!"),
                                              with("x", boost::json::string(to_base64url(std::string(32, '\0')))),
                                              test::ec_jwk(test::new_ec_key("secp256k1"), "bad"),
                                              test::ec_jwk(test::new_ec_key("P-384"), "bad", "P-384", 48),
                                              test::ec_jwk(test::new_ec_key("P-384"), "bad", "P-256", 48),
                                              test::rsa_jwk(test::new_rsa_key(1024), "bad"),
                                              object{},
                                              nullptr,
                                              1,
                                              "text",
                                              boost::json::array{}};
    for (const auto& jwk : bad) EXPECT_EQ(kids_of({jwk, test::ec_jwk(ec, "good")}), Kids{"good"}) << jwk;
}

TEST(ParseJwks, leaves_out_rsa_keys_that_sign_nothing) {
    auto rsa = test::rsa_jwk(test::new_rsa_key(), "bad");
    auto with = [&](std::string_view name, std::string_view bytes) {
        auto jwk = rsa;
        jwk[name] = to_base64url(bytes);
        return jwk;
    };
    const std::string modulus = *from_base64url(rsa.at("n").get_string());
    for (const auto& jwk : {with("e", "\1"), with("e", "\4"), with("e", ""), with("e", std::string(1, '\0')),
                            with("e", std::string(9, '\x7f')), with("n", ""), with("n", modulus.substr(1)),
                            with("n", modulus.substr(0, 255) + '\2'), with("n", std::string(1024, '\x7f'))})
        EXPECT_EQ(kids_of({jwk}), Kids{}) << jwk;
    EXPECT_EQ(kids_of({rsa}), Kids{"bad"});
}

TEST(ParseJwks, takes_optional_members_as_optional) {
    auto jwk = test::ec_jwk(test::new_ec_key(), "a");
    for (auto* name : {"use", "alg", "key_ops"}) jwk.erase(name);
    EXPECT_EQ(kids_of({jwk}), Kids{"a"});
}

TEST(ParseJwks, keeps_the_first_of_two_keys_with_one_kid) {
    auto rsa = test::new_rsa_key();
    auto keys = parse_jwks(test::jwks({test::ec_jwk(test::new_ec_key(), "a"), test::rsa_jwk(rsa, "a")}));
    ASSERT_TRUE(keys);
    ASSERT_EQ(keys->size(), 1u);
    EXPECT_EQ((*keys)[0].algorithm, KeyAlgorithm::es256);
}

TEST(ParseJwks, refuses_what_is_no_key_set) {
    for (auto* text :
         {"", "null", "[]", "{}", R"({"keys":null})", R"({"keys":{}})", R"({"keys":[]}x)", "<html></html>"}) {
        auto keys = parse_jwks(text);
        ASSERT_FALSE(keys) << text;
        EXPECT_EQ(keys.error(), "jwks_malformed");
    }
    EXPECT_EQ(kids_of({}), Kids{});
    auto padded = R"({"keys":[]})" + std::string(kMaxJwksBytes, ' ');
    EXPECT_TRUE(parse_jwks(std::string_view(padded).substr(0, kMaxJwksBytes)));
    auto too_large = parse_jwks(padded);
    ASSERT_FALSE(too_large);
    EXPECT_EQ(too_large.error(), "jwks_too_large");
}

struct KeyStoreTest : testing::Test {
    test::Issuer issuer;
    test::FakeSteadyClock clock;
    KeyStore store{issuer.name(), issuer.client, clock.reader()};
    object a = test::ec_jwk(test::new_ec_key(), "a");
    object b = test::ec_jwk(test::new_ec_key(), "b");

    Kids known() const { return kids(store.keys()); }
    void look_again() { issuer.run(store.look_again()); }
    /// `count` callers at once.
    void flood(int count) {
        int done = 0;
        for (int i = 0; i < count; ++i)
            asio::co_spawn(issuer.io, store.look_again(), [&](std::exception_ptr error) {
                EXPECT_FALSE(error);
                ++done;
            });
        issuer.turn([&] { return done == count; });
    }
};

TEST_F(KeyStoreTest, accepts_plain_http_from_loopback_hosts_alone) {
    for (auto* good : {"https://project.supabase.co/auth/v1", "http://localhost:54321/auth/v1",
                       "http://127.0.0.1/auth/v1", "http://127.1.2.3:1/auth/v1", "http://[::1]:1/auth/v1"})
        EXPECT_NO_THROW(KeyStore(good, issuer.client)) << good;
    for (auto* bad : {"http://project.supabase.co/auth/v1", "http://127.0.0.1.example.com/auth/v1",
                      "http://localhost.example.com/auth/v1", "http://10.0.0.1/auth/v1", "http://0.0.0.0/auth/v1",
                      "ftp://localhost/auth/v1", "project.supabase.co/auth/v1", "", "https:///auth/v1"})
        EXPECT_THROW(KeyStore(bad, issuer.client), std::invalid_argument) << bad;
}

TEST_F(KeyStoreTest, asks_once_in_ten_minutes) {
    issuer.publish({a});
    EXPECT_EQ(known(), Kids{});
    look_again();
    EXPECT_EQ(known(), Kids{"a"});
    clock.now += 10min - 1s;
    EXPECT_EQ(known(), Kids{"a"});
    EXPECT_EQ(issuer.key_requests, 1);
    issuer.publish({b});
    clock.now += 1s;
    EXPECT_EQ(known(), Kids{});
    look_again();
    EXPECT_EQ(known(), Kids{"b"});
    EXPECT_EQ(issuer.key_requests, 2);
}

TEST_F(KeyStoreTest, shares_one_fetch_among_concurrent_callers) {
    issuer.publish({a});
    flood(100);
    EXPECT_EQ(known(), Kids{"a"});
    EXPECT_EQ(issuer.key_requests, 1);
}

TEST_F(KeyStoreTest, refetches_once_in_thirty_seconds_for_unknown_kids) {
    issuer.publish({a});
    look_again();
    flood(100);
    for (int i = 0; i < 100; ++i) look_again();
    EXPECT_EQ(issuer.key_requests, 2);
    clock.now += 30s - 1ms;
    flood(10);
    EXPECT_EQ(issuer.key_requests, 2);
    clock.now += 1ms;
    flood(10);
    EXPECT_EQ(issuer.key_requests, 3);
}

TEST_F(KeyStoreTest, learns_a_rotated_key_at_once) {
    issuer.publish({a});
    look_again();
    issuer.publish({a, b});
    look_again();
    EXPECT_EQ(known(), (Kids{"a", "b"}));
}

TEST_F(KeyStoreTest, keeps_the_last_good_set_for_an_hour) {
    issuer.publish({a});
    look_again();
    issuer.answer = http::text_response(500, "down");
    clock.now += 10min;
    look_again();
    EXPECT_EQ(issuer.key_requests, 2);
    EXPECT_EQ(known(), Kids{"a"});
    flood(10);
    EXPECT_EQ(issuer.key_requests, 2);
    clock.now += 30s;
    EXPECT_EQ(known(), Kids{});
    flood(10);
    EXPECT_EQ(issuer.key_requests, 3);
    EXPECT_EQ(known(), Kids{"a"});
    clock.now += 49min + 29s;
    look_again();
    EXPECT_EQ(known(), Kids{"a"});
    clock.now += 1s;
    EXPECT_EQ(known(), Kids{});
    look_again();
    EXPECT_EQ(known(), Kids{});
    issuer.publish({b});
    clock.now += 5s;
    look_again();
    EXPECT_EQ(known(), Kids{"b"});
}

TEST_F(KeyStoreTest, keeps_the_set_when_a_refetch_fails) {
    issuer.publish({a});
    look_again();
    issuer.answer = http::text_response(500, "down");
    look_again();
    EXPECT_EQ(issuer.key_requests, 2);
    EXPECT_EQ(known(), Kids{"a"});
}

TEST_F(KeyStoreTest, has_no_keys_after_bad_answers) {
    auto keys = test::jwks({a});
    auto moved = http::text_response(302, "");
    moved.headers.push_back({"Location", issuer.url() + "/elsewhere"});
    const std::vector<http::Response> bad{
        http::text_response(404, keys), http::json_response(201, keys),
        http::json_response(500, keys), http::json_response(200, keys + std::string(kMaxJwksBytes, ' ')),
        http::json_response(200, ""),   http::text_response(200, "<html>"),
        http::json_response(200, "[]"), moved};
    for (const auto& answer : bad) {
        issuer.answer = answer;
        issuer.key_requests = 0;
        flood(10);
        EXPECT_EQ(known(), Kids{}) << answer.status;
        EXPECT_EQ(issuer.key_requests, 1) << answer.status;
        clock.now += 5s;
    }
    EXPECT_EQ(issuer.other_requests, 0);
}

TEST_F(KeyStoreTest, takes_an_empty_set_for_an_answer) {
    issuer.publish({a});
    look_again();
    issuer.publish({});
    look_again();
    EXPECT_EQ(known(), Kids{});
}

TEST_F(KeyStoreTest, has_no_keys_when_nobody_listens) {
    issuer.shut_down();
    look_again();
    EXPECT_EQ(known(), Kids{});
}

TEST_F(KeyStoreTest, forgets_everything_on_purge) {
    issuer.publish({a});
    look_again();
    store.purge();
    EXPECT_EQ(known(), Kids{});
    issuer.publish({b});
    look_again();
    EXPECT_EQ(known(), Kids{"b"});
    EXPECT_EQ(issuer.key_requests, 2);
}

TEST_F(KeyStoreTest, distrusts_an_answer_that_was_on_its_way_during_a_purge) {
    issuer.publish({a});
    bool done = false;
    asio::co_spawn(issuer.io, store.look_again(), [&](std::exception_ptr) { done = true; });
    issuer.turn([&] { return issuer.key_requests == 1; });
    issuer.publish({b});
    store.purge();
    issuer.turn([&] { return done; });
    EXPECT_EQ(issuer.key_requests, 2);
    EXPECT_EQ(known(), Kids{"b"});
}

TEST(KeyStoreLifetime, may_end_before_its_fetch) {
    test::Issuer issuer;
    std::optional<KeyStore> store;
    store.emplace(issuer.name(), issuer.client);
    bool done = false;
    asio::co_spawn(issuer.io, store->look_again(), [&](std::exception_ptr) { done = true; });
    issuer.turn([&] { return issuer.key_requests == 1; });
    store.reset();
    issuer.turn([&] { return done; });
}

}  // namespace
}  // namespace parley::auth

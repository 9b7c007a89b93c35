#include "auth/signing.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "auth/jwks.hpp"
#include "auth/sign_in.hpp"
#include "auth/test_issuer.hpp"
#include "auth/test_tokens.hpp"
#include "base/crypto.hpp"

namespace parley::auth {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const auto kNow = from_unix_seconds(1'790'000'000);

struct AuthKeysTest : testing::Test {
    AuthKeysTest() : folder(fs::temp_directory_path() / ("parley-" + random_uuid())), file(folder / "auth-keys.json") {}
    ~AuthKeysTest() override { fs::remove_all(folder); }
    void write(const boost::json::object& content) {
        fs::create_directories(folder);
        std::ofstream(file) << boost::json::serialize(content);
    }
    boost::json::object read() const {
        std::ifstream in(file);
        return boost::json::parse(std::string(std::istreambuf_iterator<char>(in), {})).as_object();
    }
    static boost::json::object claims() {
        store::User user;
        user.id = "6f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e11";
        user.email = "ana@example.com";
        user.user_metadata = R"({"display_name":"Ana","role":"owner","name":5})";
        return access_claims(user, "0b5f2d0e-8f5c-4f1c-8a52-8c9a4b0f7d22", "parley/auth/v1", kNow, 1h);
    }
    static std::expected<Claims, std::string_view> verify(const std::string& token,
                                                          const std::vector<PublicKey>& keys) {
        return verify_jwt(token, {.secret = std::nullopt, .public_keys = keys}, {.issuer = "parley/auth/v1"}, kNow);
    }

    fs::path folder;
    fs::path file;
};

TEST_F(AuthKeysTest, are_made_once_for_their_owner_alone) {
    auto made = AuthKeys::load(file);
    struct stat status{};
    ASSERT_EQ(stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1) << "no draft is left";
    auto again = AuthKeys::load(file);
    EXPECT_EQ(again.jwks(), made.jwks());
    EXPECT_EQ(again.admin_key(), made.admin_key());
    EXPECT_EQ(again.refresh_key(), made.refresh_key());
    EXPECT_GE(made.refresh_key().size(), 32u);
    EXPECT_NE(AuthKeys::load(folder / "other.json").jwks(), made.jwks());
}

TEST_F(AuthKeysTest, sign_tokens_that_the_published_set_verifies) {
    auto keys = AuthKeys::load(file);
    auto published = parse_jwks(keys.jwks());
    ASSERT_TRUE(published);
    ASSERT_EQ(published->size(), 1u);
    EXPECT_EQ(keys.jwks().find("\"d\""), std::string::npos) << "the private part stays here";
    for (int i = 0; i < 50; ++i) {
        auto verified = verify(keys.sign(claims()), *published);
        ASSERT_TRUE(verified) << verified.error();
        EXPECT_EQ(verified->email, "ana@example.com");
        EXPECT_EQ(verified->name, "Ana");
        EXPECT_EQ(verified->session_id, "0b5f2d0e-8f5c-4f1c-8a52-8c9a4b0f7d22");
        EXPECT_EQ(verified->expires_at, kNow + 1h);
    }
}

TEST_F(AuthKeysTest, may_be_several_of_which_the_last_signs) {
    auto old = AuthKeys::load(file);
    auto content = read();
    auto second = AuthKeys::load(folder / "other.json");
    std::ifstream in(folder / "other.json");
    auto other = boost::json::parse(std::string(std::istreambuf_iterator<char>(in), {})).as_object();
    content["signing_keys"].as_array().push_back(other["signing_keys"].as_array()[0]);
    write(content);
    auto both = AuthKeys::load(file);
    EXPECT_EQ(both.public_keys().size(), 2u);
    EXPECT_TRUE(verify(old.sign(claims()), both.public_keys()));
    EXPECT_TRUE(verify(both.sign(claims()), second.public_keys()));
    EXPECT_FALSE(verify(both.sign(claims()), old.public_keys()));
}

TEST_F(AuthKeysTest, that_are_none_are_refused) {
    AuthKeys::load(file);
    auto good = read();
    auto refuse = [&](const char* member, boost::json::value value) {
        auto content = good;
        content[member] = std::move(value);
        write(content);
        EXPECT_THROW(AuthKeys::load(file), std::runtime_error) << member;
    };
    refuse("refresh_key", "short");
    refuse("admin_key", nullptr);
    refuse("signing_keys", boost::json::array());
    refuse("signing_keys", boost::json::array{boost::json::object{{"kid", "a"}, {"private_key", "nonsense"}}});
    auto p384 = test::new_ec_key("P-384");
    std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PrivateKey(bio.get(), p384.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    auto size = BIO_get_mem_data(bio.get(), &data);
    std::string pem(data, static_cast<std::size_t>(size));
    refuse("signing_keys", boost::json::array{boost::json::object{{"kid", "a"}, {"private_key", pem}}});
    std::ofstream(file) << "{";
    EXPECT_THROW(AuthKeys::load(file), std::runtime_error);
}

TEST_F(AuthKeysTest, sign_nothing_that_another_issuer_takes) {
    auto keys = AuthKeys::load(file);
    auto token = keys.sign(claims());
    auto refused = verify_jwt(token, {.secret = std::nullopt, .public_keys = keys.public_keys()},
                              {.issuer = "https://inbox.example.com/auth/v1"}, kNow);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), "issuer_mismatch");
}

TEST(NormalEmail, is_in_lower_case_with_one_at_sign) {
    EXPECT_EQ(normal_email("Ana.B@Example.COM").value(), "ana.b@example.com");
    EXPECT_TRUE(normal_email(std::string(243, 'x') + "@example.com"));
    for (const auto& bad : {std::string(), std::string("ana"), std::string("@b"), std::string("a@"),
                            std::string("a@b@c"), std::string("a b@c"), std::string("a@b\n"), std::string("a\0@b", 4),
                            std::string(244, 'x') + "@example.com", std::string("a\xff@b")}) {
        auto refused = normal_email(bad);
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(refused.error().code, "validation_failed");
    }
}

}  // namespace
}  // namespace parley::auth

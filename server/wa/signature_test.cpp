#include "wa/signature.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "wa/test_fixtures.hpp"

namespace parley::wa {
namespace {

const std::vector<std::string> kSecrets{"0123456789abcdef0123456789abcdef"};

TEST(Signature, matches_every_vector) {
    auto file = json::parse(fixture("signature/x-hub-signature-256.json"));
    ASSERT_TRUE(file);
    auto* vectors = json::find_array(*file, "vectors");
    ASSERT_TRUE(vectors);
    ASSERT_GE(vectors->size(), 5u);
    for (const auto& vector : *vectors) {
        auto body = json::text(vector, "raw_body");
        auto header = json::text(vector, "x_hub_signature_256");
        std::array secrets{json::text(vector, "app_secret")};
        SCOPED_TRACE(json::text(vector, "name"));
        EXPECT_EQ(sign(body, secrets[0]), header);
        EXPECT_TRUE(signature_matches(header, body, secrets));
    }
}

TEST(Signature, fails_when_any_byte_of_the_body_changes) {
    std::string body = R"({"object":"whatsapp_business_account","entry":[]})";
    auto header = sign(body, kSecrets[0]);
    for (std::size_t i = 0; i < body.size(); ++i) {
        auto changed = body;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(signature_matches(header, changed, kSecrets)) << "byte " << i;
    }
    EXPECT_FALSE(signature_matches(header, body + " ", kSecrets));
    EXPECT_TRUE(signature_matches(header, body, kSecrets));
}

TEST(Signature, fails_when_any_digit_changes) {
    auto header = sign("body", kSecrets[0]);
    for (std::size_t i = 7; i < header.size(); ++i) {
        auto changed = header;
        changed[i] = changed[i] == '0' ? '1' : '0';
        EXPECT_FALSE(signature_matches(changed, "body", kSecrets)) << "digit " << i;
    }
}

TEST(Signature, takes_hexadecimal_digits_of_either_case) {
    auto header = sign("body", kSecrets[0]);
    for (std::size_t i = 7; i < header.size(); ++i)
        header[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(header[i])));
    EXPECT_TRUE(signature_matches(header, "body", kSecrets));
}

TEST(Signature, refuses_headers_of_another_form) {
    auto good = sign("body", kSecrets[0]);
    auto digits = good.substr(7);
    const std::vector<std::string> bad{
        "",
        "sha256=",
        digits,
        "sha1=" + digits,
        "SHA256=" + digits,
        "sha256 =" + digits,
        "sha256:" + digits,
        " " + good,
        good + " ",
        good + "0",
        good + "00",
        good + "," + good,
        good.substr(0, good.size() - 1),
        good.substr(0, good.size() - 2),
        "sha256=" + digits.substr(0, 63) + "g",
        "sha256=0x" + digits.substr(2),
        "sha256=" + std::string(64, '\0'),
        "sha256=" + std::string(64, '0'),
    };
    for (const auto& header : bad) EXPECT_FALSE(signature_matches(header, "body", kSecrets)) << header;
}

TEST(Signature, knows_two_secrets_during_a_rotation) {
    const std::vector<std::string> both{"new", "old"};
    EXPECT_TRUE(signature_matches(sign("body", "new"), "body", both));
    EXPECT_TRUE(signature_matches(sign("body", "old"), "body", both));
    EXPECT_FALSE(signature_matches(sign("body", "older"), "body", both));
}

TEST(Signature, trusts_nothing_without_a_secret) {
    EXPECT_FALSE(signature_matches(sign("body", ""), "body", {}));
    const std::vector<std::string> empty{""};
    EXPECT_FALSE(signature_matches(sign("body", ""), "body", empty));
}

}  // namespace
}  // namespace parley::wa

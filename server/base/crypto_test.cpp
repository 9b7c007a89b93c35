#include "base/crypto.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace parley {
namespace {

TEST(Sha256Digest, equals_the_vectors_of_fips_180) {
    EXPECT_EQ(to_hex(as_text(sha256(""))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(as_text(sha256("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(HmacSha256, equals_the_vectors_of_rfc_4231) {
    EXPECT_EQ(to_hex(as_text(hmac_sha256("Jefe", "what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(as_text(hmac_sha256(std::string(131, '\xaa'),
                                         "This is a test using a larger than block-size key and a larger than "
                                         "block-size data. The key needs to be hashed before being used by the "
                                         "HMAC algorithm."))),
              "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(HmacSha256, takes_empty_keys_and_data) {
    EXPECT_EQ(to_hex(as_text(hmac_sha256({}, {}))), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    EXPECT_EQ(hmac_sha256({}, "x"), hmac_sha256("", "x"));
}

TEST(EqualConstantTime, compares_bytes_and_lengths) {
    EXPECT_TRUE(equal_constant_time("", ""));
    EXPECT_TRUE(equal_constant_time({}, ""));
    EXPECT_TRUE(equal_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_constant_time("abc", "ab"));
    EXPECT_FALSE(equal_constant_time("", "a"));
    EXPECT_FALSE(equal_constant_time(std::string("a\0b", 3), std::string("a\0c", 3)));
}

TEST(RandomUuid, is_version_4_and_never_the_same) {
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) {
        auto uuid = random_uuid();
        EXPECT_TRUE(is_uuid(uuid)) << uuid;
        EXPECT_EQ(uuid[14], '4');
        EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
        seen.insert(uuid);
    }
    EXPECT_EQ(seen.size(), 200u);
}

TEST(RandomBytes, gives_as_many_as_asked_for) {
    EXPECT_EQ(random_bytes(0), "");
    EXPECT_EQ(random_bytes(33).size(), 33u);
    EXPECT_NE(random_bytes(16), random_bytes(16));
}

TEST(IsUuid, knows_the_canonical_form_alone) {
    EXPECT_TRUE(is_uuid("00000000-0000-0000-0000-000000000000"));
    EXPECT_TRUE(is_uuid("ABCDEFab-1234-5678-9abc-DEFdefDEFdef"));
    for (const char* text : {"", "00000000-0000-0000-0000-00000000000", "00000000-0000-0000-0000-0000000000000",
                             "000000000000000000000000000000000000", "0000000-00000-0000-0000-000000000000",
                             "g0000000-0000-0000-0000-000000000000", "{0000000-0000-0000-0000-00000000000}"})
        EXPECT_FALSE(is_uuid(text)) << text;
}

TEST(Hex, goes_both_ways) {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    EXPECT_EQ(to_hex(std::string("\x00\x0f\xff", 3)), "000fff");
    EXPECT_EQ(from_hex(to_hex(all)), all);
    EXPECT_EQ(from_hex("00FFaA"), std::string("\x00\xff\xaa", 3));
    EXPECT_EQ(from_hex(""), "");
    for (const char* text : {"0", "000", "0g", "g0", " 0", "0x00", "-1"})
        EXPECT_EQ(from_hex(text), std::nullopt) << text;
}

TEST(Base64, pads_as_rfc_4648_says) {
    EXPECT_EQ(to_base64(""), "");
    EXPECT_EQ(to_base64("f"), "Zg==");
    EXPECT_EQ(to_base64("fo"), "Zm8=");
    EXPECT_EQ(to_base64("foo"), "Zm9v");
    EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(to_base64("\xfb\xff"), "+/8=");
}

TEST(Base64Url, goes_both_ways_without_padding) {
    std::string all;
    for (int i = 0; i < 256; ++i) {
        EXPECT_EQ(from_base64url(to_base64url(all)), all);
        all += static_cast<char>(i);
    }
    EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
    EXPECT_EQ(from_base64url(""), "");
}

TEST(Base64Url, refuses_padding_other_letters_and_loose_bits) {
    for (const char* text : {"Zg==", "Zg=", "Z", "Zm9vY", "+_8", "-/8", "Zm 9", "Zm9v\n", "Zh", "Zm9"})
        EXPECT_EQ(from_base64url(text), std::nullopt) << text;
}

}  // namespace
}  // namespace parley

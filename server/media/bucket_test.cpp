#include "media/bucket.hpp"

#include <gtest/gtest.h>

namespace parley::media {
namespace {

// The examples of "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)" in Amazon S3's
// API reference.
const BucketSettings kExample{.endpoint = "https://examplebucket.s3.amazonaws.com",
                              .region = "us-east-1",
                              .bucket = "examplebucket",
                              .access_key_id = "AKIAIOSFODNN7EXAMPLE",
                              .secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
const TimePoint kThen = std::chrono::sys_days{std::chrono::year{2013} / 5 / 24};

TEST(SignatureV4, AnswersTheExampleOfAGet) {
    constexpr auto kNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    std::vector<http::Header> headers{{"host", "examplebucket.s3.amazonaws.com"},
                                      {"range", "bytes=0-9"},
                                      {"x-amz-content-sha256", kNothing},
                                      {"x-amz-date", "20130524T000000Z"}};
    EXPECT_EQ(signature_v4(kExample, http::Method::get, "/test.txt", headers, kNothing, kThen),
              "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;"
              "range;x-amz-content-sha256;x-amz-date,Signature="
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SignatureV4, AnswersTheExampleOfAPut) {
    constexpr auto kBody = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    std::vector<http::Header> headers{{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                                      {"host", "examplebucket.s3.amazonaws.com"},
                                      {"x-amz-content-sha256", kBody},
                                      {"x-amz-date", "20130524T000000Z"},
                                      {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
    EXPECT_TRUE(signature_v4(kExample, http::Method::put, "/test%24file.text", headers, kBody, kThen)
                    .ends_with("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(Bucket, WantsAnEndpointThatIsAUrl) {
    asio::io_context io;
    http::Client client(io);
    Clock clock;
    EXPECT_THROW(Bucket(client, {.endpoint = "s3.example.com"}, clock), std::invalid_argument);
}

}  // namespace
}  // namespace parley::media

// An S3-compatible bucket that keeps the files, for deployments whose servers have no disk worth keeping. Requests are
// signed with AWS Signature Version 4 (AWS Identity and Access Management, "Create a signed AWS API request").
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "base/time.hpp"
#include "http/client.hpp"
#include "http/router.hpp"

namespace parley::media {

struct BucketSettings {
    std::string endpoint;  ///< "https://s3.eu-central-1.amazonaws.com": the bucket is named in the path
    std::string region = "us-east-1";
    std::string bucket{};
    std::string access_key_id{};
    std::string secret_access_key{};
};

/// The value of the Authorization field. `headers` are those that are signed, names in lower case, in their order;
/// `payload_hash` is the SHA-256 of the body in hex.
std::string signature_v4(const BucketSettings& settings, http::Method method, std::string_view path,
                         const std::vector<http::Header>& headers, std::string_view payload_hash, TimePoint now);

/// The bucket did not do what was asked of it; requests that need it are answered 503.
struct BucketAway : http::ServiceUnavailable {
    using http::ServiceUnavailable::ServiceUnavailable;
};

class Bucket {
  public:
    /// Throws std::invalid_argument for an endpoint that is no URL.
    Bucket(http::Client& client, BucketSettings settings, const Clock& clock);
    Bucket(const Bucket&) = delete;
    Bucket& operator=(const Bucket&) = delete;

    /// Stores the file under its hash. Throws BucketAway with the status when the bucket does not take it.
    awaitable<void> put(std::string sha256, std::filesystem::path file);
    /// Gives the bytes to `sink`; false when there is no such object. Throws as put does.
    awaitable<bool> get(std::string sha256, std::function<void(std::string_view)> sink);

  private:
    http::ClientRequest request_for(http::Method method, const std::string& sha256,
                                    std::string_view payload_hash) const;

    http::Client& client_;
    BucketSettings settings_;
    const Clock& clock_;
    http::Url endpoint_;
};

}  // namespace parley::media

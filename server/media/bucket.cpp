#include "media/bucket.hpp"

#include <chrono>
#include <stdexcept>

#include "base/crypto.hpp"
#include "domain/media_kinds.hpp"
#include "http/open_file.hpp"

namespace parley::media {
namespace {

using namespace std::chrono_literals;

constexpr auto kLongestTransfer = 15min;
constexpr auto kStalled = 30s;
/// The hash of nothing: the body of a GET.
constexpr std::string_view kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string host_field(const http::Url& url) {
    bool usual = url.port == (url.scheme == "https" ? "443" : "80");
    return usual ? url.host : url.host + ":" + url.port;
}

/// 20130524T000000Z
std::string stamp(TimePoint now) {
    constexpr std::size_t kToTheSecond = 19;
    auto text = to_rfc3339(now).substr(0, kToTheSecond);
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text + "Z";
}

std::string keyed(std::string_view key, std::string_view data) {
    return std::string(as_text(hmac_sha256(key, data)));
}

[[noreturn]] void refuse(std::string_view what, const std::string& reason) {
    throw BucketAway("the bucket does not " + std::string(what) + ": " + reason);
}

}  // namespace

std::string signature_v4(const BucketSettings& settings, http::Method method, std::string_view path,
                         const std::vector<http::Header>& headers, std::string_view payload_hash, TimePoint now) {
    std::string names, fields;
    for (const auto& header : headers) {
        names += (names.empty() ? "" : ";") + header.name;
        fields += header.name + ":" + header.value + "\n";
    }
    auto canonical = std::string(http::to_string(method)) + "\n" + std::string(path) + "\n\n" + fields + "\n" + names +
                     "\n" + std::string(payload_hash);
    auto time = stamp(now);
    auto day = time.substr(0, 8);
    auto scope = day + "/" + settings.region + "/s3/aws4_request";
    auto to_sign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + to_hex(as_text(sha256(canonical)));
    auto key =
        keyed(keyed(keyed(keyed("AWS4" + settings.secret_access_key, day), settings.region), "s3"), "aws4_request");
    return "AWS4-HMAC-SHA256 Credential=" + settings.access_key_id + "/" + scope + ",SignedHeaders=" + names +
           ",Signature=" + to_hex(keyed(key, to_sign));
}

Bucket::Bucket(http::Client& client, BucketSettings settings, const Clock& clock)
    : client_(client), settings_(std::move(settings)), clock_(clock) {
    auto url = http::parse_url(settings_.endpoint);
    if (!url) throw std::invalid_argument("not an http or https URL: " + settings_.endpoint);
    endpoint_ = std::move(*url);
}

http::ClientRequest Bucket::request_for(http::Method method, const std::string& sha256,
                                        std::string_view payload_hash) const {
    http::ClientRequest request;
    request.method = method;
    request.url = endpoint_;
    request.url.target = "/" + settings_.bucket + "/" + sha256;
    auto now = clock_.now();
    std::vector<http::Header> headers{{"host", host_field(endpoint_)},
                                      {"x-amz-content-sha256", std::string(payload_hash)},
                                      {"x-amz-date", stamp(now)}};
    auto signature = signature_v4(settings_, method, request.url.target, headers, payload_hash, now);
    request.headers.assign(headers.begin() + 1, headers.end());
    request.headers.push_back({"Authorization", std::move(signature)});
    request.timeout = kLongestTransfer;
    request.progress_timeout = kStalled;
    return request;
}

awaitable<void> Bucket::put(std::string sha256, std::filesystem::path file) {
    auto request = request_for(http::Method::put, sha256, sha256);
    request.parts.emplace_back(http::whole_file(file));
    auto answer = co_await client_.send(std::move(request));
    if (!answer) refuse("take a file", answer.error().reason);
    if (answer->status < 200 || answer->status > 299) refuse("take a file", "HTTP " + std::to_string(answer->status));
}

awaitable<bool> Bucket::get(std::string sha256, std::function<void(std::string_view)> sink) {
    auto request = request_for(http::Method::get, sha256, kEmptyHash);
    request.max_body = static_cast<std::size_t>(kLargestFile);
    request.sink = std::move(sink);
    auto answer = co_await client_.send(std::move(request));
    if (!answer) refuse("give a file", answer.error().reason);
    if (answer->status == 404) co_return false;
    if (answer->status != 200) refuse("give a file", "HTTP " + std::to_string(answer->status));
    co_return true;
}

}  // namespace parley::media

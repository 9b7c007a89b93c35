// Files to Meta and from Meta (reference, section 12).
#include <algorithm>
#include <array>

#include "base/crypto.hpp"
#include "domain/media_kinds.hpp"
#include "http/open_file.hpp"
#include "wa/graph.hpp"

namespace parley::wa {
namespace {

using namespace std::chrono_literals;

/// Bytes come all the time, or the exchange is over.
constexpr auto kStalled = 30s;
constexpr auto kLongestTransfer = 15min;

/// Proxies and Meta's file servers answer without Meta's error object.
Refused read_file_refusal(const http::ClientResponse& answer) {
    auto read = read_call_answer(answer);
    if (read) return unreachable("the answer is no file", Remedy::retry);
    auto refused = read.error();
    bool by_meta = refused.error.code != static_cast<std::int64_t>(answer.status);
    if (by_meta) return refused;
    // 404 is a download address that has run out: the next try asks for a new one.
    if (answer.status == 404 || answer.status == 410) refused.remedy = Remedy::retry;
    if (answer.status == 401 || answer.status == 403) refused.remedy = Remedy::fix_account;
    return refused;
}

}  // namespace

bool GraphClient::is_media_host(const http::Url& url) const {
    constexpr auto kDomains =
        std::to_array<std::string_view>({".fbsbx.com", ".fbcdn.net", ".whatsapp.net", ".facebook.com"});
    auto own = http::parse_url(base_url_);
    if (own && url.scheme == own->scheme && url.host == own->host && url.port == own->port) return true;
    return url.scheme == "https" && url.port == "443" &&
           std::ranges::any_of(kDomains, [&](std::string_view domain) { return url.host.ends_with(domain); });
}

awaitable<std::expected<std::string, Refused>> GraphClient::upload(std::string phone_number_id,
                                                                   std::filesystem::path file, std::string mime_type,
                                                                   std::string token) {
    auto url = http::parse_url(base_url_ + "/" + version_ + "/" + phone_number_id + "/media");
    if (!url) co_return std::unexpected(unreachable("the number id is not one of Meta's", Remedy::give_up));
    auto boundary = "parley-" + to_hex(random_bytes(16));
    auto field = [&](std::string_view name, std::string_view value) {
        return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
               std::string(value) + "\r\n";
    };
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = std::move(*url);
    request.headers.push_back({"Authorization", "Bearer " + token});
    request.headers.push_back({"Content-Type", "multipart/form-data; boundary=" + boundary});
    // The name says nothing: what the customer sees as file name goes with the message.
    request.parts.emplace_back(
        field("messaging_product", "whatsapp") + field("type", mime_type) + "--" + boundary +
        "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\nContent-Type: " + mime_type +
        "\r\n\r\n");
    request.parts.emplace_back(http::whole_file(file));
    request.parts.emplace_back("\r\n--" + boundary + "--\r\n");
    request.timeout = kLongestTransfer;
    request.progress_timeout = kStalled;
    auto answer = co_await client_.send(std::move(request));
    if (!answer) co_return std::unexpected(unreachable(answer.error().reason, Remedy::retry));
    auto body = read_call_answer(*answer);
    if (!body) co_return std::unexpected(read_file_refusal(*answer));
    auto id = json::text(*body, "id");
    if (id.empty()) co_return std::unexpected(unreachable("the answer names no file", Remedy::retry));
    co_return id;
}

awaitable<std::expected<MediaFacts, Refused>> GraphClient::download(std::string media_id, std::string phone_number_id,
                                                                    std::string token,
                                                                    std::function<void(std::string_view)> sink) {
    bool plain = !media_id.empty() && std::ranges::all_of(media_id, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
    });
    if (!plain) co_return std::unexpected(unreachable("the file's id is not one of Meta's", Remedy::give_up));
    GraphCall lookup{http::Method::get, "/" + media_id + "?phone_number_id=" + phone_number_id, "", token};
    auto found = co_await call(std::move(lookup));
    if (!found) co_return std::unexpected(found.error());
    auto url = http::parse_url(json::text(*found, "url"));
    if (!url || !is_media_host(*url))
        co_return std::unexpected(unreachable("the download address is not at Meta", Remedy::give_up));
    http::ClientRequest request;
    request.url = std::move(*url);
    request.headers.push_back({"Authorization", "Bearer " + token});
    request.max_body = static_cast<std::size_t>(kLargestFile);
    request.timeout = kLongestTransfer;
    request.progress_timeout = kStalled;
    request.sink = std::move(sink);
    auto answer = co_await client_.send(std::move(request));
    if (!answer) co_return std::unexpected(unreachable(answer.error().reason, Remedy::retry));
    if (answer->status < 200 || answer->status > 299) co_return std::unexpected(read_file_refusal(*answer));
    co_return MediaFacts{json::text(*found, "mime_type"), json::text(*found, "sha256")};
}

}  // namespace parley::wa

#include "wa/probe.hpp"

#include <ctime>

#include "base/crypto.hpp"

namespace parley::wa {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeout = 6s;

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (char c : text) out += "%" + to_hex(std::string_view(&c, 1));
    return out;
}

}  // namespace

std::optional<TimePoint> parse_http_date(const std::string& text) {
    std::tm parts{};
    const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (!end || *end != '\0') return std::nullopt;
    return from_unix_seconds(timegm(&parts));
}

awaitable<Handshake> Probe::shake_hands(std::string callback_url, std::string verify_token, std::string challenge) {
    auto url = http::parse_url(callback_url + "?hub.mode=subscribe&hub.challenge=" + challenge +
                               "&hub.verify_token=" + percent_encoded(verify_token));
    if (!url) co_return Handshake{.problem = "it is not a web address"};
    http::ClientRequest request;
    request.url = std::move(*url);
    request.timeout = kTimeout;
    auto answer = co_await client_.send(std::move(request));
    if (!answer) co_return Handshake{.problem = answer.error().reason};
    co_return Handshake{
        .problem = "", .status = answer->status, .echoed = answer->status == 200 && answer->body == challenge};
}

awaitable<std::optional<std::chrono::milliseconds>> Probe::ahead_of_meta(const Clock& clock) {
    http::ClientRequest request;
    auto url = http::parse_url(graph_url_ + "/");
    if (!url) co_return std::nullopt;
    request.url = std::move(*url);
    request.timeout = kTimeout;
    auto before = clock.now();
    auto answer = co_await client_.send(std::move(request));
    auto after = clock.now();
    if (!answer) co_return std::nullopt;
    auto date = parse_http_date(std::string(answer->header("Date")));
    if (!date) co_return std::nullopt;
    // The header is cut to the second.
    auto ahead = before + (after - before) / 2 - (*date + 500ms);
    co_return std::chrono::duration_cast<std::chrono::milliseconds>(ahead);
}

}  // namespace parley::wa

#include "http/gate.hpp"

#include <charconv>
#include <limits>
#include <optional>

#include "http/letters.hpp"

namespace parley::http {
namespace {

constexpr std::size_t kMaxTargetBytes = 8 * 1024;

std::unexpected<Refusal> refuse(unsigned status, std::string_view code, std::string_view detail) {
    return std::unexpected(Refusal{status, code, detail});
}

std::unexpected<Refusal> malformed(std::string_view detail) {
    return refuse(400, "bad_request", detail);
}

std::optional<Method> method_of(std::string_view name) {
    for (auto method :
         {Method::get, Method::post, Method::head, Method::options, Method::put, Method::patch, Method::del})
        if (to_string(method) == name) return method;
    return std::nullopt;
}

bool is_version(std::string_view text) {
    return text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
}

bool is_port(std::string_view text) {
    unsigned port = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return !text.empty() && is_digit(text.front()) && error == std::errc{} && end == text.data() + text.size() &&
           port <= 65535;
}

/// host[:port] with a name, an IPv4 address or an IPv6 literal in brackets; no user info, no empty host or port.
bool is_host(std::string_view text) {
    std::string_view host = text;
    std::string_view rest;
    if (text.starts_with('[')) {
        auto close = text.find(']');
        if (close == text.npos) return false;
        host = text.substr(1, close - 1);
        rest = text.substr(close + 1);
        if (host.size() < 2) return false;
        for (char c : host)
            if (!is_digit(c) && !(to_lower(c) >= 'a' && to_lower(c) <= 'f') && c != ':' && c != '.') return false;
    } else {
        auto colon = text.find(':');
        host = text.substr(0, colon);
        if (colon != text.npos) rest = text.substr(colon);
        if (host.empty()) return false;
        for (char c : host)
            if (!is_digit(c) && !is_letter(c) && c != '-' && c != '.' && c != '_') return false;
    }
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
}

/// Digits without a leading zero ("0" itself is fine) that fit a size.
std::optional<std::size_t> length_of(std::string_view text) {
    if (text.empty() || !is_digit(text.front()) || (text.front() == '0' && text.size() > 1)) return std::nullopt;
    std::size_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (value > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max())) return std::nullopt;
    return value;
}

/// Takes the next line off `rest`, without its CRLF; empty when the line does not end in CRLF.
std::optional<std::string_view> take_line(std::string_view& rest) {
    auto end = rest.find('\n');
    if (end == rest.npos || end == 0 || rest[end - 1] != '\r') return std::nullopt;
    auto line = rest.substr(0, end - 1);
    rest.remove_prefix(end + 1);
    return line;
}

std::expected<void, Refusal> read_request_line(std::string_view line, Request& request) {
    auto first = line.find(' ');
    auto last = line.rfind(' ');
    if (first == line.npos || first == last) return malformed("The request line is not: method, target, version.");
    auto method = line.substr(0, first);
    auto target = line.substr(first + 1, last - first - 1);
    auto version = line.substr(last + 1);
    if (!is_token(method) || !is_version(version))
        return malformed("The request line is not: method, target, version.");
    if (version != "HTTP/1.1") return refuse(505, "version_not_supported", "Only HTTP/1.1 is spoken here.");
    auto known = method_of(method);
    if (!known) return refuse(501, "method_unknown", "The method is not known here.");
    if (target.size() > kMaxTargetBytes) return refuse(414, "target_too_long", "The request target is over 8 KiB.");
    if (!target.starts_with('/') || !kTargetCharacters.has_all(target))
        return malformed("The request target is not a path in printable ASCII.");
    request.method = *known;
    auto question = target.find('?');
    request.path = target.substr(0, question);
    if (question != target.npos) request.query = target.substr(question + 1);
    return {};
}

std::expected<void, Refusal> read_fields(std::string_view rest, std::vector<Header>& headers) {
    headers.reserve(12);
    while (true) {
        auto line = take_line(rest);
        if (!line) return malformed("A header line does not end in CRLF.");
        if (line->empty()) break;
        if (headers.size() == kMaxHeaderFields)
            return refuse(431, "too_many_headers", "There are over 64 header fields.");
        auto colon = line->find(':');
        if (colon == line->npos || !is_token(line->substr(0, colon))) return malformed("A header name is malformed.");
        auto value = trimmed(line->substr(colon + 1));
        if (!kValueCharacters.has_all(value)) return malformed("A header value has control characters.");
        headers.emplace_back(std::string(line->substr(0, colon)), std::string(value));
    }
    if (!rest.empty()) return malformed("There is something after the header section.");
    return {};
}

/// What the fields that frame and steer a request say together.
struct Framing {
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    bool asks_upgrade = false;
    bool connection_upgrade = false;
};

std::expected<void, Refusal> judge_field(const Header& field, Framing& framing, GatedHead& head) {
    auto named = [&](std::string_view name) { return equal_ignoring_case(field.name, name); };
    // The length of a name tells nearly all of them apart, so most fields cost one comparison.
    switch (field.name.size()) {
        case 4:
            if (!named("Host")) break;
            ++framing.hosts;
            if (!is_host(field.value)) return malformed("The Host field is not host[:port].");
            break;
        case 6:
            if (!named("Expect")) break;
            if (!equal_ignoring_case(field.value, "100-continue"))
                return refuse(417, "expectation_failed", "The only expectation known here is 100-continue.");
            head.expects_continue = true;
            break;
        case 7:
            if (!named("Upgrade")) break;
            framing.asks_upgrade = true;
            if (list_has(field.value, "websocket")) head.request.upgrade = true;
            break;
        case 10:
            if (!named("Connection")) break;
            if (list_has(field.value, "close")) head.keep_alive = false;
            if (list_has(field.value, "upgrade")) framing.connection_upgrade = true;
            break;
        case 14:
            if (!named("Content-Length")) break;
            ++framing.lengths;
            if (auto length = length_of(field.value))
                head.content_length = *length;
            else
                return malformed("The Content-Length field is not one plain decimal number.");
            break;
        case 16:
            if (!named("Content-Encoding")) break;
            if (!equal_ignoring_case(field.value, "identity"))
                return refuse(415, "encoding_not_supported",
                              "Request bodies are read as they are: no Content-Encoding.");
            break;
        case 17:
            if (!named("Transfer-Encoding")) break;
            return refuse(411, "length_required", "Send a Content-Length: no Transfer-Encoding is accepted.");
        default:
            break;
    }
    return {};
}

}  // namespace

std::expected<GatedHead, Refusal> judge_head(std::string_view head) {
    if (head.size() > kMaxHeaderBytes) return refuse(431, "header_too_large", "The header section is over 16 KiB.");
    GatedHead gated;
    auto request_line = take_line(head);
    if (!request_line) return malformed("The request line does not end in CRLF.");
    if (auto read = read_request_line(*request_line, gated.request); !read) return std::unexpected(read.error());
    if (auto read = read_fields(head, gated.request.headers); !read) return std::unexpected(read.error());

    Framing framing;
    for (const auto& field : gated.request.headers)
        if (auto judged = judge_field(field, framing, gated); !judged) return std::unexpected(judged.error());
    if (framing.hosts != 1) return malformed("There must be exactly one Host field.");
    if (framing.lengths > 1) return malformed("There is more than one Content-Length field.");
    if (gated.content_length > 0) {
        auto method = gated.request.method;
        if (method == Method::get || method == Method::head || method == Method::options)
            return malformed("A request of this method has no body.");
        if (framing.asks_upgrade) return malformed("A request for an upgrade has no body.");
    }
    auto& request = gated.request;
    request.content_length = gated.content_length;
    request.upgrade = request.upgrade && framing.connection_upgrade && request.method == Method::get;
    return gated;
}

}  // namespace parley::http

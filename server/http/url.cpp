#include <charconv>

#include "http/client.hpp"
#include "http/letters.hpp"

namespace parley::http {
namespace {

bool is_host_name(std::string_view host) {
    for (char c : host)
        if (!is_letter(c) && !is_digit(c) && c != '-' && c != '.' && c != '_') return false;
    return !host.empty();
}

bool is_ipv6(std::string_view host) {
    for (char c : host)
        if (!is_digit(c) && !(to_lower(c) >= 'a' && to_lower(c) <= 'f') && c != ':' && c != '.') return false;
    return host.find(':') != host.npos;
}

bool is_port(std::string_view text) {
    unsigned port = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
    auto scheme_end = text.find("://");
    if (scheme_end == text.npos) return std::nullopt;
    Url url;
    for (char c : text.substr(0, scheme_end)) url.scheme += to_lower(c);
    if (url.scheme != "http" && url.scheme != "https") return std::nullopt;
    url.port = url.scheme == "http" ? "80" : "443";
    text.remove_prefix(scheme_end + 3);
    text = text.substr(0, text.find('#'));

    auto authority_end = text.find_first_of("/?");
    auto authority = text.substr(0, authority_end);
    if (authority_end != text.npos) url.target = text.substr(authority_end);
    if (!url.target.starts_with('/')) url.target.insert(0, "/");
    if (!kTargetCharacters.has_all(url.target)) return std::nullopt;

    bool bracketed = authority.starts_with('[');
    auto host_end = bracketed ? authority.find(']') : authority.find(':');
    if (bracketed && host_end == authority.npos) return std::nullopt;
    url.host = bracketed ? authority.substr(1, host_end - 1) : authority.substr(0, host_end);
    if (bracketed ? !is_ipv6(url.host) : !is_host_name(url.host)) return std::nullopt;
    auto rest = host_end == authority.npos ? std::string_view{} : authority.substr(host_end + (bracketed ? 1 : 0));
    if (!rest.empty()) {
        if (rest.front() != ':' || !is_port(rest.substr(1))) return std::nullopt;
        url.port = rest.substr(1);
    }
    return url;
}

}  // namespace parley::http

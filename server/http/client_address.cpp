#include "http/client_address.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <optional>
#include <ranges>

#include "http/letters.hpp"

namespace parley::http {
namespace {

namespace ip = boost::asio::ip;

// A listener on "::" sees IPv4 peers as ::ffff:a.b.c.d.
ip::address plain(const ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
    return address;
}

// "203.0.113.9", and with a port, as some proxies write it: "203.0.113.9:4711", "[2001:db8::1]:4711".
std::optional<ip::address> read_address(std::string_view text) {
    if (text.starts_with('[')) {
        text = text.substr(1, text.find(']') - 1);
    } else if (std::ranges::count(text, ':') == 1) {
        text = text.substr(0, text.find(':'));
    }
    boost::system::error_code error;
    auto address = ip::make_address(text, error);
    if (error) return {};
    return plain(address);
}

template <typename Network, typename Address>
bool holds(const Network& network, const Address& address) {
    return Network(address, network.prefix_length()).canonical() == network.canonical();
}

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(std::span<const std::string> texts) {
    TrustedProxies proxies;
    for (const auto& text : texts) {
        boost::system::error_code v4_error;
        boost::system::error_code v6_error;
        auto address = ip::make_address(text, v4_error);
        bool single = !v4_error;
        auto v4 = ip::make_network_v4(single ? text + "/32" : text, v4_error);
        auto v6 = ip::make_network_v6(single ? text + "/128" : text, v6_error);
        if (!v4_error && (!single || address.is_v4())) {
            proxies.v4_.push_back(v4);
        } else if (!v6_error) {
            proxies.v6_.push_back(v6);
        } else {
            return failure(Errc::invalid_argument, text + " is neither an address nor a network such as 10.0.0.0/8");
        }
    }
    return proxies;
}

bool TrustedProxies::trusts(std::string_view text) const {
    auto address = read_address(text);
    if (!address) return false;
    if (address->is_v4())
        return std::ranges::any_of(v4_, [&](const auto& network) { return holds(network, address->to_v4()); });
    return std::ranges::any_of(v6_, [&](const auto& network) { return holds(network, address->to_v6()); });
}

std::string TrustedProxies::client_of(std::string_view peer, std::span<const Header> headers) const {
    std::string client(peer);
    if (!trusts(peer)) return client;
    // From the last proxy's entry back to the first.
    for (const auto& header : headers | std::views::reverse) {
        if (!equal_ignoring_case(header.name, "X-Forwarded-For")) continue;
        std::string_view left = header.value;
        while (true) {
            auto comma = left.rfind(',');
            auto address = read_address(trimmed(comma == std::string_view::npos ? left : left.substr(comma + 1)));
            if (!address) return client;
            client = address->to_string();
            if (!trusts(client)) return client;
            if (comma == std::string_view::npos) break;
            left = left.substr(0, comma);
        }
    }
    return client;
}

}  // namespace parley::http

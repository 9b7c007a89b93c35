#include "http/public_address.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace parley::http {
namespace {

namespace ip = boost::asio::ip;

struct Range4 {
    std::array<std::uint8_t, 4> start;
    unsigned bits;
};

/// https://www.iana.org/assignments/iana-ipv4-special-registry, and 224.0.0.0/4 (RFC 5771).
constexpr std::array kSpecial4{
    Range4{{0, 0, 0, 0}, 8},        // this network
    Range4{{10, 0, 0, 0}, 8},       // private use
    Range4{{100, 64, 0, 0}, 10},    // shared with a provider (RFC 6598)
    Range4{{127, 0, 0, 0}, 8},      // loopback
    Range4{{169, 254, 0, 0}, 16},   // link local; cloud metadata
    Range4{{172, 16, 0, 0}, 12},    // private use
    Range4{{192, 0, 0, 0}, 24},     // protocol assignments
    Range4{{192, 0, 2, 0}, 24},     // documentation
    Range4{{192, 31, 196, 0}, 24},  // AS112 (RFC 7535)
    Range4{{192, 52, 193, 0}, 24},  // AMT (RFC 7450)
    Range4{{192, 88, 99, 0}, 24},   // 6to4 relays (RFC 7526)
    Range4{{192, 168, 0, 0}, 16},   // private use
    Range4{{192, 175, 48, 0}, 24},  // AS112 (RFC 7534)
    Range4{{198, 18, 0, 0}, 15},    // benchmarking
    Range4{{198, 51, 100, 0}, 24},  // documentation
    Range4{{203, 0, 113, 0}, 24},   // documentation
    Range4{{224, 0, 0, 0}, 4},      // multicast
    Range4{{240, 0, 0, 0}, 4},      // reserved, and limited broadcast
};

struct Range6 {
    std::array<std::uint16_t, 3> start;  // the first 48 bits; the rest is zero
    unsigned bits;
};

/// https://www.iana.org/assignments/iana-ipv6-special-registry: what of it lies in 2000::/3.
constexpr std::array kSpecial6{
    Range6{{0x2001, 0, 0}, 23},          // protocol assignments: Teredo, ORCHID and others
    Range6{{0x2001, 0xdb8, 0}, 32},      // documentation
    Range6{{0x2620, 0x4f, 0x8000}, 48},  // AS112 (RFC 7534)
    Range6{{0x3fff, 0, 0}, 20},          // documentation (RFC 9637)
};

template <std::size_t size, std::size_t given>
bool starts_with(const std::array<std::uint8_t, size>& bytes, const std::array<std::uint8_t, given>& start,
                 unsigned bits) {
    for (std::size_t i = 0; i < given && bits > 0; ++i) {
        auto taken = std::min(bits, 8U);
        if (((bytes[i] ^ start[i]) >> (8 - taken)) != 0) return false;
        bits -= taken;
    }
    return true;
}

bool is_public(const ip::address_v4& address) {
    auto bytes = address.to_bytes();
    return std::ranges::none_of(kSpecial4,
                                [&](const Range4& range) { return starts_with(bytes, range.start, range.bits); });
}

std::array<std::uint8_t, 6> bytes_of(const Range6& range) {
    std::array<std::uint8_t, 6> bytes{};
    for (std::size_t i = 0; i < range.start.size(); ++i) {
        bytes[2 * i] = static_cast<std::uint8_t>(range.start[i] >> 8);
        bytes[2 * i + 1] = static_cast<std::uint8_t>(range.start[i] & 0xff);
    }
    return bytes;
}

bool is_public(const ip::address_v6& address) {
    auto bytes = address.to_bytes();
    auto inner = [&](std::size_t at) {
        return ip::address_v4({bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]});
    };
    constexpr std::array<std::uint8_t, 12> kNat64{0, 0x64, 0xff, 0x9b};  // 64:ff9b::/96 (RFC 6052)
    if (address.is_v4_mapped() || starts_with(bytes, kNat64, 96)) return is_public(inner(12));
    if (bytes[0] == 0x20 && bytes[1] == 0x02) return is_public(inner(2));  // 6to4 (RFC 3056)
    if (bytes[0] >> 5 != 1) return false;
    return std::ranges::none_of(kSpecial6,
                                [&](const Range6& range) { return starts_with(bytes, bytes_of(range), range.bits); });
}

}  // namespace

bool is_public(const ip::address& address) {
    return address.is_v4() ? is_public(address.to_v4()) : is_public(address.to_v6());
}

}  // namespace parley::http

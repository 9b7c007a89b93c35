#include "http/request_ids.hpp"

#include <cstring>

#include "base/crypto.hpp"

namespace parley::http {
namespace {

/// The finalizer of splitmix64 (Steele, Lea and Flood, 2014).
std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

void append_hex(std::string& out, std::uint64_t value, int from_bit, int digits) {
    for (int i = 0; i < digits; ++i) out += "0123456789abcdef"[(value >> (from_bit - 4 * i)) & 15];
}

}  // namespace

RequestIds::RequestIds() {
    auto seed = random_bytes(sizeof key_);
    std::memcpy(key_.data(), seed.data(), sizeof key_);
}

std::string RequestIds::next() {
    auto high = mix(key_[0] + ++counter_);
    auto low = mix(key_[1] ^ high);
    std::string id;
    id.reserve(36);
    append_hex(id, high, 60, 8);
    id += '-';
    append_hex(id, high, 28, 4);
    id += "-4";
    append_hex(id, high, 12, 3);
    id += '-';
    id += "89ab"[(low >> 60) & 3];
    append_hex(id, low, 56, 3);
    id += '-';
    append_hex(id, low, 44, 12);
    return id;
}

}  // namespace parley::http

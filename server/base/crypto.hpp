// The few cryptographic and encoding functions that several rooms need, over OpenSSL. All throw std::runtime_error when
// OpenSSL itself fails (out of memory); none throws on bad input.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view data);
Sha256 hmac_sha256(std::string_view key, std::string_view data);

inline std::string_view as_text(const Sha256& hash) {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

/// Compares in a time that depends on the lengths alone.
bool equal_constant_time(std::string_view a, std::string_view b);

/// Cryptographically secure random bytes.
std::string random_bytes(std::size_t count);

/// A random version 4 UUID in its canonical lower-case form.
std::string random_uuid();
/// True for the 36-character form of a UUID, in any case.
bool is_uuid(std::string_view text);

std::string to_hex(std::string_view bytes);
/// Empty unless `hex` is pairs of hexadecimal digits.
std::optional<std::string> from_hex(std::string_view hex);

/// RFC 4648 base64url without padding, as JSON Web Tokens use it.
std::string to_base64url(std::string_view bytes);
/// Empty for padding, other characters, an impossible length, or trailing bits that are not zero.
std::optional<std::string> from_base64url(std::string_view text);
/// RFC 4648 base64 with padding.
std::string to_base64(std::string_view bytes);

}  // namespace parley

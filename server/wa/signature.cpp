#include "wa/signature.hpp"

#include "base/crypto.hpp"

namespace parley::wa {
namespace {

constexpr std::string_view kPrefix = "sha256=";

}  // namespace

bool signature_matches(std::string_view header, std::string_view body, std::span<const std::string> app_secrets) {
    if (!header.starts_with(kPrefix)) return false;
    auto digits = header.substr(kPrefix.size());
    if (digits.size() != 2 * Sha256{}.size()) return false;
    auto claimed = from_hex(digits);
    if (!claimed) return false;

    bool matches = false;
    for (const auto& secret : app_secrets) {
        // Anybody can sign with an empty key, so an empty setting is no secret.
        if (secret.empty()) continue;
        auto expected = hmac_sha256(secret, body);
        matches |= equal_constant_time(*claimed, as_text(expected));
    }
    return matches;
}

std::string sign(std::string_view body, std::string_view app_secret) {
    auto hash = hmac_sha256(app_secret, body);
    return std::string(kPrefix) + to_hex(as_text(hash));
}

}  // namespace parley::wa

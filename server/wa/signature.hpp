// X-Hub-Signature-256: proof that a delivery comes from Meta (reference, section 3.1).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace parley::wa {

/// True when `header` is "sha256=" + 64 hexadecimal digits and is the HMAC-SHA256 of the raw `body` under one of
/// `app_secrets` (two during a rotation). Compares in constant time; false when there are no secrets.
bool signature_matches(std::string_view header, std::string_view body, std::span<const std::string> app_secrets);

/// The header value for a body; used by tests and load generators.
std::string sign(std::string_view body, std::string_view app_secret);

}  // namespace parley::wa

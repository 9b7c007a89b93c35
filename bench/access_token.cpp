#include "bench/access_token.hpp"

#include <chrono>

#include "base/crypto.hpp"
#include "bench/json_line.hpp"

namespace parley::bench {

std::string access_token(std::string_view secret, std::string_view user_id) {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
    JsonLine claims;
    claims.add("sub", user_id).add("aud", "authenticated").add("role", "authenticated");
    claims.add("iat", now.count()).add("exp", (now + std::chrono::hours(24)).count());
    const std::string signed_part = to_base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + to_base64url(claims.text());
    const Sha256 signature = hmac_sha256(secret, signed_part);
    return signed_part + "." + to_base64url(as_text(signature));
}

}  // namespace parley::bench

// Access tokens and key sets are the first things that strangers send. Reading them never crashes; bytes that nobody
// signed are never accepted; signed nonsense is accepted only as what it says.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwks.hpp"
#include "auth/jwt.hpp"
#include "base/crypto.hpp"

namespace {

using namespace parley;

constexpr std::string_view kSecret = "a secret of more than 32 bytes, for fuzzing alone";
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
const TimePoint kNow = from_unix_seconds(1'790'000'000);

// The public key of RFC 7515, appendix A.3.
constexpr std::string_view kKeySet = R"({"keys":[{"kty":"EC","crv":"P-256","kid":"a","alg":"ES256","use":"sig",
"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";

void expect(bool holds) {
    if (!holds) std::abort();
}

std::string signed_by_us(std::string_view header, std::string_view payload) {
    auto text = to_base64url(header) + '.' + to_base64url(payload);
    auto hash = hmac_sha256(kSecret, text);
    return text + '.' + to_base64url(as_text(hash));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto key_set = auth::parse_jwks(kKeySet).value();
    static const auth::JwtKeys keys{auth::Hs256Secret{std::string(kSecret)}, key_set};
    expect(key_set.size() == 1);

    std::string_view input(reinterpret_cast<const char*>(data), size);
    expect(!auth::verify_jwt(input, keys, {}, kNow));

    auto signature = to_base64url(input.substr(0, 64));
    auto forged = to_base64url(R"({"alg":"ES256","kid":"a"})") + ".e30." + signature;
    expect(!auth::verify_jwt(forged, keys, {}, kNow));
    expect(!auth::verify_jwt(signed_by_us(input, "{}"), keys, {}, kNow));

    if (auto claims = auth::verify_jwt(signed_by_us(kHeader, input), keys, {}, kNow)) {
        expect(is_uuid(claims->user_id));
        expect(claims->session_id.empty() || is_uuid(claims->session_id));
        expect(claims->expires_at > kNow - std::chrono::minutes{1});
        expect(claims->expires_at <= kNow + std::chrono::hours{24} + std::chrono::minutes{1});
        expect(input.find("authenticated") != std::string_view::npos || input.find("\\u") != std::string_view::npos);
    }

    if (auto parsed = auth::parse_jwks(input)) {
        for (const auto& key : *parsed) expect(!key.kid.empty() && key.key);
    }
    return 0;
}

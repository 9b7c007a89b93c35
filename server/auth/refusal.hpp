// Why the built-in sign-in refuses something, in the words that Supabase's clients know.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

namespace parley::auth {

struct Refusal {
    unsigned status;        ///< of HTTP
    std::string_view code;  ///< a stable word, e.g. "invalid_credentials"
    std::string message;    ///< one sentence for people
    std::chrono::seconds retry_after{0};
    std::string_view weakness{};  ///< of a weak_password: "length" or "pwned"
};

template <class T>
using Granted = std::expected<T, Refusal>;

inline std::unexpected<Refusal> refuse(unsigned status, std::string_view code, std::string message) {
    return std::unexpected(Refusal{.status = status, .code = code, .message = std::move(message)});
}

inline std::unexpected<Refusal> refuse_for_now(std::chrono::seconds retry_after) {
    return std::unexpected(Refusal{.status = 429,
                                   .code = "over_request_rate_limit",
                                   .message = "Too many attempts. Try again later.",
                                   .retry_after = retry_after});
}

}  // namespace parley::auth

// The request gate: decides from the header section alone whether a request is let in. Stricter than HTTP allows,
// because what a proxy and a server read differently is how requests are smuggled (RFC 9112, section 11.2).
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace parley::http {

inline constexpr std::size_t kMaxHeaderBytes = 16 * 1024;
inline constexpr std::size_t kMaxHeaderFields = 64;

/// A header section that passed. `content_length` is 0 when there is no body.
struct GatedHead {
    Request request;  ///< without body, request_id and remote_address
    std::size_t content_length = 0;
    bool keep_alive = true;
    bool expects_continue = false;
};

/// Why a request is refused; the connection closes after the answer.
struct Refusal {
    unsigned status;  ///< 400, 405, 411, 413, 414, 415, 417, 431, 501 or 505
    std::string_view code;
    std::string_view detail;
};

/// Judges one complete header section: request line, fields and the empty line, CRLF line ends.
std::expected<GatedHead, Refusal> judge_head(std::string_view head);

}  // namespace parley::http

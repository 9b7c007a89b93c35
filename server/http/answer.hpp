// The head of an answer as it goes over the wire: what the handler said, framed and with the headers every answer has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace parley::http {

/// What an answer's head says beyond the Response itself.
struct AnswerContext {
    std::string_view request_id;
    std::string_view cors_origin;  ///< the allowed Origin to name; empty: none
    bool vary_origin = false;      ///< answers differ by Origin
    bool close = false;
    std::string_view date;  ///< IMF-fixdate
};

/// Appends the status line and the fields, the empty line included. Fields of the Response that would break the framing
/// (line breaks or control characters, names that are no token, Content-Length and its kin) are left out and logged.
void append_head(std::string& out, const Response& response, const AnswerContext& context);

/// False for the statuses whose answers never have a body.
bool may_have_body(unsigned status);

/// The answer to a CORS preflight; the listener adds the origin.
Response preflight_response();
/// 204 or 405 with an Allow field.
void add_allow(Response& response, const std::vector<Method>& allowed);

/// "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(std::int64_t unix_seconds);

}  // namespace parley::http

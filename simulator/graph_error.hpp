// Errors in the shape of the Graph API:
// {"error":{"message","type","code","error_data":{"messaging_product","details"},"error_subcode","fbtrace_id",...}}
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "http/message.hpp"

namespace parley::simulator {

struct GraphError {
    unsigned status = 400;
    int code = 100;
    std::string message;
    std::string type = "OAuthException";
    std::string details = {};  ///< error_data.details; empty: no error_data
    int subcode = 0;           ///< 0: none
    std::optional<bool> is_transient = {};
    std::string user_title = {};
    std::string user_message = {};
    unsigned retry_after_s = 0;  ///< 0: no Retry-After header
};

template <class T>
using Checked = std::expected<T, GraphError>;

/// (#100) The parameter <name> is required.
GraphError missing_parameter(std::string_view name);
/// (#100) <text>
GraphError bad_parameter(std::string_view text);
/// (#100) Invalid parameter, with details.
GraphError invalid_parameter(std::string_view details);
/// (#131008) Required parameter is missing, with details.
GraphError required_missing(std::string_view details);
/// (#131009) Parameter value is not valid, with details.
GraphError value_not_valid(std::string_view details);
/// 100 subcode 33: the object does not exist or is not yours. `verb` is "get", "post" or "delete".
GraphError unknown_object(std::string_view verb, std::string_view id);
GraphError token_invalid();
GraphError pair_rate_limit();
GraphError throughput_reached();
GraphError outside_window();
GraphError app_call_limit();
GraphError internal_error();

/// What GraphError looks like in the errors[] of a status webhook: {code,title,message,error_data,href}.
json::object webhook_error(int code, std::string_view title, std::string_view details);
json::object webhook_error_131047();

json::object to_json(const GraphError& error);

/// An answer of the Graph API with its usual headers. The version answered is the one asked for, but never older than
/// the oldest one that still lives (the recordings show the same).
http::Response graph_answer(const http::Request& request, std::string_view waba_id, const json::value& body);
http::Response graph_answer(const http::Request& request, std::string_view waba_id, const GraphError& error);

}  // namespace parley::simulator

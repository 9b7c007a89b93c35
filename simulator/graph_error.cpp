#include "simulator/graph_error.hpp"

#include <charconv>

#include "simulator/meta_ids.hpp"
#include "simulator/meta_json.hpp"

namespace parley::simulator {
namespace {

constexpr int kOldestVersion = 22;
constexpr int kNewestVersion = 26;

std::string answered_version(const http::Request& request) {
    int major = kOldestVersion;
    std::string_view path = request.path;
    if (path.starts_with("/v")) {
        path.remove_prefix(2);
        int asked = 0;
        auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), asked);
        if (error == std::errc{} && asked > major && asked <= kNewestVersion) major = asked;
    }
    return "v" + std::to_string(major) + ".0";
}

bool is_management(const http::Request& request) {
    return request.path.find("/messages") == std::string::npos && request.path.find("/media") == std::string::npos;
}

http::Response answer(const http::Request& request, std::string_view waba_id, unsigned status,
                      const json::value& body) {
    http::Response response{
        .status = status, .content_type = "application/json; charset=UTF-8", .body = to_meta_json(body), .headers = {}};
    std::string usage = waba_id.empty() ? R"({"call_count":0,"total_cputime":0,"total_time":0})"
                                        : "{\"" + std::string(waba_id) + R"(":[{"type":")" +
                                              (is_management(request) ? "whatsapp_business_management" : "whatsapp") +
                                              R"(","call_count":1,"total_cputime":1,"total_time":1,)"
                                              R"("estimated_time_to_regain_access":0}]})";
    response.headers.push_back({waba_id.empty() ? "X-App-Usage" : "X-Business-Use-Case-Usage", usage});
    response.headers.push_back({"Facebook-Api-Version", answered_version(request)});
    response.headers.push_back({"X-Fb-Request-Id", new_fbtrace_id()});
    return response;
}

}  // namespace

GraphError missing_parameter(std::string_view name) {
    return {.message = "(#100) The parameter " + std::string(name) + " is required."};
}

GraphError bad_parameter(std::string_view text) {
    return {.message = "(#100) " + std::string(text)};
}

GraphError invalid_parameter(std::string_view details) {
    return {.message = "(#100) Invalid parameter", .details = std::string(details)};
}

GraphError required_missing(std::string_view details) {
    return {.code = 131008, .message = "(#131008) Required parameter is missing", .details = std::string(details)};
}

GraphError value_not_valid(std::string_view details) {
    return {.code = 131009, .message = "(#131009) Parameter value is not valid", .details = std::string(details)};
}

GraphError unknown_object(std::string_view verb, std::string_view id) {
    return {.code = 100,
            .message = "Unsupported " + std::string(verb) + " request. Object with ID '" + std::string(id) +
                       "' does not exist, cannot be loaded due to missing permissions, or does not support this "
                       "operation. Please read the Graph API documentation at "
                       "https://developers.facebook.com/docs/graph-api",
            .type = "GraphMethodException",
            .subcode = 33};
}

GraphError token_invalid() {
    return {.status = 401, .code = 190, .message = "Invalid OAuth access token - Cannot parse access token"};
}

GraphError pair_rate_limit() {
    return {.code = 131056,
            .message = "(#131056) (Business Account, Consumer Account) pair rate limit hit",
            .details =
                "Message failed to send because there were too many messages sent from this phone number to the "
                "same phone number in a short period of time."};
}

GraphError throughput_reached() {
    return {.status = 429,
            .code = 130429,
            .message = "(#130429) Rate limit hit",
            .details = "Cloud API message throughput has been reached.",
            .subcode = 2494055,
            .retry_after_s = 1};
}

GraphError outside_window() {
    return {.code = 131047,
            .message = "(#131047) Re-engagement message",
            .details =
                "Message failed to send because more than 24 hours have passed since the customer last replied "
                "to this number."};
}

GraphError app_call_limit() {
    return {.status = 429,
            .code = 4,
            .message = "(#4) Application request limit reached",
            .is_transient = true,
            .retry_after_s = 1};
}

GraphError internal_error() {
    return {.status = 500,
            .code = 2,
            .message = "An unexpected error occurred. Please retry your request",
            .type = "GraphMethodException",
            .is_transient = true};
}

json::object webhook_error(int code, std::string_view title, std::string_view details) {
    return {{"code", code},
            {"title", title},
            {"message", title},
            {"error_data", {{"details", details}}},
            {"href", "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"}};
}

json::object webhook_error_131047() {
    return webhook_error(131047, "Re-engagement message",
                         "Message failed to send because more than 24 hours have passed since the customer last "
                         "replied to this number.");
}

json::object to_json(const GraphError& error) {
    json::object inner{{"message", error.message}, {"type", error.type}, {"code", error.code}};
    if (!error.details.empty()) {
        inner["error_data"] = json::object{{"messaging_product", "whatsapp"}, {"details", error.details}};
    }
    if (error.subcode != 0) inner["error_subcode"] = error.subcode;
    if (error.is_transient) inner["is_transient"] = *error.is_transient;
    if (!error.user_title.empty()) inner["error_user_title"] = error.user_title;
    if (!error.user_message.empty()) inner["error_user_msg"] = error.user_message;
    inner["fbtrace_id"] = new_fbtrace_id();
    return {{"error", std::move(inner)}};
}

http::Response graph_answer(const http::Request& request, std::string_view waba_id, const json::value& body) {
    return answer(request, waba_id, 200, body);
}

http::Response graph_answer(const http::Request& request, std::string_view waba_id, const GraphError& error) {
    http::Response response = answer(request, waba_id, error.status, to_json(error));
    std::string_view kind = error.code == 190 ? "invalid_token" : "invalid_request";
    // A header holds one line of ASCII; the message may quote what the caller sent.
    std::string message;
    for (char c : error.message) {
        if (c >= 0x20 && c < 0x7f && c != '"') message += c;
    }
    response.headers.push_back(
        {"Www-Authenticate", "OAuth \"Facebook Platform\" \"" + std::string(kind) + "\" \"" + message + "\""});
    if (error.retry_after_s != 0) response.headers.push_back({"Retry-After", std::to_string(error.retry_after_s)});
    return response;
}

}  // namespace parley::simulator

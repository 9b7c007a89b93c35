#include "wa/graph.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.hpp"

namespace parley::wa {
namespace {

using std::chrono::seconds;

constexpr seconds kTimeout{20};
constexpr std::size_t kLargestAnswer = 256 * 1024;
constexpr std::size_t kLargestCallAnswer = 4 * 1024 * 1024;
constexpr seconds kLongestWait = std::chrono::hours{1};
constexpr std::int64_t kSpamLimit = 131048;

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Group ids are base64, phone numbers digits with at most some punctuation.
bool is_group_id(std::string_view to) {
    return !is_user_id(to) && std::ranges::any_of(to, is_letter);
}

void address(boost::json::object& body, std::string_view to) {
    body["recipient_type"] = is_group_id(to) ? "group" : "individual";
    if (is_user_id(to))
        body["recipient"] = to;
    else if (is_group_id(to) || to.starts_with('+'))
        body["to"] = to;
    else
        body["to"] = "+" + std::string(to);
}

/// Where a template's or an interactive message's header has its file: {"type":"image","image":{}} without the id.
json::object* header_file_of(json::object& content) {
    auto file_of = [](json::value& part) -> json::object* {
        auto type = json::text(part, "type");
        bool file = type == "image" || type == "video" || type == "document";
        return file ? part.as_object()[type].if_object() : nullptr;
    };
    if (auto* header = content.if_contains("header")) return file_of(*header);
    auto* components = content.if_contains("components");
    if (!components || !components->is_array()) return nullptr;
    for (auto& component : components->get_array()) {
        if (json::text(component, "type") != "header") continue;
        auto* parameters = component.as_object().if_contains("parameters");
        if (!parameters || !parameters->is_array()) continue;
        for (auto& parameter : parameters->get_array())
            if (auto* file = file_of(parameter)) return file;
    }
    return nullptr;
}

json::object text_of(const OutgoingMessage& message) {
    json::object content{{"body", message.text}};
    bool has_link = message.text.contains("https://") || message.text.contains("http://");
    if (has_link) content["preview_url"] = true;
    return content;
}

json::object linked_file_of(const OutgoingMessage& message) {
    json::object content{{"link", message.media_url}};
    if (message.kind != "audio" && !message.text.empty()) content["caption"] = message.text;
    return content;
}

json::value content_of(const OutgoingMessage& message) {
    if (message.kind == "text") return text_of(message);
    if (message.payload.empty()) return linked_file_of(message);
    auto payload = json::parse(message.payload);
    auto* part = payload ? json::find(*payload, message.kind == "template" ? "graph" : message.kind) : nullptr;
    json::value content = part ? *part : json::object{};
    if (message.media_id.empty() || !content.is_object()) return content;
    bool whole = message.kind != "template" && message.kind != "interactive";
    auto* file = whole ? &content.get_object() : header_file_of(content.get_object());
    if (file) (*file)["id"] = message.media_id;
    return content;
}

/// Whole seconds only: the other form of the header, a date, would need the peer's clock.
std::optional<seconds> read_retry_after(std::string_view header) {
    if (header.empty() || !std::ranges::all_of(header, is_digit)) return std::nullopt;
    std::int64_t count = 0;
    auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), count);
    if (error != std::errc{} || count > kLongestWait.count()) return kLongestWait;
    return seconds(count);
}

bool is_worth_repeating(Remedy remedy) {
    return remedy == Remedy::retry || remedy == Remedy::slow_number || remedy == Remedy::slow_pair;
}

const json::value* first_element(const json::value& answer, std::string_view name) {
    auto* list = json::find_array(answer, name);
    return list && !list->empty() ? &list->front() : nullptr;
}

SendOutcome read_acceptance(const http::ClientResponse& answer, const std::optional<json::value>& body) {
    auto* message = body ? first_element(*body, "messages") : nullptr;
    auto wamid = message ? json::text(*message, "id") : std::string();
    if (wamid.empty()) return OutcomeUnknown{"HTTP " + std::to_string(answer.status) + " without a message id"};
    auto* contact = first_element(*body, "contacts");
    return Accepted{std::move(wamid), contact ? json::text(*contact, "wa_id") : std::string()};
}

Refused with_wait(Refused refused, const http::ClientResponse& answer) {
    if (!is_worth_repeating(refused.remedy)) return refused;
    refused.retry_after = read_retry_after(answer.header("Retry-After"));
    // Trying again soon makes a spam limit worse.
    if (!refused.retry_after && refused.error.code == kSpamLimit) refused.retry_after = kLongestWait;
    return refused;
}

Refused read_refusal(const http::ClientResponse& answer, const json::value& error, std::int64_t code) {
    Refused refused;
    refused.http_status = answer.status;
    refused.error.code = code;
    refused.error.title = json::text(error, "message");
    if (auto* data = json::find(error, "error_data")) refused.error.details = json::text(*data, "details");
    if (refused.error.details.empty()) refused.error.details = json::text(error, "error_user_msg");
    if (refused.error.details.empty()) refused.error.details = refused.error.title;
    auto subcode = json::integer(error, "error_subcode").value_or(0);
    refused.remedy = remedy_for(code, subcode, answer.status, json::boolean(error, "is_transient"));
    return refused;
}

/// An answer that is not Meta's: something between us and Meta wrote it.
SendOutcome read_foreign_answer(const http::ClientResponse& answer) {
    auto title = "HTTP " + std::to_string(answer.status);
    // 503 says that nothing was done; the other server errors may come after Meta took the request.
    if (answer.status >= 500 && answer.status != 503) return OutcomeUnknown{title + " without a readable error"};
    Refused refused;
    refused.error.code = answer.status;
    refused.error.title = std::move(title);
    refused.http_status = answer.status;
    if (answer.status == 503) refused.remedy = Remedy::retry;
    if (answer.status == 429) refused.remedy = Remedy::slow_number;
    return with_wait(std::move(refused), answer);
}

/// The code of an error that Meta wrote. Proxies answer in JSON too; the type is what theirs lack, and taking a
/// gateway's failure for Meta's refusal would send a message twice.
std::optional<std::int64_t> code_of(const json::value& error, unsigned http_status) {
    if (http_status >= 500 && json::text(error, "type").empty()) return std::nullopt;
    return json::integer(error, "code");
}

}  // namespace

std::string message_body(const OutgoingMessage& message) {
    boost::json::object body;
    body["messaging_product"] = "whatsapp";
    address(body, message.to);
    if (!message.reply_to.empty()) body["context"] = {{"message_id", message.reply_to}};
    if (!message.callback_data.empty()) body["biz_opaque_callback_data"] = message.callback_data;
    body["type"] = message.kind;
    body[message.kind] = content_of(message);
    return boost::json::serialize(body);
}

Refused unreachable(std::string reason, Remedy remedy) {
    Refused refused;
    refused.error = {.code = 0, .title = "Could not reach the Graph API", .details = std::move(reason)};
    refused.remedy = remedy;
    return refused;
}

SendOutcome read_answer(const http::ClientResponse& answer) {
    // What Meta words is shown to agents, hence stored.
    auto body = json::parse_storable(answer.body);
    if (answer.status >= 200 && answer.status < 300) return read_acceptance(answer, body);
    auto* error = body ? json::find(*body, "error") : nullptr;
    auto code = error ? code_of(*error, answer.status) : std::nullopt;
    if (!code) return read_foreign_answer(answer);
    return with_wait(read_refusal(answer, *error, *code), answer);
}

std::expected<json::value, Refused> read_call_answer(const http::ClientResponse& answer) {
    auto body = json::parse_storable(answer.body);
    bool good = answer.status >= 200 && answer.status < 300;
    if (good && body) return std::move(*body);
    auto* error = body ? json::find(*body, "error") : nullptr;
    auto code = error ? code_of(*error, answer.status) : std::nullopt;
    if (code) return std::unexpected(with_wait(read_refusal(answer, *error, *code), answer));
    Refused refused;
    refused.http_status = answer.status;
    refused.error.code = answer.status;
    refused.error.title = "HTTP " + std::to_string(answer.status) + " without a readable answer";
    if (good || answer.status >= 500) refused.remedy = Remedy::retry;
    if (answer.status == 429) refused.remedy = Remedy::slow_number;
    return std::unexpected(with_wait(std::move(refused), answer));
}

GraphClient::GraphClient(http::Client& client, std::string base_url, std::string version)
    : client_(client), base_url_(std::move(base_url)), version_(std::move(version)) {
    while (base_url_.ends_with('/')) base_url_.pop_back();
    if (!http::parse_url(base_url_)) throw std::invalid_argument("not an http or https URL: " + base_url_);
}

awaitable<SendOutcome> GraphClient::send(OutgoingMessage message, std::string token) {
    bool plain_id = !message.phone_number_id.empty() &&
                    std::ranges::all_of(message.phone_number_id, [](char c) { return is_letter(c) || is_digit(c); });
    auto url = http::parse_url(base_url_ + "/" + version_ + "/" + message.phone_number_id + "/messages");
    if (!plain_id || !url) co_return unreachable("the number id is not one of Meta's", Remedy::give_up);

    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = std::move(*url);
    request.headers.push_back({"Authorization", "Bearer " + token});
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = message_body(message);
    request.max_body = kLargestAnswer;
    request.timeout = kTimeout;
    auto answer = co_await client_.send(std::move(request));
    if (answer) co_return read_answer(*answer);
    if (answer.error().request_written) co_return OutcomeUnknown{answer.error().reason};
    co_return unreachable(answer.error().reason, Remedy::retry);
}

awaitable<std::expected<json::value, Refused>> GraphClient::call(GraphCall call) {
    auto url = http::parse_url(base_url_ + "/" + version_ + call.path);
    if (!url) co_return std::unexpected(unreachable("the path is not one of Meta's", Remedy::give_up));
    http::ClientRequest request;
    request.method = call.method;
    request.url = std::move(*url);
    request.headers.push_back({"Authorization", "Bearer " + call.token});
    if (!call.body.empty()) request.headers.push_back({"Content-Type", "application/json"});
    request.body = std::move(call.body);
    request.max_body = kLargestCallAnswer;
    request.timeout = kTimeout;
    auto answer = co_await client_.send(std::move(request));
    if (!answer) co_return std::unexpected(unreachable(answer.error().reason, Remedy::retry));
    co_return read_call_answer(*answer);
}

}  // namespace parley::wa

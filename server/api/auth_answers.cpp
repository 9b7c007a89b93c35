#include "api/auth_answers.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "api/parameters.hpp"

namespace parley::api {
namespace {

using std::unexpected;

constexpr std::string_view kApiVersion = "2024-01-01";

auth::Refusal invalid(std::string message) {
    return {.status = 400, .code = "validation_failed", .message = std::move(message)};
}

}  // namespace

http::Response refused(const auth::Refusal& refusal) {
    boost::json::object body{
        {"code", refusal.code}, {"error_code", refusal.code}, {"message", refusal.message}, {"msg", refusal.message}};
    if (!refusal.weakness.empty())
        body["weak_password"] = {{"message", refusal.message}, {"reasons", boost::json::array{refusal.weakness}}};
    auto response = http::json_response(refusal.status, boost::json::serialize(body));
    response.headers = {{"X-Supabase-Api-Version", std::string(kApiVersion)},
                        {"x-sb-error-code", std::string(refusal.code)}};
    if (refusal.retry_after.count() > 0)
        response.headers.push_back({"Retry-After", std::to_string(refusal.retry_after.count())});
    if (refusal.status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer"});
    return response;
}

boost::json::object user_object(const store::User& user) {
    boost::json::object object{
        {"id", user.id}, {"aud", "authenticated"}, {"role", "authenticated"}, {"email", user.email}, {"phone", ""}};
    auto add_time = [&](const char* name, const std::optional<TimePoint>& time) {
        if (time) object[name] = to_rfc3339(*time);
    };
    add_time("email_confirmed_at", user.email_confirmed_at);
    add_time("confirmed_at", user.email_confirmed_at);
    add_time("last_sign_in_at", user.last_sign_in_at);
    add_time("banned_until", user.banned_until);
    boost::json::object app_metadata{{"provider", "email"}, {"providers", boost::json::array{"email"}}};
    for (auto& [name, value] : boost::json::parse(user.app_metadata).as_object()) app_metadata[name] = value;
    object["app_metadata"] = std::move(app_metadata);
    object["user_metadata"] = boost::json::parse(user.user_metadata);
    object["identities"] = boost::json::array();
    add_time("created_at", user.created_at);
    add_time("updated_at", user.updated_at);
    object["is_anonymous"] = false;
    return object;
}

http::Response user_answer(const store::User& user) {
    return http::json_response(200, boost::json::serialize(user_object(user)));
}

http::Response session_answer(const auth::OpenSession& session) {
    boost::json::object body{{"access_token", session.access_token},
                             {"token_type", "bearer"},
                             {"expires_in", session.expires_in.count()},
                             {"refresh_token", session.refresh_token},
                             {"user", user_object(session.user)}};
    return http::json_response(200, boost::json::serialize(body));
}

auth::Granted<json::value> auth_body(const http::Request& request) {
    auto body = json_body(request);
    if (!body) return auth::refuse(400, "bad_json", body.error().detail);
    return std::move(*body);
}

auth::Granted<std::optional<std::string>> auth_text(const json::value& body, std::string_view name) {
    const auto* member = json::find(body, name);
    if (!member || member->is_null()) return std::nullopt;
    if (!member->is_string()) return unexpected(invalid(std::string(name) + " must be a string."));
    return std::string(member->get_string());
}

auth::Granted<store::MetadataChange> metadata_member(const json::value& body, std::string_view name) {
    store::MetadataChange change;
    const auto* member = json::find(body, name);
    if (!member || member->is_null()) return change;
    // What PostgreSQL cannot keep in jsonb, NUL above all, is replaced.
    auto storable = json::parse_storable(boost::json::serialize(*member));
    if (!storable || !storable->is_object()) return unexpected(invalid(std::string(name) + " must be an object."));
    boost::json::object set;
    for (auto& [key, value] : storable->get_object()) {
        if (value.is_null())
            change.remove.emplace_back(key);
        else
            set[key] = std::move(value);
    }
    change.set = boost::json::serialize(set);
    return change;
}

std::string_view bearer_of(const http::Request& request) {
    if (request.count_headers("authorization") != 1) return {};
    return auth::bearer_token(request.header("authorization"));
}

awaitable<auth::Granted<auth::Claims>> bearer_claims(auth::TokenVerifier& verifier, const http::Request& request) {
    if (bearer_of(request).empty())
        co_return auth::refuse(401, "no_authorization", "This endpoint requires a valid Bearer token");
    auto claims = co_await verifier.verify_without_session(request.header("authorization"));
    if (!claims) co_return auth::refuse(403, "bad_jwt", "Invalid token: it is malformed, expired or not ours");
    co_return std::move(*claims);
}

}  // namespace parley::api

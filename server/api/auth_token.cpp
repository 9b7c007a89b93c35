// /auth/v1/token and what a client may ask without a token of its own
#include "api/auth_answers.hpp"
#include "api/routes.hpp"

#include <boost/json/serialize.hpp>

namespace parley::api {
namespace {

using auth::refuse;

/// The members of a grant; an absent one cannot be right.
auth::Granted<std::string> required_text(const json::value& body, std::string_view name) {
    auto text = auth_text(body, name);
    if (!text) return std::unexpected(text.error());
    if (!*text || (*text)->empty()) return refuse(400, "validation_failed", std::string(name) + " is required.");
    return std::move(**text);
}

awaitable<auth::Granted<auth::OpenSession>> grant(auth::SignIn& sign_in, const http::Request& request) {
    auto type = request.query_parameter("grant_type").value_or("");
    if (type != "password" && type != "refresh_token")
        co_return refuse(400, "invalid_credentials", "grant_type must be password or refresh_token");
    auto body = auth_body(request);
    if (!body) co_return std::unexpected(body.error());
    if (type == "refresh_token") {
        auto token = required_text(*body, "refresh_token");
        if (!token) co_return std::unexpected(token.error());
        co_return co_await sign_in.refresh(std::move(*token), request.remote_address);
    }
    auto email = required_text(*body, "email");
    if (!email) co_return std::unexpected(email.error());
    auto password = required_text(*body, "password");
    if (!password) co_return std::unexpected(password.error());
    co_return co_await sign_in.with_password(std::move(*email), std::move(*password), request.remote_address);
}

awaitable<http::Response> token(auth::SignIn& sign_in, http::Request& request) {
    auto session = co_await grant(sign_in, request);
    co_return session ? session_answer(*session) : refused(session.error());
}

awaitable<http::Response> answer(http::Response response) {
    co_return response;
}

http::Response settings() {
    boost::json::object body{{"external", {{"email", true}, {"phone", false}, {"anonymous_users", false}}},
                             {"disable_signup", true},
                             {"mailer_autoconfirm", true},
                             {"phone_autoconfirm", false},
                             {"sms_provider", ""},
                             {"mfa_enabled", false},
                             {"saml_enabled", false}};
    return http::json_response(200, boost::json::serialize(body));
}

http::Response health(std::string_view version) {
    boost::json::object body{
        {"name", "Parley"}, {"version", version}, {"description", "Sign-in of Parley, compatible with Supabase Auth"}};
    return http::json_response(200, boost::json::serialize(body));
}

http::Response keys(const auth::AuthKeys& keys) {
    auto response = http::json_response(200, keys.jwks());
    response.headers.push_back({"Cache-Control", "public, max-age=600"});
    return response;
}

}  // namespace

void add_auth_token_routes(http::Router& router, auth::SignIn& sign_in, const std::string& version) {
    using http::Method;
    auto fixed = [&](Method method, const char* path, http::Response response) {
        router.add(
            method, path, [response = std::move(response)](http::Request&) { return answer(response); },
            kAuthBodyLimit);
    };
    router.add(Method::post, "/auth/v1/token", guarded([&](http::Request& request) { return token(sign_in, request); }),
               kAuthBodyLimit);
    fixed(Method::get, "/auth/v1/.well-known/jwks.json", keys(sign_in.keys()));
    fixed(Method::get, "/auth/v1/settings", settings());
    fixed(Method::get, "/auth/v1/health", health(version));
    fixed(Method::post, "/auth/v1/signup",
          refused({.status = 422, .code = "signup_disabled", .message = "Signups not allowed for this instance"}));
    fixed(Method::post, "/auth/v1/recover",
          refused({.status = 422,
                   .code = "feature_disabled",
                   .message = "Password recovery is not available: ask an administrator for a new password"}));
}

}  // namespace parley::api

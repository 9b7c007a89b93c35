// /auth/v1/user and /auth/v1/logout: what signed-in users do with themselves
#include "api/auth_answers.hpp"
#include "api/routes.hpp"

namespace parley::api {
namespace {

using auth::refuse;

awaitable<http::Response> show(auth::SignIn& sign_in, auth::TokenVerifier& verifier, http::Request& request) {
    auto claims = co_await bearer_claims(verifier, request);
    if (!claims) co_return refused(claims.error());
    auto user = co_await sign_in.user_of(std::move(*claims));
    co_return user ? user_answer(*user) : refused(user.error());
}

auth::Granted<auth::OwnChange> read_change(const http::Request& request) {
    auto body = auth_body(request);
    if (!body) return std::unexpected(body.error());
    auth::OwnChange change;
    auto password = auth_text(*body, "password");
    if (!password) return std::unexpected(password.error());
    // An empty one means "as it is" to Supabase.
    if (*password && !(*password)->empty()) change.password = std::move(**password);
    auto current = auth_text(*body, "current_password");
    if (!current) return std::unexpected(current.error());
    change.current_password = std::move(*current);
    for (auto name : {"email", "phone"}) {
        auto text = auth_text(*body, name);
        if (!text) return std::unexpected(text.error());
        if (*text && !(*text)->empty())
            return refuse(422, "feature_disabled", std::string(name) + " can only be changed by an administrator.");
    }
    auto metadata = metadata_member(*body, "data");
    if (!metadata) return std::unexpected(metadata.error());
    change.metadata = std::move(*metadata);
    return change;
}

awaitable<http::Response> change(auth::SignIn& sign_in, auth::TokenVerifier& verifier, http::Request& request) {
    auto claims = co_await bearer_claims(verifier, request);
    if (!claims) co_return refused(claims.error());
    auto wanted = read_change(request);
    if (!wanted) co_return refused(wanted.error());
    auto user = co_await sign_in.change(std::move(*claims), std::move(*wanted), request.remote_address);
    co_return user ? user_answer(*user) : refused(user.error());
}

auth::Granted<auth::SignOutScope> read_scope(const http::Request& request) {
    auto scope = request.query_parameter("scope").value_or("global");
    if (scope == "global") return auth::SignOutScope::global;
    if (scope == "local") return auth::SignOutScope::local;
    if (scope == "others") return auth::SignOutScope::others;
    return refuse(400, "validation_failed", "scope must be global, local or others.");
}

awaitable<http::Response> sign_out(auth::SignIn& sign_in, auth::TokenVerifier& verifier, http::Request& request) {
    auto claims = co_await bearer_claims(verifier, request);
    if (!claims) co_return refused(claims.error());
    auto scope = read_scope(request);
    if (!scope) co_return refused(scope.error());
    auto done = co_await sign_in.sign_out(std::move(*claims), *scope);
    if (!done) co_return refused(done.error());
    co_return http::Response{.status = 204, .content_type = {}, .body = {}, .headers = {}};
}

}  // namespace

void add_auth_user_routes(http::Router& router, auth::SignIn& sign_in, auth::TokenVerifier& verifier) {
    using http::Method;
    using http::Request;
    router.add(Method::get, "/auth/v1/user",
               guarded([&](Request& request) { return show(sign_in, verifier, request); }));
    router.add(Method::put, "/auth/v1/user",
               guarded([&](Request& request) { return change(sign_in, verifier, request); }), kAuthBodyLimit);
    router.add(Method::post, "/auth/v1/logout",
               guarded([&](Request& request) { return sign_out(sign_in, verifier, request); }), kAuthBodyLimit);
}

}  // namespace parley::api

#include "api/guard.hpp"

#include <charconv>

#include "base/log.hpp"

namespace parley::api {
namespace {

awaitable<http::Response> run_guarded(const http::Handler& handler, http::Request& request) {
    try {
        co_return co_await handler(request);
    } catch (const store::DbError& error) {
        // A mistake in a statement is not the weather: it stays an internal error.
        if (error.kind() == store::DbErrorKind::bug || error.kind() == store::DbErrorKind::data) throw;
        log::warn("request_without_database", {{"request_id", request.request_id}, {"reason", error.what()}});
        throw http::ServiceUnavailable("the database is away");
    }
}

/// What the header X-Account-Id names; nullopt without it.
Result<std::optional<AccountId>> chosen_account(const http::Request& request) {
    auto headers = request.count_headers("x-account-id");
    if (headers == 0) return std::nullopt;
    auto text = request.header("x-account-id");
    AccountId account;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), account.value);
    if (headers > 1 || error != std::errc{} || end != text.data() + text.size() || account.value < 1)
        return failure(Errc::invalid_argument, "X-Account-Id must be one positive integer.", "X-Account-Id");
    return account;
}

/// "admin or owner"
std::string roles_from(Role least) {
    std::string names(name_of(least));
    if (least == Role::admin) names += " or " + std::string(name_of(Role::owner));
    return names;
}

}  // namespace

unsigned status_of(Errc code) {
    switch (code) {
        case Errc::invalid_argument:
        case Errc::malformed_json:
        case Errc::recipient_mismatch:
            return 400;
        case Errc::unauthenticated:
        case Errc::signature_invalid:
            return 401;
        case Errc::forbidden:
            return 403;
        case Errc::not_found:
            return 404;
        case Errc::window_closed:
        case Errc::idempotency_conflict:
        case Errc::newer_messages:
        case Errc::wrong_state:
            return 409;
        case Errc::too_large:
            return 413;
        case Errc::unsupported_type:
            return 415;
        case Errc::send_failed:
            return 502;
        case Errc::webhooks_disabled:
        case Errc::unavailable:
            return 503;
    }
    return 500;
}

http::Response problem_of(const http::Request& request, const Error& error, std::string_view extra_members) {
    std::string extra(extra_members);
    if (error.since) extra = "\"window_closed_at\":\"" + to_rfc3339(*error.since) + "\"";
    auto response =
        http::problem(request, status_of(error.code), code_name(error.code), error.detail, error.member, extra);
    if (error.code == Errc::unauthenticated)
        response.headers.push_back({"WWW-Authenticate", "Bearer error=\"invalid_token\""});
    if (error.code == Errc::unavailable) response.headers.push_back({"Retry-After", "1"});
    return response;
}

http::Handler guarded(http::Handler handler) {
    return [handler = std::move(handler)](http::Request& request) { return run_guarded(handler, request); };
}

http::Handler Guard::require_role(Role least, AccountHandler handler) {
    return guarded([this, least, handler = std::move(handler)](http::Request& request) {
        return run(*this, least, handler, request);
    });
}

awaitable<http::Response> Guard::run(Guard& guard, Role least, const AccountHandler& handler, http::Request& request) {
    auto principal = co_await guard.identify(request);
    if (!principal) co_return problem_of(request, principal.error());
    if (read_role(principal->role).value_or(Role::agent) < least) {
        Error error{Errc::forbidden,
                    "This needs the role " + roles_from(least) + "; yours is " + principal->role + "."};
        co_return problem_of(request, error);
    }
    co_return co_await handler(request, std::move(*principal));
}

awaitable<Result<Principal>> Guard::identify(const http::Request& request) {
    // Two Authorization headers are two opinions about who is calling.
    auto header = request.count_headers("authorization") == 1 ? request.header("authorization") : std::string_view{};
    auto claims = co_await verifier_.verify(header);
    if (!claims) co_return std::unexpected(claims.error());
    auto account = chosen_account(request);
    if (!account) co_return std::unexpected(account.error());
    auto membership = co_await store::find_membership(pool_, claims->user_id, *account);
    if (!membership)
        co_return failure(Errc::forbidden, *account
                                               ? "This user is not a member of the account that X-Account-Id names."
                                               : "This user is not a member of any account here.");
    co_return Principal{claims->user_id, membership->account, membership->role};
}

}  // namespace parley::api

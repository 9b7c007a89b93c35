// /api/live-chat/me, /accounts and /settings/account: the caller and the accounts that there are for them
#include <boost/json/serialize.hpp>

#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "store/members.hpp"

namespace parley::api {
namespace {

constexpr std::size_t kName = 100;

http::Response answer(unsigned status, const json::object& body) {
    return http::json_response(status, boost::json::serialize(body));
}

/// The name of an account.
Result<std::string> name_member(const json::value& body) {
    auto name = text_member(body, "name");
    if (!name) return name;
    bool blank = name->find_first_not_of(" \t\r\n") == std::string::npos;
    if (blank || !is_storable_text(*name) || count_code_points(*name) > kName)
        return failure(Errc::invalid_argument, "name must be text of 1 to 100 characters.", "name");
    return name;
}

awaitable<http::Response> show(store::Pool& pool, Principal principal) {
    auto found = co_await store::accounts_of_user(pool, principal.user_id);
    json::array accounts;
    for (const auto& account : found)
        accounts.push_back(json::object{{"id", account.id.value}, {"name", account.name}, {"role", account.role}});
    co_return answer(200, {{"user_id", principal.user_id},
                           {"accounts", std::move(accounts)},
                           {"account_id", principal.account.value},
                           {"role", principal.role}});
}

awaitable<http::Response> add(store::Pool& pool, http::Request& request, Principal principal) {
    auto body = json_body(request);
    if (!body) co_return problem_of(request, body.error());
    auto name = name_member(*body);
    if (!name) co_return problem_of(request, name.error());
    auto added = co_await store::add_account_of(pool, principal.user_id, *name);
    if (!added) co_return problem_of(request, added.error());
    json::object account{{"id", added->value}, {"name", *name}, {"role", "owner"}};
    co_return answer(201, {{"account", std::move(account)}});
}

awaitable<http::Response> rename(store::Pool& pool, http::Request& request, Principal principal) {
    auto body = json_body(request);
    if (!body) co_return problem_of(request, body.error());
    auto name = name_member(*body);
    if (!name) co_return problem_of(request, name.error());
    co_await store::rename_account(pool, principal.account, *name);
    json::object account{{"id", principal.account.value}, {"name", *name}, {"role", principal.role}};
    co_return answer(200, {{"account", std::move(account)}});
}

}  // namespace

void add_me_routes(http::Router& router, Guard& guard, store::Pool& pool) {
    router.add(http::Method::get, "/api/live-chat/me",
               guard.require_member(
                   [&pool](http::Request&, Principal principal) { return show(pool, std::move(principal)); }));
    router.add(http::Method::post, "/api/live-chat/accounts",
               guard.require_member([&pool](http::Request& request, Principal principal) {
                   return add(pool, request, std::move(principal));
               }));
    router.add(http::Method::patch, "/api/live-chat/settings/account",
               guard.require_role(Role::admin, [&pool](http::Request& request, Principal principal) {
                   return rename(pool, request, std::move(principal));
               }));
}

}  // namespace parley::api

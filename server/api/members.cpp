// /api/live-chat/settings/members: who works in the account, for admins and owners
#include <algorithm>
#include <boost/json/serialize.hpp>

#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "base/crypto.hpp"
#include "store/members.hpp"

namespace parley::api {
namespace {

using store::MemberAction;

/// Where people sign in; nullptr: elsewhere, then members are named by their user id alone.
using SignInPlace = auth::SignIn*;

json::object member_object(const store::MemberRecord& member) {
    auto or_null = [](const std::optional<std::string>& text) {
        return text && !text->empty() ? json::value(*text) : json::value(nullptr);
    };
    return {{"user_id", member.user_id},
            {"role", member.role},
            {"email", or_null(member.email)},
            {"name", or_null(member.name)},
            {"created_at", to_rfc3339(member.created_at)}};
}

http::Response answer(unsigned status, const json::object& body) {
    return http::json_response(status, boost::json::serialize(body));
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

Result<Role> role_member(const json::value& body) {
    auto name = text_member(body, "role");
    if (!name) return std::unexpected(name.error());
    auto role = read_role(*name);
    if (!role) return failure(Errc::invalid_argument, "role must be owner, admin or agent.", "role");
    return *role;
}

/// A person who is to become a member.
struct Newcomer {
    std::string user_id;
    std::string made_up_password;  ///< empty: none was made up
};

/// Somebody who signs in here, added if unknown.
awaitable<Result<Newcomer>> person_of_email(auth::SignIn& sign_in, std::string given, std::string password) {
    auto email = auth::normal_email(given);
    if (!email) co_return failure(Errc::invalid_argument, "email must be an e-mail address.", "email");
    auto known = co_await store::find_user_by_email(sign_in.pool(), *email);
    if (known && !password.empty())
        co_return failure(Errc::invalid_argument, "This person can sign in already: leave the password out.",
                          "password");
    if (known) co_return Newcomer{known->id, ""};
    Newcomer added;
    if (password.empty()) password = added.made_up_password = to_base64url(random_bytes(15));
    store::NewUser user{.id = random_uuid(), .email = *email, .password_hash = ""};
    auto outcome = co_await sign_in.add(std::move(user), std::move(password));
    if (!outcome && outcome.error().status == 429)
        co_return failure(Errc::unavailable, "Too many passwords are being set; try again.");
    if (!outcome) co_return failure(Errc::invalid_argument, outcome.error().message, "password");
    added.user_id = outcome->id;
    co_return added;
}

awaitable<Result<Newcomer>> person_of_id(store::Pool& pool, SignInPlace sign_in, std::string user_id) {
    if (!is_uuid(user_id)) co_return failure(Errc::invalid_argument, "user_id must be a UUID.", "user_id");
    user_id = lower(user_id);
    if (sign_in) {
        auto known = co_await store::find_user(pool, user_id);
        if (!known) co_return failure(Errc::invalid_argument, "There is no such user.", "user_id");
    }
    co_return Newcomer{std::move(user_id), ""};
}

awaitable<http::Response> list(store::Pool& pool, Principal principal) {
    auto records = co_await store::members_of(pool, principal.account);
    json::array members;
    for (const auto& record : records) members.push_back(member_object(record));
    co_return answer(200, {{"members", std::move(members)}});
}

awaitable<http::Response> add(store::Pool& pool, SignInPlace sign_in, http::Request& request, Principal principal) {
    auto body = json_body(request);
    if (!body) co_return problem_of(request, body.error());
    auto role = role_member(*body);
    if (!role) co_return problem_of(request, role.error());
    auto email = text_member(*body, "email");
    if (!email) co_return problem_of(request, email.error());
    auto password = text_member(*body, "password");
    if (!password) co_return problem_of(request, password.error());
    auto user_id = text_member(*body, "user_id");
    if (!user_id) co_return problem_of(request, user_id.error());
    if (email->empty() == user_id->empty())
        co_return problem_of(request, {Errc::invalid_argument, "Either email or user_id names the person.", "email"});
    if (!email->empty() && !sign_in)
        co_return problem_of(request, {Errc::invalid_argument,
                                       "People sign in at the Supabase project: name them with user_id.", "email"});
    // Before a user is made; the account's lock has the last word.
    RoleChange intended;
    intended.actor = read_role(principal.role).value_or(Role::agent);
    intended.to = *role;
    intended.other_owners = true;
    if (auto allowed = check_role_change(intended); !allowed) co_return problem_of(request, allowed.error());

    Result<Newcomer> person;
    if (email->empty())
        person = co_await person_of_id(pool, sign_in, std::move(*user_id));
    else
        person = co_await person_of_email(*sign_in, std::move(*email), std::move(*password));
    if (!person) co_return problem_of(request, person.error());
    auto added = co_await store::change_member(pool, principal.account, principal.user_id, person->user_id,
                                               MemberAction::add, *role);
    if (!added) co_return problem_of(request, added.error());
    json::object out{{"member", member_object(added->value())}, {"password", nullptr}};
    if (!person->made_up_password.empty()) out["password"] = person->made_up_password;
    co_return answer(201, out);
}

/// The member that the path names; empty for what is no UUID: nobody has it.
std::string named_user(const http::Request& request) {
    auto id = request.path_parameter("user_id");
    return is_uuid(id) ? lower(id) : std::string();
}

http::Response no_such_member(const http::Request& request) {
    return problem_of(request, {Errc::not_found, "There is no such member."});
}

awaitable<http::Response> change(store::Pool& pool, http::Request& request, Principal principal) {
    auto user = named_user(request);
    if (user.empty()) co_return no_such_member(request);
    auto body = json_body(request);
    if (!body) co_return problem_of(request, body.error());
    auto role = role_member(*body);
    if (!role) co_return problem_of(request, role.error());
    auto changed = co_await store::change_member(pool, principal.account, principal.user_id, std::move(user),
                                                 MemberAction::change, *role);
    if (!changed) co_return problem_of(request, changed.error());
    co_return answer(200, {{"member", member_object(changed->value())}});
}

awaitable<http::Response> remove(store::Pool& pool, http::Request& request, Principal principal) {
    auto user = named_user(request);
    if (user.empty()) co_return no_such_member(request);
    auto removed = co_await store::change_member(pool, principal.account, principal.user_id, std::move(user),
                                                 MemberAction::remove, Role::agent);
    if (!removed) co_return problem_of(request, removed.error());
    co_return answer(200, {{"result", "removed"}});
}

}  // namespace

void add_member_routes(http::Router& router, Guard& guard, store::Pool& pool, auth::SignIn* sign_in) {
    using http::Method;
    constexpr const char* kAll = "/api/live-chat/settings/members";
    constexpr const char* kOne = "/api/live-chat/settings/members/{user_id}";
    auto route = [&](Method method, const char* path, AccountHandler handler) {
        router.add(method, path, guard.require_role(Role::admin, std::move(handler)));
    };
    route(Method::get, kAll, [&pool](http::Request&, Principal caller) { return list(pool, std::move(caller)); });
    route(Method::post, kAll, [&pool, sign_in](http::Request& request, Principal caller) {
        return add(pool, sign_in, request, std::move(caller));
    });
    route(Method::patch, kOne,
          [&pool](http::Request& request, Principal caller) { return change(pool, request, std::move(caller)); });
    route(Method::del, kOne,
          [&pool](http::Request& request, Principal caller) { return remove(pool, request, std::move(caller)); });
}

}  // namespace parley::api

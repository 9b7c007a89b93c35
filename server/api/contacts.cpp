// /api/live-chat/contacts
#include "store/contacts.hpp"

#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "wire/json_writer.hpp"

namespace parley::api {
namespace {

constexpr std::int64_t kStandardPage = 50;
constexpr std::size_t kMaxName = 200;

awaitable<http::Response> answer(store::Pool& pool, http::Request& request, AccountId account, ContactId id) {
    auto contact = co_await store::find_contact(pool, account, id);
    if (!contact) co_return problem_of(request, contact.error());
    std::string body;
    wire::write(body, *contact);
    co_return http::json_response(200, std::move(body));
}

awaitable<http::Response> search(store::Pool& pool, http::Request& request, Principal principal) {
    auto text = text_parameter(request, "q", 200);
    if (!text) co_return problem_of(request, text.error());
    auto limit = limit_parameter(request, kStandardPage);
    if (!limit) co_return problem_of(request, limit.error());
    auto found = co_await store::search_contacts(pool, principal.account, std::move(*text), *limit);
    std::string body = "{\"contacts\":";
    wire::write_list(body, found);
    co_return http::json_response(200, body + "}");
}

awaitable<http::Response> show(store::Pool& pool, http::Request& request, Principal principal) {
    auto id = path_id(request, "id");
    if (!id) co_return problem_of(request, id.error());
    co_return co_await answer(pool, request, principal.account, {*id});
}

/// The new name: required, since nothing else can be changed.
Result<std::string> read_name(const http::Request& request) {
    auto body = json_body(request);
    if (!body) return std::unexpected(body.error());
    if (!json::find(*body, "name")) return failure(Errc::invalid_argument, "name is required.", "name");
    auto name = text_member(*body, "name");
    if (!name) return name;
    if (!is_storable_text(*name)) return failure(Errc::invalid_argument, "name must be valid UTF-8.", "name");
    if (count_code_points(*name) > kMaxName)
        return failure(Errc::invalid_argument, "name must have at most 200 characters.", "name");
    auto first = name->find_first_not_of(" \t\r\n");
    if (first == std::string::npos) return std::string();
    return name->substr(first, name->find_last_not_of(" \t\r\n") - first + 1);
}

awaitable<http::Response> rename(store::Pool& pool, http::Request& request, Principal principal) {
    auto id = path_id(request, "id");
    if (!id) co_return problem_of(request, id.error());
    auto name = read_name(request);
    if (!name) co_return problem_of(request, name.error());
    auto contact = co_await store::find_contact(pool, principal.account, {*id});
    if (!contact) co_return problem_of(request, contact.error());
    co_await store::rename_contact(pool, principal.account, contact->id, std::move(*name));
    co_return co_await answer(pool, request, principal.account, contact->id);
}

awaitable<http::Response> merge(store::Pool& pool, http::Request& request, Principal principal) {
    auto id = path_id(request, "id");
    if (!id) co_return problem_of(request, id.error());
    auto body = json_body(request);
    if (!body) co_return problem_of(request, body.error());
    auto other = integer_member(*body, "contact_id");
    if (!other) co_return problem_of(request, other.error());
    if (*other < 1)
        co_return problem_of(request, {Errc::invalid_argument, "contact_id must name a contact.", "contact_id"});
    auto merged =
        co_await store::merge_contacts(pool, principal.account, {*id}, {*other}, std::move(principal.user_id));
    if (!merged) co_return problem_of(request, merged.error());
    co_return co_await answer(pool, request, principal.account, {*id});
}

awaitable<http::Response> undo(store::Pool& pool, http::Request& request, Principal principal) {
    auto id = path_id(request, "id");
    if (!id) co_return problem_of(request, id.error());
    auto merge_id = path_id(request, "merge");
    if (!merge_id) co_return problem_of(request, merge_id.error());
    auto undone = co_await store::undo_merge(pool, principal.account, {*id}, {*merge_id}, std::move(principal.user_id));
    if (!undone) co_return problem_of(request, undone.error());
    co_return co_await answer(pool, request, principal.account, {*id});
}

awaitable<http::Response> set_blocked(store::Pool& pool, flow::Contacts& contacts, bool blocked, http::Request& request,
                                      Principal principal) {
    auto id = path_id(request, "id");
    if (!id) co_return problem_of(request, id.error());
    Result<void> done;
    if (blocked)
        done = co_await contacts.block(principal.account, {*id});
    else
        done = co_await contacts.unblock(principal.account, {*id});
    if (!done) co_return problem_of(request, done.error());
    co_return co_await answer(pool, request, principal.account, {*id});
}

}  // namespace

void add_contact_routes(http::Router& router, Guard& guard, store::Pool& pool, flow::Contacts& contacts) {
    using http::Method;
    using http::Request;
    const std::string base = "/api/live-chat/contacts";
    router.add(Method::get, base, guard.require_member([&](Request& request, Principal principal) {
        return search(pool, request, std::move(principal));
    }));
    router.add(Method::get, base + "/{id}", guard.require_member([&](Request& request, Principal principal) {
        return show(pool, request, std::move(principal));
    }));
    router.add(Method::patch, base + "/{id}", guard.require_member([&](Request& request, Principal principal) {
        return rename(pool, request, std::move(principal));
    }));
    router.add(Method::post, base + "/{id}/merge", guard.require_member([&](Request& request, Principal principal) {
        return merge(pool, request, std::move(principal));
    }));
    router.add(Method::post, base + "/{id}/merges/{merge}/undo",
               guard.require_member(
                   [&](Request& request, Principal principal) { return undo(pool, request, std::move(principal)); }));
    router.add(Method::post, base + "/{id}/block", guard.require_member([&](Request& request, Principal principal) {
        return set_blocked(pool, contacts, true, request, std::move(principal));
    }));
    router.add(Method::post, base + "/{id}/unblock", guard.require_member([&](Request& request, Principal principal) {
        return set_blocked(pool, contacts, false, request, std::move(principal));
    }));
}

}  // namespace parley::api

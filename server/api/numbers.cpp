// /api/live-chat/phone-numbers
#include "api/routes.hpp"
#include "wire/json_writer.hpp"

namespace parley::api {
namespace {

awaitable<http::Response> list(store::Pool& pool, Principal principal) {
    auto numbers = co_await store::numbers_of(pool, principal.account);
    std::string body = "{\"phone_numbers\":";
    wire::write_list(body, numbers);
    co_return http::json_response(200, body + "}");
}

}  // namespace

void add_number_routes(http::Router& router, Guard& guard, store::Pool& pool) {
    router.add(
        http::Method::get, "/api/live-chat/phone-numbers",
        guard.require_member([&](http::Request&, Principal principal) { return list(pool, std::move(principal)); }));
}

}  // namespace parley::api

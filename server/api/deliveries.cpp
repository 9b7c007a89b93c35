// /api/live-chat/deliveries: the journal of webhook deliveries. Bodies hold what customers wrote: they are shown, never
// logged.
#include <boost/json/serialize.hpp>

#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "flow/journal.hpp"

namespace parley::api {
namespace {

constexpr std::int64_t kUsualPage = 50;

json::object delivery_object(const store::JournaledDelivery& row) {
    json::object out{{"id", row.id.value},   {"received_at", to_rfc3339(row.received_at)},
                     {"state", row.state},   {"problem", nullptr},
                     {"fields", row.fields}, {"items", row.items},
                     {"bytes", row.bytes},   {"replayed_at", nullptr}};
    if (!row.problem.empty()) out["problem"] = row.problem;
    if (row.replayed_at) out["replayed_at"] = to_rfc3339(*row.replayed_at);
    return out;
}

http::Response answer(const json::object& body) {
    return http::json_response(200, boost::json::serialize(body));
}

Result<store::DeliveryFilter> read_filter(const http::Request& request) {
    store::DeliveryFilter filter;
    auto state = text_parameter(request, "state", 20);
    if (!state) return std::unexpected(state.error());
    if (!state->empty() && *state != "stored" && *state != "partial" && *state != "dead")
        return failure(Errc::invalid_argument, "state must be stored, partial or dead, or absent.", "state");
    filter.state = std::move(*state);
    auto before = integer_parameter(request, "before", {.least = 1});
    if (!before) return std::unexpected(before.error());
    if (*before) filter.before = DeliveryId{**before};
    auto limit = limit_parameter(request, kUsualPage);
    if (!limit) return std::unexpected(limit.error());
    filter.limit = *limit;
    return filter;
}

Error no_such_delivery() {
    return {Errc::not_found, "There is no such delivery."};
}

awaitable<http::Response> list(store::Pool& pool, http::Request& request, Principal principal) {
    auto filter = read_filter(request);
    if (!filter) co_return problem_of(request, filter.error());
    auto limit = static_cast<std::size_t>(filter->limit);
    ++filter->limit;
    auto rows = co_await store::deliveries_of(pool, principal.account, std::move(*filter));
    bool more = rows.size() > limit;
    if (more) rows.pop_back();
    json::array deliveries;
    for (const auto& row : rows) deliveries.push_back(delivery_object(row));
    co_return answer({{"deliveries", std::move(deliveries)}, {"has_more", more}});
}

awaitable<http::Response> show(store::Pool& pool, http::Request& request, Principal principal) {
    auto id = path_id(request, "id");
    if (!id) co_return problem_of(request, id.error());
    auto opened = co_await flow::open_delivery(pool, principal.account, DeliveryId{*id});
    if (!opened) co_return problem_of(request, no_such_delivery());
    if (opened->of_others)
        co_return problem_of(
            request,
            {Errc::forbidden, "This delivery also brought things of another account, so its body is not shown."});
    auto body = delivery_object(opened->delivery.row);
    body["body"] = storable_text(opened->delivery.body);
    co_return answer(body);
}

awaitable<http::Response> replay(store::Pool& pool, flow::MediaFetcher& fetcher, http::Request& request,
                                 Principal principal) {
    auto id = path_id(request, "id");
    if (!id) co_return problem_of(request, id.error());
    auto found = co_await store::find_delivery(pool, principal.account, DeliveryId{*id});
    if (!found) co_return problem_of(request, no_such_delivery());
    co_await flow::replay_delivery(pool, DeliveryId{*id});
    fetcher.wake();
    auto now = co_await store::find_delivery(pool, principal.account, DeliveryId{*id});
    if (!now) co_return problem_of(request, no_such_delivery());
    co_return answer(delivery_object(now->row));
}

}  // namespace

void add_delivery_routes(http::Router& router, Guard& guard, store::Pool& pool, flow::MediaFetcher& fetcher) {
    using http::Method;
    using http::Request;
    router.add(Method::get, "/api/live-chat/deliveries",
               guard.require_role(Role::admin, [&](Request& request, Principal principal) {
                   return list(pool, request, std::move(principal));
               }));
    router.add(Method::get, "/api/live-chat/deliveries/{id}",
               guard.require_role(Role::admin, [&](Request& request, Principal principal) {
                   return show(pool, request, std::move(principal));
               }));
    router.add(Method::post, "/api/live-chat/deliveries/{id}/replay",
               guard.require_role(Role::admin, [&](Request& request, Principal principal) {
                   return replay(pool, fetcher, request, std::move(principal));
               }));
}

}  // namespace parley::api

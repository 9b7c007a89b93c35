// /healthz, /readyz and /metrics
#include "api/routes.hpp"
#include "base/log.hpp"

namespace parley::api {
namespace {

awaitable<http::Response> alive(http::Request&) {
    co_return http::json_response(200, R"({"status":"ok"})");
}

awaitable<http::Response> ready(store::Pool& pool, const bool& stopping, http::Request& request) {
    if (stopping) co_return problem_of(request, {Errc::unavailable, "The server is stopping."});
    std::string reason;
    try {
        // The schema was brought up to date before the server began to listen: an answer means ready.
        co_await pool.query("ping");
    } catch (const store::DbError& error) {
        reason = error.what();
    }
    if (reason.empty()) co_return http::json_response(200, R"({"status":"ready"})");
    log::warn("not_ready", {{"reason", reason}});
    co_return problem_of(request, {Errc::unavailable, "The database is away."});
}

awaitable<void> count_rows(store::Pool& pool, Metrics& metrics) {
    store::Batch batch;
    batch.add("outbox_states").add("count_problem_deliveries");
    auto results = co_await pool.run(std::move(batch));
    for (const char* state : {"pending", "claimed", "sending", "unknown"})
        metrics.outbox.Add({{"state", state}}).Set(0);
    for (auto row : results[0])
        metrics.outbox.Add({{"state", row.get<std::string>("state")}})
            .Set(static_cast<double>(row.get<std::int64_t>("rows")));
    auto problems = results[1].front();
    for (const char* state : {"dead", "partial"})
        metrics.problem_deliveries.Add({{"state", state}}).Set(static_cast<double>(problems.get<std::int64_t>(state)));
}

awaitable<http::Response> show_metrics(store::Pool& pool, Metrics& metrics, const std::function<void()>& refresh,
                                       http::Request&) {
    refresh();
    try {
        co_await count_rows(pool, metrics);
    } catch (const store::DbError& error) {
        log::warn("metrics_without_database", {{"reason", error.what()}});
    }
    http::Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = metrics.serialise();
    co_return response;
}

}  // namespace

void add_operation_routes(http::Router& router, store::Pool& pool, Metrics& metrics, std::function<void()> refresh,
                          const bool& stopping) {
    using http::Method;
    using http::Request;
    router.add(Method::get, "/healthz", alive);
    router.add(Method::get, "/readyz", [&](Request& request) { return ready(pool, stopping, request); });
    router.add(Method::get, "/metrics", [&pool, &metrics, refresh = std::move(refresh)](Request& request) {
        return show_metrics(pool, metrics, refresh, request);
    });
}

}  // namespace parley::api

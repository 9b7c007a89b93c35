// /api/live-chat/templates
#include <optional>

#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "flow/templates.hpp"

namespace parley::api {
namespace {

using namespace std::chrono_literals;

/// Less than the server gives a handler; Meta may take longer.
constexpr auto kPatience = 20s;
constexpr std::size_t kLongestWord = 64;

json::value or_null(const std::optional<std::string>& text) {
    return text ? json::value(*text) : json::value();
}

json::value or_null(const std::optional<TimePoint>& time) {
    return time ? json::value(to_rfc3339(*time)) : json::value();
}

json::value to_json(const std::optional<store::SyncProblem>& problem) {
    if (!problem) return {};
    json::object out{{"code", problem->code}, {"meta_code", nullptr}, {"detail", problem->detail}};
    if (problem->meta_code) out["meta_code"] = *problem->meta_code;
    return out;
}

json::object to_json(const flow::ListedTemplate& listed) {
    const auto& stored = listed.stored;
    bool sendable = listed.not_sendable_reason.empty();
    return {{"id", stored.id},
            {"waba_id", stored.waba_id},
            {"name", stored.name},
            {"language", stored.language},
            {"category", stored.category},
            {"status", stored.status},
            {"parameter_format", stored.parameter_format},
            {"components", json::parse(stored.components).value_or(json::array())},
            {"quality", or_null(stored.quality)},
            {"rejected_reason", or_null(stored.rejected_reason)},
            {"sendable", sendable},
            {"not_sendable_reason", sendable ? json::value() : json::value(listed.not_sendable_reason)},
            {"synced_at", or_null(stored.synced_at)}};
}

/// The oldest reading, so that nothing shown is older; null while one list was never read.
json::value oldest(const std::vector<store::TemplateSyncState>& syncs) {
    std::optional<TimePoint> out;
    for (const auto& state : syncs) {
        if (!state.synced_at) return {};
        if (!out || *state.synced_at < *out) out = state.synced_at;
    }
    return or_null(out);
}

std::string in_upper_case(std::string word) {
    for (char& c : word)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return word;
}

Result<store::TemplateQuery> read_query(const http::Request& request) {
    store::TemplateQuery query;
    auto limit = limit_parameter(request, kMaxPage);
    if (!limit) return std::unexpected(limit.error());
    query.limit = *limit;
    auto offset = offset_parameter(request);
    if (!offset) return std::unexpected(offset.error());
    query.offset = *offset;
    auto search = text_parameter(request, "search", 200);
    if (!search) return std::unexpected(search.error());
    query.search = std::move(*search);
    auto number = text_parameter(request, "phone_number_id", kLongestWord);
    if (!number) return std::unexpected(number.error());
    query.phone_number_id = std::move(*number);
    auto language = text_parameter(request, "language", kLongestWord);
    if (!language) return std::unexpected(language.error());
    query.language = std::move(*language);
    auto category = text_parameter(request, "category", kLongestWord);
    if (!category) return std::unexpected(category.error());
    query.category = in_upper_case(std::move(*category));
    auto status = text_parameter(request, "status", kLongestWord);
    if (!status) return std::unexpected(status.error());
    query.status = in_upper_case(std::move(*status));
    return query;
}

awaitable<http::Response> list(store::Pool& pool, http::Request& request, Principal principal) {
    auto query = read_query(request);
    if (!query) co_return problem_of(request, query.error());
    auto number = query->phone_number_id;
    auto next_offset = query->offset + query->limit;
    auto limit = static_cast<std::size_t>(query->limit);
    auto templates = co_await flow::list_templates(pool, principal.account, std::move(*query));
    auto syncs = co_await store::template_syncs_of(pool, principal.account, std::move(number));
    json::array shown, states;
    for (const auto& one : templates) shown.push_back(to_json(one));
    for (const auto& state : syncs)
        states.push_back({{"waba_id", state.waba_id},
                          {"synced_at", or_null(state.synced_at)},
                          {"sync_problem", to_json(state.problem)}});
    json::object body{{"templates", std::move(shown)},
                      {"synced_at", oldest(syncs)},
                      {"syncs", std::move(states)},
                      {"next_offset", nullptr}};
    if (templates.size() == limit) body["next_offset"] = next_offset;
    co_return http::json_response(200, boost::json::serialize(body));
}

awaitable<http::Response> sync(flow::TemplateSync& templates, http::Request& request, Principal principal) {
    auto report = co_await templates.sync_now(principal.account, kPatience);
    if (!report) co_return problem_of(request, report.error());
    json::array problems;
    for (const auto& [waba_id, problem] : report->problems)
        problems.push_back({{"waba_id", waba_id}, {"sync_problem", to_json(std::optional(problem))}});
    json::object body{{"synced", report->synced}, {"problems", std::move(problems)}};
    co_return http::json_response(report->finished ? 200 : 202, boost::json::serialize(body));
}

}  // namespace

void add_template_routes(http::Router& router, Guard& guard, store::Pool& pool, flow::TemplateSync& templates) {
    using http::Method;
    using http::Request;
    router.add(Method::get, "/api/live-chat/templates",
               guard.require_member(
                   [&](Request& request, Principal principal) { return list(pool, request, std::move(principal)); }));
    router.add(Method::post, "/api/live-chat/templates/sync",
               guard.require_role(Role::admin, [&](Request& request, Principal principal) {
                   return sync(templates, request, std::move(principal));
               }));
}

}  // namespace parley::api

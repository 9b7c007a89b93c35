// /api/live-chat/connection: whether everything is in place that messages need to come and go
#include <boost/json/serialize.hpp>

#include "api/routes.hpp"

namespace parley::api {
namespace {

json::value or_null(std::string_view text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object check_object(const flow::Check& check) {
    const auto& finding = check.finding;
    json::value action(nullptr);
    if (!finding.subscribe.empty())
        action = json::object{{"kind", "subscribe"}, {"phone_number_id", finding.subscribe}};
    bool well = finding.state == flow::CheckState::ok;
    return {{"id", check.id},
            {"title", check.title},
            {"state", flow::name_of(finding.state)},
            {"detail", finding.detail},
            {"advice", well ? json::value(nullptr) : or_null(finding.advice)},
            {"action", std::move(action)}};
}

awaitable<http::Response> answer(flow::Doctor& doctor, Principal principal, bool anew) {
    auto report = co_await doctor.report(principal.account, anew);
    co_return http::json_response(200, boost::json::serialize(report_object(report)));
}

}  // namespace

json::object report_object(const flow::Report& report) {
    json::array checks;
    for (const auto& check : report.checks) checks.push_back(check_object(check));
    const auto* missing = report.missing();
    return {{"checks", std::move(checks)},
            {"missing", missing ? json::value(missing->id) : json::value(nullptr)},
            {"callback_url", or_null(report.callback_url)},
            {"checked_at", to_rfc3339(report.checked_at)}};
}

void add_connection_routes(http::Router& router, Guard& guard, flow::Doctor& doctor) {
    auto route = [&](http::Method method, const char* path, bool anew) {
        router.add(method, path, guard.require_role(Role::admin, [&doctor, anew](http::Request&, Principal principal) {
            return answer(doctor, std::move(principal), anew);
        }));
    };
    route(http::Method::get, "/api/live-chat/connection", false);
    route(http::Method::post, "/api/live-chat/connection/check", true);
}

}  // namespace parley::api

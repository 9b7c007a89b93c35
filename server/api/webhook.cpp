// GET and POST /webhook: the door that Meta knocks at (reference, sections 2 and 3).
#include <algorithm>

#include "api/routes.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"
#include "wa/signature.hpp"

namespace parley::api {
namespace {

constexpr std::size_t kBodyLimit = 4 * 1024 * 1024;
constexpr std::size_t kChallengeLimit = 64;

bool echoable(std::string_view challenge) {
    return !challenge.empty() && challenge.size() <= kChallengeLimit && std::ranges::all_of(challenge, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
    });
}

awaitable<http::Response> verify(const WebhookSettings& settings, http::Request& request) {
    auto token = request.query_parameter("hub.verify_token").value_or("");
    auto challenge = request.query_parameter("hub.challenge").value_or("");
    bool known = !settings.verify_token.empty() && equal_constant_time(token, settings.verify_token);
    if (request.query_parameter("hub.mode") != "subscribe" || !known || !echoable(challenge)) {
        log::warn("webhook_verification_refused", {{"request_id", request.request_id}, {"token_matches", known}});
        co_return problem_of(request, {Errc::forbidden, "The verification token does not match."});
    }
    log::info("webhook_verified", {{"request_id", request.request_id}});
    co_return http::text_response(200, std::move(challenge));
}

awaitable<http::Response> receive(flow::Intake& intake, Metrics& metrics, const WebhookSettings& settings,
                                  http::Request& request) {
    auto arrived = std::chrono::steady_clock::now();
    auto count = [&](const char* outcome) { metrics.webhooks.Add({{"outcome", outcome}}).Increment(); };
    if (settings.app_secrets.empty() && !settings.allow_unsigned) {
        count("disabled");
        co_return problem_of(request, {Errc::webhooks_disabled,
                                       "WA_APP_SECRET is not set, so no delivery can be trusted and none is taken."});
    }
    if (!settings.app_secrets.empty()) {
        bool once = request.count_headers("x-hub-signature-256") == 1;
        auto signature = request.header("x-hub-signature-256");
        if (!once || !wa::signature_matches(signature, request.body, settings.app_secrets)) {
            count("bad_signature");
            log::warn("webhook_signature_invalid", {{"request_id", request.request_id}, {"bytes", request.body.size()}});
            co_return problem_of(request, {Errc::signature_invalid, "X-Hub-Signature-256 does not match the body."});
        }
    }
    auto outcome = co_await intake.accept(std::move(request.body));
    auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - arrived).count();
    metrics.webhook_seconds.Observe(seconds);
    if (outcome != flow::IntakeOutcome::committed) {
        count("unavailable");
        co_return problem_of(request, {Errc::unavailable, "The delivery could not be stored now; deliver it again."});
    }
    count("committed");
    co_return http::text_response(200, "EVENT_RECEIVED");
}

}  // namespace

void add_webhook_routes(http::Router& router, flow::Intake& intake, Metrics& metrics, const WebhookSettings& settings) {
    router.add(http::Method::get, "/webhook", [&](http::Request& request) { return verify(settings, request); });
    router.add(
        http::Method::post, "/webhook",
        [&](http::Request& request) { return receive(intake, metrics, settings, request); }, kBodyLimit);
}

}  // namespace parley::api

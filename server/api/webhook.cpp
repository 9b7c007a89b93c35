// GET and POST /webhook: the door that Meta knocks at (reference, sections 2 and 3).
#include <algorithm>

#include "api/routes.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"

namespace parley::api {
namespace {

constexpr std::size_t kBodyLimit = 4 * 1024 * 1024;
constexpr std::size_t kChallengeLimit = 64;

bool echoable(std::string_view challenge) {
    return !challenge.empty() && challenge.size() <= kChallengeLimit && std::ranges::all_of(challenge, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
               c == '.';
    });
}

awaitable<http::Response> verify(const std::string& verify_token, const flow::StoredTrust& stored,
                                 flow::WebhookSightings& sightings, const Clock& clock, http::Request& request) {
    auto token = request.query_parameter("hub.verify_token").value_or("");
    auto challenge = request.query_parameter("hub.challenge").value_or("");
    bool known = (!verify_token.empty() && equal_constant_time(token, verify_token)) || stored.verifies(token);
    if (request.query_parameter("hub.mode") != "subscribe" || !known || !echoable(challenge)) {
        log::warn("webhook_verification_refused", {{"request_id", request.request_id}, {"token_matches", known}});
        co_return problem_of(request, {Errc::forbidden, "The verification token does not match."});
    }
    if (!challenge.starts_with(flow::kDoctorChallenge)) sightings.verified_at = clock.now();
    log::info("webhook_verified", {{"request_id", request.request_id}});
    co_return http::text_response(200, std::move(challenge));
}

const char* outcome_label(flow::IntakeOutcome outcome) {
    switch (outcome) {
        case flow::IntakeOutcome::committed:
            return "committed";
        case flow::IntakeOutcome::busy:
            return "unavailable";
        case flow::IntakeOutcome::bad_signature:
            return "bad_signature";
        case flow::IntakeOutcome::disabled:
            return "disabled";
    }
    return "";
}

awaitable<http::Response> receive(flow::Intake& intake, Metrics& metrics, flow::WebhookSightings& sightings,
                                  const Clock& clock, http::Request& request) {
    auto arrived = std::chrono::steady_clock::now();
    // Two signatures are no signature: one of them might be the sender's, the other an attacker's.
    bool once = request.count_headers("x-hub-signature-256") == 1;
    auto signature = once ? request.header("x-hub-signature-256") : std::string_view{};
    auto bytes = request.body.size();
    auto outcome = co_await intake.accept(std::move(request.body), signature);
    metrics.webhook_seconds.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - arrived).count());
    metrics.webhooks.Add({{"outcome", outcome_label(outcome)}}).Increment();
    switch (outcome) {
        case flow::IntakeOutcome::committed:
            break;
        case flow::IntakeOutcome::busy:
            co_return problem_of(request,
                                 {Errc::unavailable, "The delivery could not be stored now; deliver it again."});
        case flow::IntakeOutcome::bad_signature:
            sightings.refused_at = clock.now();
            ++sightings.refused;
            log::warn("webhook_signature_invalid", {{"request_id", request.request_id}, {"bytes", bytes}});
            co_return problem_of(request, {Errc::signature_invalid, "X-Hub-Signature-256 does not match the body."});
        case flow::IntakeOutcome::disabled:
            co_return problem_of(
                request, {Errc::webhooks_disabled,
                          "WA_APP_SECRET is not set and no number has an app secret, so no delivery can be trusted and "
                          "none is taken."});
    }
    co_return http::text_response(200, "EVENT_RECEIVED");
}

}  // namespace

void add_webhook_routes(http::Router& router, flow::Intake& intake, Metrics& metrics, const std::string& verify_token,
                        const flow::StoredTrust& stored, flow::WebhookSightings& sightings, const Clock& clock) {
    router.add(http::Method::get, "/webhook",
               [&](http::Request& request) { return verify(verify_token, stored, sightings, clock, request); });
    router.add(
        http::Method::post, "/webhook",
        [&](http::Request& request) { return receive(intake, metrics, sightings, clock, request); }, kBodyLimit);
}

}  // namespace parley::api

#include "flow/number_check.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "base/time.hpp"

namespace parley::flow {
namespace {

using Answer = std::expected<json::value, wa::Refused>;

constexpr std::int64_t kTokenInvalid = 190;
constexpr std::size_t kDetail = 500;
constexpr std::array<std::string_view, 2> kScopes{"whatsapp_business_messaging", "whatsapp_business_management"};

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_') {
            out += c;
        } else {
            out += '%';
            out += hex[byte >> 4];
            out += hex[byte & 15];
        }
    }
    return out;
}

/// Meta quotes malformed tokens in its errors.
std::string without(std::string text, const std::string& secret) {
    for (auto at = text.find(secret); !secret.empty() && at != std::string::npos; at = text.find(secret))
        text.replace(at, secret.size(), "[token]");
    return std::string(first_code_points(text, kDetail));
}

/// A run of questions about one number.
class Check {
  public:
    Check(wa::GraphClient& graph, NumberToCheck number) : graph_(graph), number_(std::move(number)) {}

    awaitable<NumberCheck> run();

  private:
    awaitable<Answer> get(std::string path);
    CheckStep refused(std::string step, const wa::Refused& refusal) const;
    CheckStep judge_token(const Answer& token, const Answer& number) const;
    CheckStep judge_scopes(const Answer& token, const Answer& waba) const;
    CheckStep judge_waba(const Answer& numbers) const;
    CheckStep judge_number(const Answer& number, NumberCheck& out) const;
    CheckStep judge_subscription(const Answer& apps, const Answer& token) const;

    wa::GraphClient& graph_;
    NumberToCheck number_;
    std::optional<wa::Refused> gone_;  // nobody answered: the rest would wait in vain
};

awaitable<Answer> Check::get(std::string path) {
    if (gone_) co_return std::unexpected(*gone_);
    wa::GraphCall call;
    call.path = std::move(path);
    call.token = number_.token;
    auto answer = co_await graph_.call(std::move(call));
    if (!answer && answer.error().http_status == 0) gone_ = answer.error();
    co_return answer;
}

CheckStep Check::refused(std::string step, const wa::Refused& refusal) const {
    const auto& error = refusal.error;
    auto detail = error.title;
    if (!error.details.empty() && error.details != error.title) detail += ": " + error.details;
    return {std::move(step), false, without(std::move(detail), number_.token), error.code};
}

bool is_token_answer(const Answer& answer) {
    return answer && json::find_object(*answer, "data") != nullptr;
}

const json::value& data_of(const Answer& answer) {
    return *json::find(*answer, "data");
}

CheckStep Check::judge_token(const Answer& token, const Answer& number) const {
    if (!is_token_answer(token)) {
        // Not every token may be looked at; what it can do shows whether it is good.
        const auto& judged = !token && token.error().error.code == kTokenInvalid ? token : number;
        bool bad = !judged && (judged.error().error.code == kTokenInvalid || judged.error().http_status == 0);
        if (bad) return refused("token", judged.error());
        return {"token", true, "Meta accepts the token.", 0};
    }
    const auto& data = data_of(token);
    if (!json::boolean(data, "is_valid")) {
        const auto* error = json::find(data, "error");
        auto why = error ? json::text(*error, "message") : std::string();
        return {"token", false, without(why.empty() ? "Meta says that the token is not valid." : why, number_.token),
                kTokenInvalid};
    }
    auto expires = json::integer(data, "expires_at").value_or(0);
    if (expires <= 0) return {"token", true, "The token is valid and does not expire.", 0};
    return {"token", true, "The token is valid until " + to_rfc3339(from_unix_seconds(expires)) + ".", 0};
}

CheckStep Check::judge_scopes(const Answer& token, const Answer& waba) const {
    if (!is_token_answer(token)) {
        if (!waba) return refused("scopes", waba.error());
        return {"scopes", true, "Meta does not tell the token's permissions; reading the account works.", 0};
    }
    std::string missing;
    const auto* scopes = json::find_array(data_of(token), "scopes");
    for (auto scope : kScopes) {
        auto is_it = [&](const json::value& one) { return one.is_string() && one.get_string() == scope; };
        if (!scopes || std::ranges::none_of(*scopes, is_it))
            missing += (missing.empty() ? "" : ", ") + std::string(scope);
    }
    if (missing.empty()) return {"scopes", true, "The token has the permissions that are needed.", 0};
    return {"scopes", false, "The token lacks " + missing + ".", 0};
}

CheckStep Check::judge_waba(const Answer& numbers) const {
    if (number_.waba_id.empty()) return {"waba", false, "No WhatsApp Business Account id is given.", 0};
    if (!numbers) return refused("waba", numbers.error());
    const auto* list = json::find_array(*numbers, "data");
    auto is_it = [&](const json::value& one) { return json::text(one, "id") == number_.phone_number_id; };
    if (list && std::ranges::any_of(*list, is_it)) return {"waba", true, "The account has the number.", 0};
    return {"waba", false, "The account can be read, but the number is not one of its numbers.", 0};
}

CheckStep Check::judge_number(const Answer& number, NumberCheck& out) const {
    if (!number) return refused("number", number.error());
    if (json::text(*number, "id") != number_.phone_number_id)
        return {"number", false, "Meta answers with something that is not this number.", 0};
    out.display_phone_number = std::string(first_code_points(json::text(*number, "display_phone_number"), 100));
    out.verified_name = std::string(first_code_points(json::text(*number, "verified_name"), 100));
    out.status = std::string(first_code_points(json::text(*number, "status"), 100));
    out.quality_rating = std::string(first_code_points(json::text(*number, "quality_rating"), 100));
    if (const auto* webhook = json::find(*number, "webhook_configuration"))
        for (const char* level : {"phone_number", "whatsapp_business_account", "application"})
            if (out.webhook_url.empty()) out.webhook_url = json::text(*webhook, level);
    auto detail = out.display_phone_number + " (" + out.verified_name + ")";
    if (!out.status.empty()) detail += ", status " + out.status;
    if (!out.quality_rating.empty()) detail += ", quality " + out.quality_rating;
    return {"number", true, std::string(first_code_points(detail, kDetail)), 0};
}

CheckStep Check::judge_subscription(const Answer& apps, const Answer& token) const {
    if (number_.waba_id.empty()) return {"subscribed_apps", false, "No WhatsApp Business Account id is given.", 0};
    if (!apps) return refused("subscribed_apps", apps.error());
    auto own = is_token_answer(token) ? json::text(data_of(token), "app_id") : std::string();
    const auto* list = json::find_array(*apps, "data");
    auto is_it = [&](const json::value& one) {
        const auto* app = json::find(one, "whatsapp_business_api_data");
        return app && (own.empty() || json::text(*app, "id") == own);
    };
    if (list && std::ranges::any_of(*list, is_it))
        return {"subscribed_apps", true, "The app is subscribed to the account: its webhooks come.", 0};
    return {"subscribed_apps", false, "The app is not subscribed to the account: no webhook comes until it is.", 0};
}

awaitable<NumberCheck> Check::run() {
    NumberCheck out;
    if (number_.token.empty()) {
        for (const char* step : {"token", "scopes", "waba", "number", "subscribed_apps"})
            out.steps.push_back({step, false, "There is no token to ask Meta with.", 0});
        co_return out;
    }
    // The only way that Meta offers; the URL goes to Meta alone, and no URL of ours is ever logged.
    auto token = co_await get("/debug_token?input_token=" + percent_encoded(number_.token));
    auto number = co_await get("/" + number_.phone_number_id +
                               "?fields=id,display_phone_number,verified_name,quality_rating,status,"
                               "webhook_configuration");
    Answer numbers = std::unexpected(wa::Refused{}), apps = std::unexpected(wa::Refused{});
    if (!number_.waba_id.empty()) {
        numbers = co_await get("/" + number_.waba_id + "/phone_numbers?fields=id&limit=100");
        apps = co_await get("/" + number_.waba_id + "/subscribed_apps");
    }
    out.answered = token || number || token.error().http_status != 0 || number.error().http_status != 0;
    if (is_token_answer(token))
        if (auto expires = json::integer(data_of(token), "expires_at").value_or(0); expires > 0)
            out.token_expires_at = from_unix_seconds(expires);
    out.steps.push_back(judge_token(token, number));
    out.steps.push_back(judge_scopes(token, numbers));
    out.steps.push_back(judge_waba(numbers));
    auto judged = judge_number(number, out);
    out.steps.push_back(std::move(judged));
    out.steps.push_back(judge_subscription(apps, token));
    co_return out;
}

}  // namespace

bool NumberCheck::number_ok() const {
    return std::ranges::any_of(steps, [](const CheckStep& step) { return step.step == "number" && step.ok; });
}

bool NumberCheck::all_ok() const {
    return std::ranges::all_of(steps, &CheckStep::ok);
}

awaitable<NumberCheck> check_number(wa::GraphClient& graph, NumberToCheck number) {
    Check check(graph, std::move(number));
    co_return co_await check.run();
}

awaitable<CheckStep> subscribe_app(wa::GraphClient& graph, NumberToCheck number) {
    if (number.waba_id.empty())
        co_return CheckStep{"subscribed_apps", false, "No WhatsApp Business Account id is given.", 0};
    if (number.token.empty()) co_return CheckStep{"subscribed_apps", false, "There is no token to ask Meta with.", 0};
    wa::GraphCall call;
    call.method = http::Method::post;
    call.path = "/" + number.waba_id + "/subscribed_apps";
    call.token = number.token;
    auto answer = co_await graph.call(std::move(call));
    if (answer)
        co_return CheckStep{"subscribed_apps", true, "The app is subscribed to the account: its webhooks come.", 0};
    const auto& error = answer.error().error;
    auto detail = error.title;
    if (!error.details.empty() && error.details != error.title) detail += ": " + error.details;
    co_return CheckStep{"subscribed_apps", false, without(std::move(detail), number.token), error.code};
}

}  // namespace parley::flow

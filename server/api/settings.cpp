// /api/live-chat/settings/numbers: business numbers with their secrets, for admins and owners
#include <algorithm>
#include <boost/json/serialize.hpp>

#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "flow/number_check.hpp"
#include "store/numbers.hpp"

namespace parley::api {
namespace {

using store::CredentialKind;

constexpr std::size_t kName = 100;
constexpr std::size_t kToken = 2048;
constexpr std::size_t kSecret = 512;
/// Meta's have 32; whoever guesses one can write messages in customers' names.
constexpr std::size_t kShortestSecret = 16;

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

bool is_visible(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// A string member as it is; absent and null are told from empty by `null_is`.
Result<std::optional<std::string>> given(const json::value& body, std::string_view name, bool null_clears) {
    const auto* member = json::find(body, name);
    if (!member || (member->is_null() && !null_clears)) return std::nullopt;
    auto text = text_member(body, name);
    if (!text) return std::unexpected(text.error());
    return std::move(*text);
}

Result<std::optional<std::string>> secret_member(const json::value& body, std::string_view name, std::size_t least,
                                                 std::size_t most) {
    auto secret = given(body, name, true);
    if (!secret || !*secret || (*secret)->empty()) return secret;
    if ((*secret)->size() < least || (*secret)->size() > most || !is_visible(**secret))
        return failure(Errc::invalid_argument,
                       std::string(name) + " must be " + std::to_string(least) + " to " + std::to_string(most) +
                           " visible ASCII characters without spaces.",
                       std::string(name));
    return secret;
}

Result<std::optional<std::string>> app_secret_member(const json::value& body) {
    auto secret = secret_member(body, "app_secret", kShortestSecret, kSecret);
    if (!secret || !*secret || (*secret)->empty()) return secret;
    for (std::string_view rest = **secret;;) {
        auto one = rest.substr(0, rest.find(','));
        if (one.size() < kShortestSecret)
            return failure(Errc::invalid_argument,
                           "app_secret must be an app secret, or two with a comma between them, of at least " +
                               std::to_string(kShortestSecret) + " characters each.",
                           "app_secret");
        if (one.size() == rest.size()) return secret;
        rest.remove_prefix(one.size() + 1);
    }
}

Result<store::CredentialChange> read_credentials(const json::value& body) {
    auto token = secret_member(body, "token", 1, kToken);
    if (!token) return std::unexpected(token.error());
    auto app_secret = app_secret_member(body);
    if (!app_secret) return std::unexpected(app_secret.error());
    auto verify_token = secret_member(body, "verify_token", 8, kSecret);
    if (!verify_token) return std::unexpected(verify_token.error());
    return store::CredentialChange{std::move(*token), std::move(*app_secret), std::move(*verify_token)};
}

Result<std::optional<std::string>> name_in(const json::value& body) {
    auto name = given(body, "name", true);
    if (!name || !*name) return name;
    if (!is_storable_text(**name) || count_code_points(**name) > kName)
        return failure(Errc::invalid_argument, "name must be text of at most 100 characters.", "name");
    return name;
}

Result<std::string> id_member(const json::value& body, std::string_view name) {
    auto id = text_member(body, name);
    if (id && !is_id(*id))
        return failure(Errc::invalid_argument, std::string(name) + " must be 1 to 64 letters and digits.",
                       std::string(name));
    return id;
}

Result<store::NumberChange> read_change(const json::value& body) {
    store::NumberChange change;
    auto name = name_in(body);
    if (!name) return std::unexpected(name.error());
    change.name = std::move(*name);
    if (const auto* waba = json::find(body, "waba_id"); waba && !waba->is_null()) {
        auto id = id_member(body, "waba_id");
        if (!id) return std::unexpected(id.error());
        change.waba_id = std::move(*id);
    }
    auto receipts = given(body, "read_receipts", false);
    if (!receipts) return std::unexpected(receipts.error());
    if (*receipts && **receipts != "on_open" && **receipts != "on_reply" && **receipts != "never")
        return failure(Errc::invalid_argument, "read_receipts must be on_open, on_reply or never.", "read_receipts");
    change.read_receipts = std::move(*receipts);
    if (const auto* typing = json::find(body, "send_typing"); typing && !typing->is_null()) {
        auto send = boolean_member(body, "send_typing");
        if (!send) return std::unexpected(send.error());
        change.send_typing = *send;
    }
    auto credentials = read_credentials(body);
    if (!credentials) return std::unexpected(credentials.error());
    change.credentials = std::move(*credentials);
    return change;
}

json::value time_or_null(const std::optional<TimePoint>& time) {
    return time ? json::value(to_rfc3339(*time)) : json::value(nullptr);
}

json::object number_object(const NumberSetup& setup, const store::NumberRecord& number) {
    json::value problem(nullptr);
    auto source = [&](CredentialKind kind, bool shared) {
        const auto* sealed = number.credential(kind);
        if (!sealed) return shared ? "shared" : "none";
        auto opened = store::open_credential(setup.seal, *sealed);
        if (opened) return "own";
        problem = opened.error();
        return "unreadable";
    };
    json::object out{{"phone_number_id", number.phone_number_id}};
    out["waba_id"] = number.waba_id.empty() ? json::value(nullptr) : json::value(number.waba_id);
    out["name"] = number.name;
    out["display_phone_number"] = number.display_phone_number;
    out["verified_name"] = number.verified_name;
    out["token"] = source(CredentialKind::token, !setup.tokens.shared().empty());
    out["app_secret"] = source(CredentialKind::app_secret, setup.shared_app_secret);
    out["verify_token"] = source(CredentialKind::verify_token, setup.shared_verify_token);
    out["problem"] = std::move(problem);
    out["read_receipts"] = number.read_receipts;
    out["send_typing"] = number.send_typing;
    out["last_delivery_at"] = time_or_null(number.last_delivery_at);
    out["created_at"] = to_rfc3339(number.created_at);
    out["retired_at"] = time_or_null(number.retired_at);
    return out;
}

json::object step_object(const flow::CheckStep& step) {
    return {{"step", step.step}, {"ok", step.ok}, {"detail", step.detail}, {"code", step.code}};
}

json::array step_list(const std::vector<flow::CheckStep>& steps) {
    json::array out;
    for (const auto& step : steps) out.push_back(step_object(step));
    return out;
}

http::Response answer(unsigned status, const json::object& body) {
    return http::json_response(status, boost::json::serialize(body));
}

http::Response taken(const http::Request& request) {
    return http::problem(request, 409, "number_taken", "This number is in use by another account of this server.",
                         "phone_number_id");
}

/// The number that the path names.
awaitable<Result<store::NumberRecord>> named_number(NumberSetup setup, const http::Request& request,
                                                    AccountId account) {
    std::string id(request.path_parameter("id"));
    if (!is_id(id)) co_return failure(Errc::not_found, "There is no such business number.");
    co_return co_await store::find_number(setup.pool, account, std::move(id));
}

awaitable<http::Response> list(NumberSetup setup, Principal principal) {
    auto records = co_await store::number_records(setup.pool, principal.account);
    json::array numbers;
    for (const auto& record : records) numbers.push_back(number_object(setup, record));
    co_return answer(200, {{"numbers", std::move(numbers)}});
}

awaitable<http::Response> add(NumberSetup setup, http::Request& request, Principal principal) {
    auto body = json_body(request);
    if (!body) co_return problem_of(request, body.error());
    auto id = id_member(*body, "phone_number_id");
    if (!id) co_return problem_of(request, id.error());
    auto waba = id_member(*body, "waba_id");
    if (!waba) co_return problem_of(request, waba.error());
    auto name = name_in(*body);
    if (!name) co_return problem_of(request, name.error());
    auto credentials = read_credentials(*body);
    if (!credentials) co_return problem_of(request, credentials.error());
    auto save = text_member(*body, "save");
    if (!save) co_return problem_of(request, save.error());
    if (!save->empty() && *save != "anyway")
        co_return problem_of(request, {Errc::invalid_argument, "save must be anyway, or absent.", "save"});

    auto owner = co_await store::account_of_number(setup.pool, *id);
    if (owner && *owner != principal.account) co_return taken(request);
    auto token = credentials->token.value_or("");
    if (token.empty()) token = co_await setup.tokens.of_number(principal.account, *id);
    if (token.empty()) token = setup.tokens.shared();
    flow::NumberToCheck asked{*id, *waba, std::move(token)};
    auto check = co_await flow::check_number(setup.graph, std::move(asked));
    json::object out{{"saved", false}, {"number", nullptr}, {"steps", step_list(check.steps)}};
    if (!check.number_ok() && save->empty()) co_return answer(200, out);

    store::NumberSettings number{*id, *waba, check.display_phone_number, check.verified_name};
    auto saved = co_await store::save_number(setup.pool, setup.seal, principal.account, std::move(number),
                                             std::move(*name), std::move(*credentials));
    if (saved == store::NumberSaved::taken) co_return taken(request);
    co_await setup.trust.refresh();
    auto record = co_await store::find_number(setup.pool, principal.account, *id);
    if (!record) co_return problem_of(request, record.error());
    out["saved"] = true;
    out["number"] = number_object(setup, *record);
    co_return answer(saved == store::NumberSaved::added ? 201 : 200, out);
}

awaitable<http::Response> change(NumberSetup setup, http::Request& request, Principal principal) {
    auto record = co_await named_number(setup, request, principal.account);
    if (!record) co_return problem_of(request, record.error());
    auto body = json_body(request);
    if (!body) co_return problem_of(request, body.error());
    auto wanted = read_change(*body);
    if (!wanted) co_return problem_of(request, wanted.error());
    bool of_webhooks = wanted->credentials.app_secret || wanted->credentials.verify_token;
    co_await store::change_number(setup.pool, setup.seal, principal.account, record->phone_number_id,
                                  std::move(*wanted));
    if (of_webhooks) co_await setup.trust.refresh();
    auto changed = co_await store::find_number(setup.pool, principal.account, record->phone_number_id);
    if (!changed) co_return problem_of(request, changed.error());
    co_return answer(200, {{"number", number_object(setup, *changed)}});
}

awaitable<http::Response> remove(NumberSetup setup, http::Request& request, Principal principal) {
    std::string id(request.path_parameter("id"));
    auto removed = store::NumberRemoved::not_found;
    if (is_id(id)) removed = co_await store::remove_number(setup.pool, principal.account, std::move(id));
    if (removed == store::NumberRemoved::not_found)
        co_return problem_of(request, {Errc::not_found, "There is no such business number."});
    co_await setup.trust.refresh();
    co_return answer(200, {{"result", removed == store::NumberRemoved::removed ? "removed" : "retired"}});
}

awaitable<flow::NumberToCheck> to_check(NumberSetup setup, AccountId account, const store::NumberRecord& record) {
    auto token = co_await setup.tokens.of_number(account, record.phone_number_id);
    co_return flow::NumberToCheck{record.phone_number_id, record.waba_id, std::move(token)};
}

awaitable<http::Response> check(NumberSetup setup, http::Request& request, Principal principal) {
    auto record = co_await named_number(setup, request, principal.account);
    if (!record) co_return problem_of(request, record.error());
    auto asked = co_await to_check(setup, principal.account, *record);
    auto found = co_await flow::check_number(setup.graph, std::move(asked));
    if (found.number_ok()) {
        store::NumberChange names{.display_phone_number = found.display_phone_number,
                                  .verified_name = found.verified_name};
        co_await store::change_number(setup.pool, setup.seal, principal.account, record->phone_number_id,
                                      std::move(names));
    }
    co_return answer(200, {{"steps", step_list(found.steps)}});
}

awaitable<http::Response> subscribe(NumberSetup setup, http::Request& request, Principal principal) {
    auto record = co_await named_number(setup, request, principal.account);
    if (!record) co_return problem_of(request, record.error());
    auto asked = co_await to_check(setup, principal.account, *record);
    auto step = co_await flow::subscribe_app(setup.graph, std::move(asked));
    co_return answer(200, {{"steps", json::array{step_object(step)}}});
}

}  // namespace

void add_settings_routes(http::Router& router, Guard& guard, NumberSetup setup) {
    using Act = awaitable<http::Response> (*)(NumberSetup, http::Request&, Principal);
    auto route = [&](http::Method method, const char* path, Act act) {
        router.add(method, path,
                   guard.require_role(Role::admin, [setup, act](http::Request& request, Principal principal) {
                       return act(setup, request, std::move(principal));
                   }));
    };
    constexpr const char* kOne = "/api/live-chat/settings/numbers/{id}";
    router.add(http::Method::get, "/api/live-chat/settings/numbers",
               guard.require_role(Role::admin, [setup](http::Request&, Principal principal) {
                   return list(setup, std::move(principal));
               }));
    route(http::Method::post, "/api/live-chat/settings/numbers", add);
    route(http::Method::patch, kOne, change);
    route(http::Method::del, kOne, remove);
    route(http::Method::post, "/api/live-chat/settings/numbers/{id}/check", check);
    route(http::Method::post, "/api/live-chat/settings/numbers/{id}/subscribe", subscribe);
}

}  // namespace parley::api

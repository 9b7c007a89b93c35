// /auth/v1/admin/users: for scripts that have the admin key, never for a user's token
#include <boost/json/serialize.hpp>
#include <charconv>

#include "api/auth_answers.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "base/crypto.hpp"

namespace parley::api {
namespace {

using auth::refuse;
using std::unexpected;

constexpr std::int64_t kStandardPage = 50;
constexpr std::int64_t kLargestPage = 1000;
constexpr std::chrono::hours kLongestBan{876'000};

auth::Granted<void> check_key(const auth::SignIn& sign_in, const http::Request& request) {
    auto key = bearer_of(request);
    if (key.empty()) return refuse(401, "no_authorization", "This endpoint requires a Bearer token");
    if (!equal_constant_time(as_text(sha256(key)), as_text(sha256(sign_in.keys().admin_key()))))
        return refuse(403, "not_admin", "User not allowed");
    return {};
}

/// "none" lifts a ban; otherwise hours, minutes and seconds as in "24h" or "1h30m".
auth::Granted<std::chrono::seconds> read_ban(std::string_view text) {
    if (text == "none") return std::chrono::seconds{0};
    std::int64_t total = 0;
    bool good = !text.empty();
    while (good && !text.empty()) {
        std::int64_t count = 0;
        auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        std::int64_t unit = text.starts_with('h') ? 3600 : text.starts_with('m') ? 60 : text.starts_with('s') ? 1 : 0;
        good = error == std::errc{} && unit > 0 && count >= 0 && count <= 1'000'000'000;
        if (good) {
            total += count * unit;
            text.remove_prefix(1);
        }
    }
    if (!good || total <= 0)
        return refuse(400, "validation_failed", "ban_duration must be none, or a duration such as 24h or 1h30m.");
    return std::min(std::chrono::seconds{total}, std::chrono::seconds{kLongestBan});
}

struct AdminBody {
    std::optional<std::string> id;
    std::optional<std::string> email;
    std::optional<std::string> password;
    store::MetadataChange user_metadata;
    store::MetadataChange app_metadata;
    std::optional<std::chrono::seconds> ban;
};

auth::Granted<AdminBody> read_body(const http::Request& request) {
    auto body = auth_body(request);
    if (!body) return unexpected(body.error());
    AdminBody out;
    auto id = auth_text(*body, "id");
    if (!id) return unexpected(id.error());
    if (*id && !is_uuid(**id)) return refuse(400, "validation_failed", "id must be a UUID.");
    out.id = std::move(*id);
    auto email = auth_text(*body, "email");
    if (!email) return unexpected(email.error());
    if (*email) {
        auto normal = auth::normal_email(**email);
        if (!normal) return unexpected(normal.error());
        out.email = std::move(*normal);
    }
    auto password = auth_text(*body, "password");
    if (!password) return unexpected(password.error());
    out.password = std::move(*password);
    auto ban = auth_text(*body, "ban_duration");
    if (!ban) return unexpected(ban.error());
    if (*ban) {
        auto duration = read_ban(**ban);
        if (!duration) return unexpected(duration.error());
        out.ban = *duration;
    }
    auto user_metadata = metadata_member(*body, "user_metadata");
    if (!user_metadata) return unexpected(user_metadata.error());
    out.user_metadata = std::move(*user_metadata);
    auto app_metadata = metadata_member(*body, "app_metadata");
    if (!app_metadata) return unexpected(app_metadata.error());
    out.app_metadata = std::move(*app_metadata);
    return out;
}

http::Response answer(const auth::Granted<store::User>& user) {
    return user ? user_answer(*user) : refused(user.error());
}

awaitable<http::Response> create(auth::SignIn& sign_in, http::Request& request) {
    auto body = read_body(request);
    if (!body) co_return refused(body.error());
    if (!body->email) co_return refused(refuse(400, "validation_failed", "email is required.").error());
    store::NewUser user;
    user.id = body->id.value_or(random_uuid());
    user.email = *body->email;
    user.user_metadata = body->user_metadata.set;
    user.app_metadata = body->app_metadata.set;
    auto added = co_await sign_in.add(std::move(user), std::move(body->password));
    if (added && body->ban) {
        store::UserChange change{.ban = body->ban};
        added = co_await sign_in.update(added->id, std::move(change), std::nullopt);
    }
    co_return answer(added);
}

awaitable<http::Response> list(auth::SignIn& sign_in, http::Request& request) {
    auto page = integer_parameter(request, "page", {1, 1'000'000});
    auto per_page = integer_parameter(request, "per_page", {1});
    if (!page || !per_page) {
        const auto& error = page ? per_page.error() : page.error();
        co_return refused(refuse(400, "validation_failed", error.detail).error());
    }
    auto number = page->value_or(1);
    auto size = std::min(per_page->value_or(kStandardPage), kLargestPage);
    auto found = co_await store::page_of_users(sign_in.pool(), size, (number - 1) * size);
    boost::json::array users;
    for (const auto& user : found.users) users.push_back(user_object(user));
    boost::json::object body{{"users", std::move(users)}, {"aud", "authenticated"}};
    auto response = http::json_response(200, boost::json::serialize(body));
    auto last = std::max<std::int64_t>(1, (found.total + size - 1) / size);
    auto link = [&](std::int64_t to, const char* relation) {
        return "</auth/v1/admin/users?page=" + std::to_string(to) + "&per_page=" + std::to_string(size) + ">; rel=\"" +
               relation + "\"";
    };
    auto links = link(last, "last");
    if (number < last) links = link(number + 1, "next") + ", " + links;
    response.headers = {{"X-Total-Count", std::to_string(found.total)}, {"Link", std::move(links)}};
    co_return response;
}

auth::Refusal no_such_user() {
    return {.status = 404, .code = "user_not_found", .message = "User not found"};
}

/// Empty for what is no UUID: nobody has it.
std::string user_id_of(const http::Request& request) {
    auto id = request.path_parameter("id");
    return is_uuid(id) ? std::string(id) : std::string();
}

awaitable<http::Response> show(auth::SignIn& sign_in, http::Request& request) {
    auto id = user_id_of(request);
    if (id.empty()) co_return refused(no_such_user());
    auto user = co_await store::find_user(sign_in.pool(), std::move(id));
    co_return user ? user_answer(*user) : refused(no_such_user());
}

awaitable<http::Response> update(auth::SignIn& sign_in, http::Request& request) {
    auto id = user_id_of(request);
    if (id.empty()) co_return refused(no_such_user());
    auto body = read_body(request);
    if (!body) co_return refused(body.error());
    store::UserChange change{.email = std::move(body->email),
                             .user_metadata = std::move(body->user_metadata),
                             .app_metadata = std::move(body->app_metadata),
                             .ban = body->ban};
    auto user = co_await sign_in.update(std::move(id), std::move(change), std::move(body->password));
    co_return answer(user);
}

awaitable<http::Response> remove(auth::SignIn& sign_in, http::Request& request) {
    auto id = user_id_of(request);
    if (id.empty()) co_return refused(no_such_user());
    auto removed = co_await sign_in.remove(std::move(id));
    co_return removed ? http::json_response(200, "{}") : refused(removed.error());
}

using AdminHandler = awaitable<http::Response> (*)(auth::SignIn&, http::Request&);

awaitable<http::Response> run(auth::SignIn& sign_in, AdminHandler handler, http::Request& request) {
    if (auto allowed = check_key(sign_in, request); !allowed) co_return refused(allowed.error());
    co_return co_await handler(sign_in, request);
}

}  // namespace

void add_auth_admin_routes(http::Router& router, auth::SignIn& sign_in) {
    using http::Method;
    auto add = [&](Method method, const char* path, AdminHandler handler) {
        router.add(method, path,
                   guarded([&sign_in, handler](http::Request& request) { return run(sign_in, handler, request); }),
                   kAuthBodyLimit);
    };
    add(Method::post, "/auth/v1/admin/users", create);
    add(Method::get, "/auth/v1/admin/users", list);
    add(Method::get, "/auth/v1/admin/users/{id}", show);
    add(Method::put, "/auth/v1/admin/users/{id}", update);
    add(Method::del, "/auth/v1/admin/users/{id}", remove);
}

}  // namespace parley::api

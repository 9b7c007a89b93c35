#include "store/users.hpp"

#include <utility>

namespace parley::store {
namespace {

using std::unexpected;

Column text_column(const std::vector<std::string>& texts) {
    auto column = Column::of_text(texts.size());
    for (const auto& text : texts) column.add(text);
    return column;
}

/// What a refused row means; anything else is thrown on.
UserError meaning_of(const DbError& error) {
    if (error.constraint() == "users_email" || error.constraint() == "users_pkey") return UserError::exists;
    if (error.constraint() == "users_metadata_size") return UserError::metadata_too_large;
    throw error;
}

Params one(std::string_view text) {
    Params params;
    params.add(text);
    return params;
}

}  // namespace

User read_user(const Row& row) {
    User user;
    user.id = row.get<std::string>("id");
    user.email = row.get<std::string>("email");
    user.password_hash = row.get<std::optional<std::string>>("password_hash").value_or("");
    user.user_metadata = row.get<std::string>("user_metadata");
    user.app_metadata = row.get<std::string>("app_metadata");
    user.email_confirmed_at = row.get<std::optional<TimePoint>>("email_confirmed_at");
    user.last_sign_in_at = row.get<std::optional<TimePoint>>("last_sign_in_at");
    user.banned_until = row.get<std::optional<TimePoint>>("banned_until");
    user.created_at = row.get<TimePoint>("created_at");
    user.updated_at = row.get<TimePoint>("updated_at");
    return user;
}

awaitable<std::optional<User>> find_user(Pool& pool, std::string id) {
    auto rows = co_await pool.query("find_user", one(id));
    if (rows.empty()) co_return std::nullopt;
    co_return read_user(rows.front());
}

awaitable<std::optional<User>> find_user_by_email(Pool& pool, std::string email) {
    auto rows = co_await pool.query("find_user_by_email", one(email));
    if (rows.empty()) co_return std::nullopt;
    co_return read_user(rows.front());
}

awaitable<UserPage> page_of_users(Pool& pool, std::int64_t limit, std::int64_t offset) {
    Params window;
    window.add(limit).add(offset);
    Batch batch;
    batch.add("page_of_users", std::move(window)).add("count_users");
    auto results = co_await pool.run(std::move(batch));
    UserPage page;
    for (auto row : results[0]) page.users.push_back(read_user(row));
    page.total = results[1].front().get<std::int64_t>("total");
    co_return page;
}

awaitable<std::expected<User, UserError>> add_user(Pool& pool, NewUser user) {
    Params params;
    params.add(user.id).add(user.email).add_nullable(user.password_hash);
    params.add(user.user_metadata).add(user.app_metadata);
    try {
        auto rows = co_await pool.query("add_user", std::move(params));
        co_return read_user(rows.front());
    } catch (const DbError& error) {
        co_return unexpected(meaning_of(error));
    }
}

awaitable<std::expected<User, UserError>> update_user(Pool& pool, std::string id, UserChange change, EndSessions end,
                                                      std::vector<std::string>& ended) {
    Params params;
    params.add(id).add(change.email).add(change.password_hash);
    params.add(change.user_metadata.set).add(text_column(change.user_metadata.remove));
    params.add(change.app_metadata.set).add(text_column(change.app_metadata.remove));
    params.add(change.ban ? std::optional(change.ban->count()) : std::nullopt);
    Batch batch;
    batch.add("update_user", std::move(params));
    if (end.any) {
        Params sessions;
        sessions.add(id).add_nullable(end.except);
        batch.add("end_sessions", std::move(sessions));
    }
    try {
        auto results = co_await pool.run(std::move(batch));
        if (results[0].empty()) co_return unexpected(UserError::not_found);
        if (end.any)
            for (auto row : results[1]) ended.push_back(row.get<std::string>("id"));
        co_return read_user(results[0].front());
    } catch (const DbError& error) {
        co_return unexpected(meaning_of(error));
    }
}

awaitable<bool> remove_user(Pool& pool, std::string id) {
    auto rows = co_await pool.query("remove_user", one(id));
    co_return rows.front().get<std::int64_t>("rows") > 0;
}

awaitable<SignInAttempt> begin_sign_in(Pool& pool, std::string email) {
    Batch batch;
    // In this order: the second sees what another attempt wrote while the first waited for it.
    batch.add("begin_sign_in", one(email)).add("sign_in_wait", one(email));
    auto results = co_await pool.run(std::move(batch));
    SignInAttempt attempt;
    if (!results[0].empty())
        attempt.user = read_user(results[0].front());
    else if (!results[1].empty())
        attempt.wait = std::chrono::seconds{results[1].front().get<std::int64_t>("seconds")};
    co_return attempt;
}

awaitable<std::vector<Person>> list_people(Pool& pool) {
    auto rows = co_await pool.query("list_people");
    std::vector<Person> people;
    for (auto row : rows)
        people.push_back({row.get<std::optional<AccountId>>("account_id"), row.get<std::string>("user_id"),
                          row.get<std::optional<std::string>>("role").value_or(""),
                          row.get<std::optional<std::string>>("email").value_or("")});
    co_return people;
}

}  // namespace parley::store

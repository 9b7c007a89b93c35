#include "store/sessions.hpp"

namespace parley::store {
namespace {

std::vector<std::string> ids_of(const Rows& rows) {
    std::vector<std::string> ids;
    for (auto row : rows) ids.push_back(row.get<std::string>("id"));
    return ids;
}

}  // namespace

awaitable<std::optional<TimePoint>> open_session(Pool& pool, std::string user_id, std::string password_hash,
                                                 std::string session_id, std::chrono::seconds lifetime) {
    Params session, user;
    session.add(user_id).add(password_hash).add(session_id).add(lifetime.count());
    user.add(user_id);
    Batch batch;
    batch.add("open_session", std::move(session)).add("drop_old_sessions", std::move(user));
    auto results = co_await pool.run(std::move(batch));
    if (results[0].empty()) co_return std::nullopt;
    co_return results[0].front().get<TimePoint>("last_sign_in_at");
}

awaitable<RefreshOutcome> refresh_session(Pool& pool, std::string session_id, std::int64_t counter,
                                          JudgeRefresh judge) {
    auto transaction = co_await Transaction::begin(pool);
    Params locked;
    locked.add(session_id);
    auto rows = co_await transaction.query("lock_session", std::move(locked));
    RefreshOutcome outcome;
    if (rows.empty()) {
        co_await transaction.commit();
        co_return outcome;
    }
    auto row = rows.front();
    auto& state = outcome.state.emplace();
    state.counter = row.get<std::int64_t>("refresh_counter");
    state.refreshed_at = row.get<TimePoint>("refreshed_at");
    state.not_after = row.get<TimePoint>("not_after");
    state.now = row.get<TimePoint>("now");
    state.user = read_user(row);
    outcome.verdict = judge(state, counter);

    Params params;
    params.add(session_id);
    Batch batch;
    if (outcome.verdict == RefreshVerdict::rotate) {
        batch.add("advance_session", std::move(params));
        ++state.counter;
    } else if (outcome.verdict == RefreshVerdict::stolen || outcome.verdict == RefreshVerdict::expired) {
        params.add(state.user.id);
        batch.add("end_session", std::move(params));
    }
    co_await transaction.run_and_commit(std::move(batch));
    co_return outcome;
}

awaitable<std::vector<std::string>> end_session(Pool& pool, std::string user_id, std::string session_id) {
    Params params;
    params.add(session_id).add(user_id);
    auto rows = co_await pool.query("end_session", std::move(params));
    co_return ids_of(rows);
}

awaitable<std::vector<std::string>> end_sessions(Pool& pool, std::string user_id, std::string except) {
    Params params;
    params.add(user_id).add_nullable(except);
    auto rows = co_await pool.query("end_sessions", std::move(params));
    co_return ids_of(rows);
}

awaitable<std::vector<std::string>> ended_sessions(Pool& pool, std::vector<std::string> ids) {
    auto column = Column::of_text(ids.size());
    for (const auto& id : ids) column.add(id);
    Params params;
    params.add(std::move(column));
    auto rows = co_await pool.query("ended_sessions", std::move(params));
    co_return ids_of(rows);
}

}  // namespace parley::store

// Sessions of the built-in sign-in: one per sign-in, good until it is ended or its time is over.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/pool.hpp"
#include "store/users.hpp"

namespace parley::store {

/// Opens a session for a user whose password was verified against `password_hash`, and forgives the failed attempts.
/// Returns when they signed in; empty when the password has been changed since.
awaitable<std::optional<TimePoint>> open_session(Pool& pool, std::string user_id, std::string password_hash,
                                                 std::string session_id, std::chrono::seconds lifetime);

/// A session in the state that a refresh finds it in, and its user. `now` is the database's clock.
struct SessionState {
    std::int64_t counter = 0;  ///< of the active refresh token
    TimePoint refreshed_at;    ///< when the counter was last raised, or the session opened
    TimePoint not_after;
    TimePoint now;
    User user;
};

/// What becomes of a session that a refresh token was shown for.
enum class RefreshVerdict {
    rotate,   ///< the active token: the next one takes its place
    repeat,   ///< one that was active just now: its holder gets the active one again
    expired,  ///< the session ends, its time is over
    stolen,   ///< the session ends: two parties hold its tokens
    unknown,  ///< no such token was ever given out
    banned,   ///< the user may not sign in; the session stays
};
using JudgeRefresh = RefreshVerdict (*)(const SessionState&, std::int64_t counter);

/// `state` is empty when there is no such session; its counter is that of the token that is active afterwards.
struct RefreshOutcome {
    std::optional<SessionState> state;
    RefreshVerdict verdict = RefreshVerdict::unknown;
};

/// Locks the session, lets `judge` decide and carries the verdict out, in one transaction.
awaitable<RefreshOutcome> refresh_session(Pool& pool, std::string session_id, std::int64_t counter, JudgeRefresh judge);

/// Which sessions of a user end; returns those that did.
awaitable<std::vector<std::string>> end_session(Pool& pool, std::string user_id, std::string session_id);
/// All, but `except`; empty: none is excepted.
awaitable<std::vector<std::string>> end_sessions(Pool& pool, std::string user_id, std::string except);

/// Which of these sessions (UUIDs) are over or never were.
awaitable<std::vector<std::string>> ended_sessions(Pool& pool, std::vector<std::string> ids);

}  // namespace parley::store

// Which sessions of the built-in sign-in go on: a signed token alone would be good until it expires.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "auth/jwks.hpp"
#include "base/async.hpp"
#include "store/pool.hpp"

namespace parley::auth {

/// Asks the database and remembers a yes for 30 s: so long may a session that another process ended still be used here.
class SessionBook {
  public:
    explicit SessionBook(store::Pool& pool, MonotonicNow now = std::chrono::steady_clock::now)
        : pool_(pool), now_(std::move(now)) {}

    /// Throws store::DbError while the database is away.
    awaitable<bool> is_open(std::string session_id);
    /// These have been ended: no longer remembered.
    void forget(std::span<const std::string> session_ids);

  private:
    void remember(const std::string& session_id);

    store::Pool& pool_;
    MonotonicNow now_;
    std::map<std::string, std::chrono::steady_clock::time_point> open_until_;
    std::uint64_t endings_ = 0;
};

}  // namespace parley::auth

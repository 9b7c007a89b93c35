// The app secrets and verify tokens that accounts stored with their numbers, in memory: webhooks wait for no question
// to the database. Every process reads them anew every two seconds, so that a new one counts everywhere soon.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.hpp"
#include "base/seal.hpp"
#include "store/pool.hpp"

namespace parley::flow {

class StoredTrust {
  public:
    StoredTrust(store::Pool& pool, Seal& seal) : pool_(pool), seal_(seal) {}
    StoredTrust(const StoredTrust&) = delete;
    StoredTrust& operator=(const StoredTrust&) = delete;

    /// Reads what is stored. Those that do not open are left out and said once in the log. Throws DbError; then
    /// everything stays as it was.
    awaitable<void> refresh();
    /// Does that again and again; never returns.
    awaitable<void> keep_fresh(Executor executor);

    bool has_app_secrets() const { return !app_secrets_.empty(); }
    /// The accounts with a secret under which `signature` (X-Hub-Signature-256) is that of `body`; empty: none.
    std::vector<AccountId> vouching(std::string_view signature, std::string_view body) const;
    /// Whether it is one of the verify tokens.
    bool verifies(std::string_view token) const;

  private:
    store::Pool& pool_;
    Seal& seal_;
    std::map<std::string, std::set<AccountId>> app_secrets_;
    std::set<std::string> verify_tokens_;
    std::map<std::string, std::string> opened_;  // by the sealed form; empty: does not open
};

}  // namespace parley::flow

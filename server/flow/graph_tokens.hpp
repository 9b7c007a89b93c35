// Which Graph token speaks for a business number: its own, or the one that all numbers without one share (WA_TOKEN).
#pragma once

#include <string>

#include "base/async.hpp"
#include "base/ids.hpp"
#include "base/seal.hpp"
#include "store/credentials.hpp"
#include "store/pool.hpp"

namespace parley::flow {

class GraphTokens {
  public:
    /// Every number shares this one.
    explicit GraphTokens(std::string shared) : shared_(std::move(shared)) {}
    /// Numbers with a token of their own use that. It is read at each use, so that every process has the newest.
    GraphTokens(std::string shared, store::Pool& pool, Seal& seal)
        : shared_(std::move(shared)), pool_(&pool), seal_(&seal) {}
    GraphTokens(const GraphTokens&) = delete;
    GraphTokens& operator=(const GraphTokens&) = delete;

    /// Empty: nothing can be sent from this number. It has no token, it is retired, or its token does not open (which
    /// the log says): another's must not speak for it then. Throws DbError.
    awaitable<std::string> of_number(AccountId account, std::string phone_number_id);
    /// A token that may manage this WhatsApp Business Account. Empty: there is none. Throws DbError.
    awaitable<std::string> of_waba(AccountId account, std::string waba_id);

    /// Empty: there is none.
    const std::string& shared() const { return shared_; }

  private:
    std::string choose(const store::NumberToken& token) const;

    std::string shared_;
    store::Pool* pool_ = nullptr;
    Seal* seal_ = nullptr;
};

}  // namespace parley::flow

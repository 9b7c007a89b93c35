// Which Graph token speaks for a business number: its own, or the one that all numbers without one share (WA_TOKEN).
#pragma once

#include <string>

#include "base/async.hpp"
#include "base/ids.hpp"

namespace parley::flow {

class GraphTokens {
  public:
    explicit GraphTokens(std::string shared) : shared_(std::move(shared)) {}
    GraphTokens(const GraphTokens&) = delete;
    GraphTokens& operator=(const GraphTokens&) = delete;

    /// Empty: nothing can be sent from this number.
    awaitable<std::string> of_number(AccountId account, std::string phone_number_id);
    /// A token that may manage this WhatsApp Business Account. Empty: there is none.
    awaitable<std::string> of_waba(AccountId account, std::string waba_id);

  private:
    std::string shared_;
};

}  // namespace parley::flow

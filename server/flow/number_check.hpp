// Asks Meta whether a business number is set up to work: token, permissions, account, number and subscription
// (reference, sections 1, 3.2 and 14).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "base/time.hpp"
#include "wa/graph.hpp"

namespace parley::flow {

struct NumberToCheck {
    std::string phone_number_id;  ///< letters and digits
    std::string waba_id;          ///< the same; empty: unknown
    std::string token;            ///< empty: there is none
};

struct CheckStep {
    std::string step;  ///< "token", "scopes", "waba", "number", "subscribed_apps": always all, in this order
    bool ok = false;
    std::string detail;     ///< a sentence for people; never a secret
    std::int64_t code = 0;  ///< Meta's error code, 0 without one
};

struct NumberCheck {
    std::vector<CheckStep> steps;
    std::string display_phone_number;  ///< as Meta has them; empty unless the step "number" is ok
    std::string verified_name;
    std::string status;          ///< Meta's word, "CONNECTED"; empty: not told
    std::string quality_rating;  ///< the same, "GREEN"
    std::string webhook_url;     ///< where Meta says that it delivers; empty: not told
    std::optional<TimePoint> token_expires_at;
    bool answered = false;  ///< somebody answered at least one question

    bool number_ok() const;
    bool all_ok() const;
};

/// Calls one after the other; throws only for bugs. Takes as long as Meta does, at most 20 s a call; after one that
/// nobody answers the rest is not asked.
awaitable<NumberCheck> check_number(wa::GraphClient& graph, NumberToCheck number);

/// Subscribes the token's app to the account, so that its webhooks come.
awaitable<CheckStep> subscribe_app(wa::GraphClient& graph, NumberToCheck number);

}  // namespace parley::flow

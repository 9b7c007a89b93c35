// What the doctor found out, and what it means: pure functions from facts to findings. Facts that could not be had in
// time are nullopt, and their finding is unknown.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "flow/number_check.hpp"
#include "store/checkup.hpp"

namespace parley::flow {

enum class CheckState { ok, unknown, warning, failed };  // in the order in which they matter
std::string_view name_of(CheckState state);

struct Finding {
    CheckState state = CheckState::unknown;
    std::string detail;  ///< a sentence for people; never a secret
    std::string advice = {};
    std::string subscribe = {};  ///< the business number whose app is to be subscribed; empty: nothing of that kind
};

struct Check {
    std::string_view id;
    std::string_view title;
    Finding finding;
};

struct Report {
    std::vector<Check> checks;  ///< in the order in which a person must act
    std::string callback_url;   ///< where Meta is to deliver; empty: not known
    TimePoint checked_at;

    /// The first that failed; nullptr: none did.
    const Check* missing() const;
};

/// What this process saw at the webhook since it started.
struct WebhookSightings {
    std::optional<TimePoint> verified_at;  ///< a handshake that was not the doctor's
    std::optional<TimePoint> refused_at;   ///< a delivery whose signature was wrong
    std::int64_t refused = 0;
};
/// The doctor's own handshakes have challenges that start with this.
inline constexpr std::string_view kDoctorChallenge = "parley-doctor-";

Finding judge_database(const std::optional<store::DatabaseFacts>& facts);

struct Space {
    std::string_view of;  ///< "the data directory"
    std::uint64_t free = 0;
    std::uint64_t total = 0;
};
/// Empty: none could be looked at.
Finding judge_space(const std::optional<std::vector<Space>>& spaces);

struct MediaStoreFacts {
    bool there = true;    ///< false: no file was ever stored
    std::string problem;  ///< why a small file could not be written and read back; empty: it could
    std::size_t looked_for = 0;
    std::size_t missing = 0;
};
Finding judge_media(const std::optional<MediaStoreFacts>& facts);

/// `ahead`: of Meta's clock, which nobody could read when it is nullopt.
Finding judge_clock(std::optional<std::chrono::milliseconds> ahead);

/// A business number in use and what Meta said of it.
struct NumberFacts {
    std::string phone_number_id;
    std::string name;  ///< for people
    bool has_token = false;
    bool token_unreadable = false;
    std::optional<NumberCheck> check = std::nullopt;
};
Finding judge_token(const std::vector<NumberFacts>& numbers, TimePoint now);
Finding judge_scopes(const std::vector<NumberFacts>& numbers);
Finding judge_number(const std::vector<NumberFacts>& numbers);
Finding judge_subscription(const std::vector<NumberFacts>& numbers);

struct SignatureFacts {
    bool has_secret = false;
    bool unreadable = false;  ///< one that is stored does not open
    bool allow_unsigned = false;
    const WebhookSightings* sightings = nullptr;  ///< nullptr: only the running server knows
    std::optional<TimePoint> last_delivery = std::nullopt;
};
Finding judge_signature(const SignatureFacts& facts, TimePoint now);

struct CallbackFacts {
    std::string url = {};  ///< empty: not known
    bool has_verify_token = false;
    bool tried = false;
    std::string problem = {};  ///< why nobody answered
    unsigned status = 0;       ///< of the answer
    bool echoed = false;
    std::string meta_url = {};  ///< where Meta says that it delivers; empty: not told
};
Finding judge_callback(const CallbackFacts& facts);

struct DeliveriesFacts {
    std::optional<TimePoint> last_delivery;
    std::optional<TimePoint> verified_at;
    bool subscribed = true;
    std::string callback_url;
    std::string meta_url;
};
Finding judge_deliveries(const DeliveriesFacts& facts);

Finding judge_journal(const std::optional<store::WorkFacts>& facts);
Finding judge_outbox(const std::optional<store::WorkFacts>& facts);

}  // namespace parley::flow

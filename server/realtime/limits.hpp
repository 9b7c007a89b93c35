// The bounds of the event sockets, and the codes that they are closed with.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parley::realtime {

using Steady = std::chrono::steady_clock;

struct Limits {
    std::chrono::seconds first_message{5};    ///< from the handshake to the auth message
    std::chrono::seconds heartbeat{15};       ///< between two of them
    std::chrono::seconds expiry_warning{60};  ///< before a token expires
    std::chrono::seconds expiry_skew{60};     ///< after it expired, as the verifier allows
    std::chrono::seconds typing{6};           ///< without a new sign
    std::chrono::seconds revocation{3};       ///< between two looks at who may stay
    std::chrono::seconds drain{5};            ///< for a peer whose queue is full
    std::chrono::seconds blindness{5};  ///< without being able to read the log; then nobody is called live any more
    std::int64_t replay = 5'000;        ///< events that a client may be behind
    std::size_t sockets = 20'000;
    std::size_t sockets_per_user = 20;
    std::size_t unauthenticated_per_address = 100;
};

// 1012 and 1013 are the IANA registry's ("service restart", "try again later"); 4000 to 4999 are for applications.
enum CloseCode : std::uint16_t {
    close_restart = 1012,
    close_try_again = 1013,
    close_malformed = 4400,
    close_unauthenticated = 4401,  ///< get a fresh token, then come back
    close_forbidden = 4403,        ///< coming back does not help
    close_slow = 4408,             ///< come back and resume
    close_too_many = 4429,         ///< come back later
};

/// The reason of a goodbye with close_try_again.
inline constexpr std::string_view kDatabaseAway = "the database is away";

/// At most 30 frames at once, and six a second in the long run.
class FrameAllowance {
  public:
    /// False when there are too many.
    bool take(Steady::time_point now) {
        auto earned = std::chrono::duration<double>(now - refilled_at_).count() * kPerSecond;
        tokens_ = tokens_ + earned > kBurst ? kBurst : tokens_ + earned;
        refilled_at_ = now;
        if (tokens_ < 1) return false;
        tokens_ -= 1;
        return true;
    }

  private:
    static constexpr double kBurst = 30;
    static constexpr double kPerSecond = 6;
    double tokens_ = kBurst;
    Steady::time_point refilled_at_{};
};

}  // namespace parley::realtime

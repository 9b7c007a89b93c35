// A conversation: one business number, one contact.
#pragma once

#include <chrono>
#include <optional>

#include "base/time.hpp"

namespace parley {

/// Meta's customer service window: free-form messages may be sent for 24 h after the customer's last message or call
/// (reference, section 16.1).
inline constexpr std::chrono::hours kServiceWindow{24};

enum class ServiceWindow {
    open,
    closed,
    unknown,  // the customer never wrote to us as far as we know: Meta decides
};

inline ServiceWindow service_window(std::optional<TimePoint> last_incoming_at, TimePoint now) {
    if (!last_incoming_at) return ServiceWindow::unknown;
    return now < *last_incoming_at + kServiceWindow ? ServiceWindow::open : ServiceWindow::closed;
}

}  // namespace parley

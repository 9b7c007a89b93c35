// What the server says on an event socket (contract/events.yaml), encoded.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "http/websocket.hpp"
#include "store/events.hpp"

namespace parley::realtime {

using http::Frame;

struct Ready {
    std::string_view epoch;
    std::int64_t offset = 0;  ///< the next event comes right after it
    bool recovered = false;
    std::string_view user_id;
    TimePoint now;
};

Frame ready_frame(const Ready& ready);
/// One frame for each event of the page.
std::vector<Frame> event_frames(const store::EventPage& page);
Frame heartbeat_frame(std::int64_t offset);
Frame expiring_frame(TimePoint expires_at);
Frame pong_frame();
Frame unknown_type_frame(std::string_view type);

}  // namespace parley::realtime

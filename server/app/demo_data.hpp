// A few conversations to look at. The simulator's customers write them, so that phones and inbox agree.
#pragma once

#include <string>

#include "base/async.hpp"

namespace parley::app {

/// Lets customers of the simulator at `simulator_url` write, and returns when the server has taken every message. The
/// messages of one day have fixed ids: starting the demo again the same day adds none. Throws std::runtime_error when a
/// message does not arrive.
awaitable<void> seed_demo(asio::io_context& io, std::string simulator_url);

}  // namespace parley::app

// A few conversations to look at, and two agents to look at them. The simulator's customers write the conversations, so
// that phones and inbox agree.
#pragma once

#include <string>

#include "base/async.hpp"
#include "store/users.hpp"

namespace parley::app {

/// Lets customers of the simulator at `simulator_url` write, and returns when the server has taken every message. The
/// messages of one day have fixed ids: starting the demo again the same day adds none. Throws std::runtime_error when a
/// message does not arrive.
awaitable<void> seed_demo(asio::io_context& io, std::string simulator_url);

/// Of both agents. The demo listens on this machine only.
inline constexpr const char* kDemoPassword = "parley-demo";
inline constexpr const char* kDemoOwner = "ada@example.com";
inline constexpr const char* kDemoAgent = "ben@example.com";

/// Lets kDemoOwner (with the id of the account's owner) and kDemoAgent sign in; leaves them alone when they are there.
/// Gives the owner.
awaitable<store::User> add_demo_agents(store::Pool& pool, std::string owner_id);

}  // namespace parley::app

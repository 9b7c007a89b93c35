// A few conversations to look at, brought in as everything else is: by signed webhooks.
#pragma once

#include <string>

#include "base/async.hpp"

namespace parley::app {

/// Posts the demo's messages to `address`/webhook. Repeating it changes nothing: the messages have fixed ids. Throws
/// std::runtime_error when a delivery is not taken.
awaitable<void> seed_demo(asio::io_context& io, std::string address, std::string app_secret,
                          std::string phone_number_id, std::string waba_id);

}  // namespace parley::app

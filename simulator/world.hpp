// Everything the routes work with, in the order in which it is built.
#pragma once

#include <string>

#include "base/crypto.hpp"
#include "base/time.hpp"
#include "simulator/businesses.hpp"
#include "simulator/faults.hpp"
#include "simulator/limits.hpp"
#include "simulator/media_store.hpp"
#include "simulator/options.hpp"
#include "simulator/receipts.hpp"
#include "simulator/state.hpp"
#include "simulator/webhooks_out.hpp"

namespace parley::simulator {

struct World {
    World(asio::io_context& io, SimulatorOptions given)
        : options(std::move(given)),
          businesses(options),
          state(io.get_executor(), clock),
          media(clock, random_bytes(16)),
          webhooks(io, options, state, faults),
          receipts(io.get_executor(), options, state, businesses, webhooks, faults) {}

    SimulatorOptions options;
    Clock clock;
    Faults faults;
    Limits limits;
    Businesses businesses;
    State state;
    MediaStore media;
    WebhooksOut webhooks;
    Receipts receipts;
    std::string base_url;   ///< "http://127.0.0.1:<port>", known once the listener is bound
    bool stopping = false;  ///< long polls end
};

}  // namespace parley::simulator

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace parley::simulator {

/// One simulated app with one WABA and one business number.
struct SimulatorOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;    ///< 0: an ephemeral port, see Simulator::port()
    std::string app_secret;    ///< keys X-Hub-Signature-256
    std::string verify_token;  ///< sent in the verification GET
    std::string access_token;  ///< what clients must present; empty: any token, and none, is accepted
    std::string webhook_url;   ///< where webhooks go; empty: they wait until there is one
    std::string waba_id = "102290129340398";
    std::string phone_number_id = "106540352242922";
    std::string display_phone_number = "+1 555-078-3881";
    std::string verified_name = "Lucky Shrub";
    std::chrono::milliseconds retry_base{
        500};  ///< the first wait before a webhook is delivered again; doubles up to 30 s
    std::chrono::milliseconds delivered_after{300};  ///< from `sent` to `delivered`
};

}  // namespace parley::simulator

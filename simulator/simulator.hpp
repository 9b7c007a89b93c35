// A double of Meta's Cloud API: the Graph API for one business number, signed webhooks, a page that plays the
// customers' phones, and a control API for scripts and tests (README.md). Written from the reference alone and without
// server/wa, so that it does not share our misreading of Meta.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/async.hpp"
#include "simulator/options.hpp"

namespace parley::simulator {

/// Everything is in memory and bounded. One thread, that of the io_context. stop() must have returned before the
/// Simulator is destroyed, unless the io_context no longer runs.
class Simulator {
  public:
    /// Binds and listens; throws boost::system::system_error when the address is taken.
    Simulator(asio::io_context& io, SimulatorOptions options);
    ~Simulator();
    Simulator(const Simulator&) = delete;
    Simulator& operator=(const Simulator&) = delete;

    /// Serves, delivers webhooks, and performs the verification handshake when there is a webhook URL (repeated, up to
    /// 30 s apart, until it succeeds).
    void start();
    awaitable<void> stop();

    std::uint16_t port() const;
    /// "http://<host>:<port>": the Graph API's base URL and the address of the phone page.
    std::string url() const;
    /// Where webhooks go from now on; what waits is tried there at once, and the handshake is performed.
    void set_webhook_url(std::string url);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace parley::simulator

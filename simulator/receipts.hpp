// What becomes of a message after the business sent it: sent, delivered, read, failed, each by webhook.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/async.hpp"
#include "simulator/businesses.hpp"
#include "simulator/faults.hpp"
#include "simulator/options.hpp"
#include "simulator/state.hpp"
#include "simulator/webhooks_out.hpp"

namespace parley::simulator {

/// stop() must have returned before it is destroyed, unless the io_context no longer runs.
class Receipts {
  public:
    Receipts(Executor executor, const SimulatorOptions& options, State& state, Businesses& businesses,
             WebhooksOut& webhooks, const Faults& faults);
    Receipts(const Receipts&) = delete;
    Receipts& operator=(const Receipts&) = delete;

    void start();
    awaitable<void> stop();
    void drop_scheduled() { schedule_.clear(); }

    /// `sent` at once, `delivered` a little later, when statuses go out by themselves.
    void accepted(const std::string& wamid);
    /// `failed` at once, with one error.
    void failed(const std::string& wamid, const json::object& error);
    /// `read` for everything that this customer has not read yet of one number, or of all when it is empty. Returns
    /// how many.
    std::size_t read_all(std::string_view customer, std::string_view phone_number_id);
    /// A status by hand, whatever was before. False when the message is unknown.
    bool send(const std::string& wamid, std::string_view status, const json::array& errors);
    /// A new template is approved after `approve_after_ms`, with its webhook.
    void approve_soon(const std::string& template_id);
    /// Webhooks of a WABA go out only while the app is subscribed to it.
    std::shared_ptr<Delivery> post(const Waba& waba, const json::object& body, WebhooksOut::Kind kind);

  private:
    using Time = std::chrono::steady_clock::time_point;
    struct Step {
        std::string id;       ///< wamid, or template id
        std::string status;   ///< or "template"
        bool forced = false;  ///< sent although the message is further already
    };

    awaitable<void> run();
    void after(std::chrono::milliseconds delay, Step step);
    void take_step(const Step& step);
    void post(const ChatMessage& message, std::string_view status, const json::array& errors);

    const SimulatorOptions& options_;
    State& state_;
    Businesses& businesses_;
    WebhooksOut& webhooks_;
    const Faults& faults_;
    Signal wake_;
    Bell ended_;
    std::multimap<Time, Step> schedule_;
    bool stopped_ = true;
    bool running_ = false;
};

}  // namespace parley::simulator

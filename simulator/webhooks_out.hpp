// Delivers webhooks: signed, again and again until they are answered 200.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "base/async.hpp"
#include "http/client.hpp"
#include "simulator/bell.hpp"
#include "simulator/faults.hpp"
#include "simulator/options.hpp"
#include "simulator/state.hpp"

namespace parley::simulator {

/// One webhook on its way. Shared by the queue and by whoever waits for it.
struct Delivery {
    explicit Delivery(Executor executor) : done(executor) {}
    std::string body;
    std::string wamid;  ///< the customer's message it carries; empty for statuses and others
    unsigned attempts = 0;
    bool delivered = false;
    Bell done;  ///< rings when `delivered` becomes true
};

/// The result of the GET handshake.
struct Verification {
    bool ok = false;
    std::string detail = "not tried";  ///< "ok", or why not
};

/// Deliveries start in the order in which they were posted; up to kMaxInFlight run at the same time, so they may arrive
/// in another order, as Meta's do. A failed one waits retry_base, then twice that and so on up to 30 s, with jitter.
/// stop() must have returned before it is destroyed, unless the io_context no longer runs.
class WebhooksOut {
  public:
    static constexpr std::size_t kMaxInFlight = 32;
    static constexpr std::size_t kMaxQueue = 10'000;

    enum class Kind { message, status, other };

    WebhooksOut(asio::io_context& io, const SimulatorOptions& options, State& state, Faults& faults);
    WebhooksOut(const WebhooksOut&) = delete;
    WebhooksOut& operator=(const WebhooksOut&) = delete;

    void start();
    awaitable<void> stop();

    /// nullptr when the queue is full (counted as refused). `delay` comes on top of what the fault switches ask for.
    std::shared_ptr<Delivery> post(std::string body, Kind kind, std::string wamid = {},
                                   std::chrono::milliseconds delay = {});
    std::shared_ptr<Delivery> post(const json::object& body, Kind kind, std::string wamid = {},
                                   std::chrono::milliseconds delay = {});
    /// Waits until it is answered 200; false after `timeout`.
    static awaitable<bool> wait_delivered(std::shared_ptr<Delivery> delivery, std::chrono::milliseconds timeout);

    const std::string& url() const { return url_; }
    /// What is waiting is tried again at once. With `verify` the handshake follows, again and again until it succeeds.
    void set_url(std::string url, bool verify);
    /// The GET with hub.mode, hub.challenge and hub.verify_token; remembered for to_json().
    awaitable<Verification> verify(std::string url, std::string verify_token);

    void drop_waiting();
    json::object to_json() const;

  private:
    using Time = std::chrono::steady_clock::time_point;

    awaitable<void> run();
    awaitable<void> keep_verifying();
    awaitable<Verification> verify_quietly();
    awaitable<void> attempt(std::shared_ptr<Delivery> delivery);
    awaitable<std::string> try_once(std::string body);
    void start_due();
    void note_outcome(const Delivery& delivery, const std::string& problem);
    void enqueue(std::shared_ptr<Delivery> delivery, std::chrono::milliseconds delay);
    std::chrono::milliseconds backoff(unsigned attempts);
    std::chrono::milliseconds hold_back(Kind kind);

    Executor executor_;
    const SimulatorOptions& options_;
    State& state_;
    Faults& faults_;
    http::Client client_;
    Signal wake_;
    Signal verify_now_;
    Bell stopping_;
    std::string url_;
    Verification verification_;
    std::map<std::pair<Time, std::uint64_t>, std::shared_ptr<Delivery>> queue_;  // by due time, then by age
    std::minstd_rand random_;
    std::uint64_t last_id_ = 0;
    std::size_t in_flight_ = 0;
    std::size_t retrying_ = 0;  ///< waiting or under way after a failed attempt
    std::size_t loops_ = 0;
    bool stopped_ = true;
    bool want_verification_ = true;
    bool hold_next_ = false;
    std::uint64_t posted_ = 0;
    std::uint64_t delivered_ = 0;
    std::uint64_t failed_attempts_ = 0;
    std::uint64_t refused_ = 0;
    std::string last_problem_;
};

}  // namespace parley::simulator

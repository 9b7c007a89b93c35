// Sends what the outbox holds: claims due rows, paces them, writes one request per try, and settles each as sent,
// failed or unknown. Several workers (processes) may run against one database.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <unordered_map>

#include "base/async.hpp"
#include "base/metrics.hpp"
#include "base/time.hpp"
#include "flow/graph_tokens.hpp"
#include "flow/media_uploader.hpp"
#include "flow/pacing.hpp"
#include "store/outbox.hpp"
#include "wa/graph.hpp"

namespace parley::flow {

class OutboxWorker {
  public:
    OutboxWorker(asio::io_context& io, store::Pool& pool, wa::GraphClient& graph, GraphTokens& tokens,
                 MediaUploader& uploader, const Clock& clock, Metrics& metrics);
    OutboxWorker(const OutboxWorker&) = delete;
    OutboxWorker& operator=(const OutboxWorker&) = delete;

    /// Told of each message that Meta took, once that is stored. Before `start`.
    void on_accepted(std::function<void(const store::OutboxItem&)> told) { accepted_ = std::move(told); }
    void start();
    /// Claims nothing more and waits for the sends in progress, for at most `patience`: what is not settled then keeps
    /// its lease, and the next worker finds its outcome unknown. Idempotent.
    awaitable<void> stop(std::chrono::seconds patience);

    /// Tells the worker that there is something to send, and waits until this process has settled the message or
    /// `patience` is over.
    awaitable<void> send_and_wait(MessageId message, std::chrono::milliseconds patience);

  private:
    awaitable<void> run();
    awaitable<void> claim_due();
    awaitable<void> deliver(store::OutboxItem item);
    awaitable<void> attempt(const store::OutboxItem& item);
    awaitable<void> settle(const store::OutboxItem& item, std::int64_t attempt, wa::SendOutcome outcome);
    awaitable<void> settle_refusal(const store::OutboxItem& item, std::int64_t attempt, wa::Refused refusal);
    /// When pacing allows this send; takes its tokens when that is now.
    SteadyTime pace(const store::OutboxItem& item);
    void forget_full_buckets();

    Executor executor_;
    store::Pool& pool_;
    wa::GraphClient& graph_;
    GraphTokens& tokens_;
    MediaUploader& uploader_;
    const Clock& clock_;
    Metrics& metrics_;
    Signal work_;
    Signal idle_;
    bool stopping_ = false;
    bool running_ = false;
    int in_flight_ = 0;
    std::map<std::string, TokenBucket> numbers_;
    std::map<std::pair<std::string, std::string>, TokenBucket> pairs_;
    std::map<std::string, SteadyTime> paused_numbers_;
    std::function<void(const store::OutboxItem&)> accepted_;
    std::unordered_multimap<MessageId, Signal*> waiting_;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace parley::flow

// Takes webhook deliveries in and answers when they are committed. Deliveries that arrive while a commit is in flight
// form the next batch: a lone one commits at once, many share one commit.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.hpp"
#include "base/metrics.hpp"
#include "base/time.hpp"
#include "flow/ingest.hpp"
#include "flow/stored_trust.hpp"

namespace parley::flow {

enum class IntakeOutcome {
    committed,      // everything understood is stored; what is not is journaled
    busy,           // too much is waiting already, or the database is away: the sender should deliver again
    bad_signature,  // nothing is stored: the delivery does not prove that it comes from Meta
    disabled,       // nothing is stored: there is no app secret at all, so nothing can prove it
};

/// Whose deliveries are believed.
struct WebhookTrust {
    std::vector<std::string> app_secrets;  ///< two during a rotation; empty: see allow_unsigned
    bool allow_unsigned = false;           ///< with no secret: believe everybody
    const StoredTrust* stored = nullptr;   ///< secrets of accounts: believed in what is said of these
};

struct IntakeLimits {
    std::size_t batch_deliveries = 128;
    std::size_t second_batch_from = 24;  ///< waiting deliveries that are worth a batch behind one in flight
    std::size_t batch_bytes = 8 * 1024 * 1024;
    std::size_t waiting_deliveries = 20'000;
    std::size_t waiting_bytes = 128 * 1024 * 1024;
};

class Intake {
  public:
    /// `pool` is the intake's own: one connection for known customers, two for the rest and for statistics.
    Intake(asio::io_context& io, store::Pool& pool, const Clock& clock, Metrics& metrics, WebhookTrust trust,
           IntakeLimits limits = {});
    Intake(const Intake&) = delete;
    Intake& operator=(const Intake&) = delete;

    /// `signature` is the value of X-Hub-Signature-256 (empty: none). Returns `committed` only after COMMIT.
    awaitable<IntakeOutcome> accept(std::string body, std::string_view signature);

    /// To be told of every commit that announced files.
    void on_media(std::function<void()> listener) { on_media_ = std::move(listener); }

    std::size_t waiting() const { return queue_.size(); }

  private:
    struct Waiting {
        PendingDelivery pending;
        std::move_only_function<void(IntakeOutcome)> answer;
    };
    void start_batch();
    awaitable<void> store_batch();
    /// A prepared statement keeps the plan that suited its tables when they were small until their statistics are
    /// renewed, which autovacuum does once a minute: a burst into a young database would scan more and more. So they
    /// are renewed whenever the messages have doubled.
    awaitable<void> keep_plans_fresh(std::size_t stored);

    Executor executor_;
    store::Pool& pool_;
    const Clock& clock_;
    Metrics& metrics_;
    WebhookTrust trust_;
    IntakeLimits limits_;
    std::deque<Waiting> queue_;
    std::size_t waiting_bytes_ = 0;
    Directory directory_;
    std::function<void()> on_media_;
    int batches_ = 0;            // in flight
    std::size_t in_flight_ = 0;  // the deliveries in them
    bool renewing_ = false;
    std::int64_t messages_ = -1;  // about how many are stored; -1: not asked yet
    std::int64_t renew_at_ = 0;
};

/// Stores the deliveries, isolating what the database refuses: halves a refused set until single deliveries stand
/// alone, then does the same with the items of a refused delivery; the items that fail alone stay in the raw body of
/// its journal row. Throws DbError only when the database is away.
awaitable<void> ingest_isolating(store::Pool& pool, Directory& directory, std::span<PendingDelivery> deliveries);

}  // namespace parley::flow

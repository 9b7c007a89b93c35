#include "flow/intake.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/log.hpp"
#include "store/deliveries.hpp"
#include "wa/parse.hpp"
#include "wa/signature.hpp"

namespace parley::flow {
namespace {

constexpr int kDeadlockRetries = 3;
constexpr int kBatchesInFlight = 2;
constexpr std::int64_t kFirstStatistics = 64;

bool is_data_error(const store::DbError& error) {
    return error.kind() == store::DbErrorKind::data;
}

/// Deadlocks and the like are tried again at once; the rest is the caller's.
awaitable<void> ingest_retrying(store::Pool& pool, Directory& directory, std::span<const PendingDelivery> deliveries) {
    for (int attempt = 1;; ++attempt) {
        try {
            co_await ingest(pool, directory, deliveries);
            co_return;
        } catch (const store::DbError& error) {
            if (error.kind() != store::DbErrorKind::retryable || attempt > kDeadlockRetries) throw;
            log::warn("ingest_retry", {{"sqlstate", error.sqlstate()}, {"attempt", attempt}});
        }
    }
}

/// Stores some items of a delivery and journals nothing; false when the database refuses one of them.
awaitable<bool> stores(store::Pool& pool, Directory& directory, const PendingDelivery& whole,
                       std::span<const DeliveryItem> items) {
    PendingDelivery part;
    part.vouched_by = whole.vouched_by;
    part.delivery.understood = true;
    part.delivery.items.assign(items.begin(), items.end());
    for (const auto& item : items) part.delivery.numbers.push_back(number_of(item));
    part.received_at = whole.received_at;
    part.replay_of = DeliveryId{0};  // no journal row has this id
    try {
        co_await ingest_retrying(pool, directory, {&part, 1});
        co_return true;
    } catch (const store::DbError& error) {
        if (!is_data_error(error)) throw;
        if (items.size() == 1)
            log::warn("item_refused", {{"sqlstate", error.sqlstate()}, {"constraint", error.constraint()}});
    }
    co_return false;
}

/// Stores what the database takes, in the order of the items, and gives the number of those that it refuses.
awaitable<std::size_t> store_halving(store::Pool& pool, Directory& directory, const PendingDelivery& whole,
                                     std::span<const DeliveryItem> items) {
    if (items.empty()) co_return 0;
    bool stored = co_await stores(pool, directory, whole, items);
    if (stored) co_return 0;
    if (items.size() == 1) co_return 1;
    auto half = items.size() / 2;
    auto first = items.first(half);
    auto second = items.subspan(half);
    auto refused = co_await store_halving(pool, directory, whole, first);
    refused += co_await store_halving(pool, directory, whole, second);
    co_return refused;
}

awaitable<void> ingest_without_refused_items(store::Pool& pool, Directory& directory, PendingDelivery& pending) {
    std::span<const DeliveryItem> items = pending.delivery.items;
    auto refused = co_await store_halving(pool, directory, pending, items);
    pending.items_refused = refused;
    pending.problem =
        std::to_string(refused) + " of " + std::to_string(items.size()) + " items refused by the database";
    pending.journal_only = true;
    co_await ingest_retrying(pool, directory, {&pending, 1});
}

}  // namespace

awaitable<void> ingest_isolating(store::Pool& pool, Directory& directory, std::span<PendingDelivery> deliveries) {
    bool refused = false;
    try {
        co_await ingest_retrying(pool, directory, deliveries);
    } catch (const store::DbError& error) {
        if (!is_data_error(error)) throw;
        refused = true;
        log::warn("batch_refused", {{"sqlstate", error.sqlstate()},
                                    {"constraint", error.constraint()},
                                    {"reason", error.what()},
                                    {"deliveries", deliveries.size()}});
    }
    if (!refused) co_return;
    if (deliveries.size() == 1) {
        co_await ingest_without_refused_items(pool, directory, deliveries.front());
        co_return;
    }
    auto half = deliveries.size() / 2;
    auto first = deliveries.first(half);
    auto second = deliveries.subspan(half);
    co_await ingest_isolating(pool, directory, first);
    co_await ingest_isolating(pool, directory, second);
}

Intake::Intake(asio::io_context& io, store::Pool& pool, const Clock& clock, Metrics& metrics, WebhookTrust trust,
               IntakeLimits limits)
    : executor_(io.get_executor()),
      pool_(pool),
      clock_(clock),
      metrics_(metrics),
      trust_(std::move(trust)),
      limits_(limits) {}

awaitable<IntakeOutcome> Intake::accept(std::string body, std::string_view signature) {
    std::vector<AccountId> vouching;
    if (trust_.app_secrets.empty() && (!trust_.stored || !trust_.stored->has_app_secrets())) {
        if (!trust_.allow_unsigned) co_return IntakeOutcome::disabled;
    } else if (!wa::signature_matches(signature, body, trust_.app_secrets)) {
        if (trust_.stored) vouching = trust_.stored->vouching(signature, body);
        if (vouching.empty()) co_return IntakeOutcome::bad_signature;
    }
    if (queue_.size() >= limits_.waiting_deliveries || waiting_bytes_ + body.size() > limits_.waiting_bytes)
        co_return IntakeOutcome::busy;
    auto now = clock_.now();
    Waiting waiting;
    waiting.pending.delivery = wa::parse_delivery(body, now);
    waiting.pending.received_at = now;
    waiting.pending.body = std::move(body);
    waiting.pending.vouched_by = std::move(vouching);
    waiting_bytes_ += waiting.pending.body.size();

    auto enqueue = [this, &waiting](auto handler) {
        waiting.answer = [handler = std::move(handler)](IntakeOutcome outcome) mutable { std::move(handler)(outcome); };
        queue_.push_back(std::move(waiting));
        start_batch();
    };
    co_return co_await asio::async_initiate<decltype(use_awaitable), void(IntakeOutcome)>(enqueue, use_awaitable);
}

void Intake::start_batch() {
    auto enough = batches_ == 0 ? 1 : std::max(limits_.second_batch_from, in_flight_ / 2);
    if (batches_ == kBatchesInFlight || queue_.size() < enough) return;
    ++batches_;
    asio::co_spawn(executor_, store_batch(), asio::detached);
}

awaitable<void> Intake::keep_plans_fresh(std::size_t stored) {
    renewing_ = true;
    try {
        if (messages_ < 0) {
            messages_ = co_await store::estimated_messages(pool_);
            renew_at_ = std::max(kFirstStatistics, messages_ * 2);
        }
        messages_ += static_cast<std::int64_t>(stored);
        if (messages_ >= renew_at_) {
            renew_at_ = messages_ * 2;
            co_await store::refresh_statistics(pool_);
        }
    } catch (const std::exception& error) {
        log::warn("statistics_not_renewed", {{"reason", error.what()}});
    }
    renewing_ = false;
}

awaitable<void> Intake::store_batch() {
    std::vector<PendingDelivery> batch;
    std::vector<std::move_only_function<void(IntakeOutcome)>> answers;
    std::size_t bytes = 0, items = 0;
    bool has_media = false;
    auto brings_media = [](const DeliveryItem& item) {
        auto* message = std::get_if<IncomingMessage>(&item);
        return message && message->media;
    };
    while (!queue_.empty() && batch.size() < limits_.batch_deliveries &&
           (batch.empty() || bytes + queue_.front().pending.body.size() <= limits_.batch_bytes)) {
        bytes += queue_.front().pending.body.size();
        items += queue_.front().pending.delivery.items.size();
        has_media |= std::ranges::any_of(queue_.front().pending.delivery.items, brings_media);
        batch.push_back(std::move(queue_.front().pending));
        answers.push_back(std::move(queue_.front().answer));
        queue_.pop_front();
    }
    waiting_bytes_ -= bytes;
    in_flight_ += batch.size();
    auto outcome = IntakeOutcome::committed;
    try {
        co_await ingest_isolating(pool_, directory_, batch);
        metrics_.batch_size.Observe(static_cast<double>(batch.size()));
    } catch (const std::exception& error) {
        outcome = IntakeOutcome::busy;
        log::warn("batch_not_stored", {{"deliveries", batch.size()}, {"reason", error.what()}});
    }
    --batches_;
    in_flight_ -= batch.size();
    start_batch();
    if (outcome == IntakeOutcome::committed && has_media && on_media_) on_media_();
    if (outcome == IntakeOutcome::committed && !renewing_)
        asio::co_spawn(executor_, keep_plans_fresh(items), asio::detached);
    for (auto& answer : answers)
        asio::post(executor_, [answer = std::move(answer), outcome]() mutable { answer(outcome); });
}

}  // namespace parley::flow

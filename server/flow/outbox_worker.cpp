#include "flow/outbox_worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/log.hpp"
#include "flow/ingest.hpp"
#include "store/contacts.hpp"
#include "store/media.hpp"

namespace parley::flow {
namespace {

using namespace std::chrono_literals;

constexpr int kMaxInFlight = 32;
/// How often the outbox is looked at without being told: rows of other processes, leases that ran out.
constexpr auto kPoll = 1s;
/// How long a number rests after a limit of its own, and after an error that a person has to mend.
constexpr auto kThroughputPause = 2s;
constexpr auto kAccountPause = 60s;
/// Uploads that fail are tried again after pauses that grow as if one had failed in each such time.
constexpr auto kUploadPause = 20s;

SteadyTime steady_now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

OutboxWorker::OutboxWorker(asio::io_context& io, store::Pool& pool, wa::GraphClient& graph, GraphTokens& tokens,
                           MediaUploader& uploader, const Clock& clock, Metrics& metrics)
    : executor_(io.get_executor()),
      pool_(pool),
      graph_(graph),
      tokens_(tokens),
      uploader_(uploader),
      clock_(clock),
      metrics_(metrics),
      work_(executor_),
      idle_(executor_) {}

void OutboxWorker::start() {
    running_ = true;
    asio::co_spawn(executor_, run(), asio::detached);
}

awaitable<void> OutboxWorker::stop(std::chrono::seconds patience) {
    stopping_ = true;
    work_.notify();
    auto deadline = steady_now() + patience;
    while ((running_ || in_flight_ > 0) && steady_now() < deadline) co_await idle_.wait_for(deadline - steady_now());
}

awaitable<void> OutboxWorker::send_and_wait(MessageId message, std::chrono::milliseconds patience) {
    Signal settled(executor_);
    auto place = waiting_.emplace(message, &settled);
    work_.notify();
    try {
        co_await settled.wait_for(patience);
    } catch (...) {
        waiting_.erase(place);
        throw;
    }
    waiting_.erase(place);
}

awaitable<void> OutboxWorker::run() {
    auto next_rescue = steady_now();
    while (!stopping_) {
        try {
            if (steady_now() >= next_rescue) {
                co_await store::rescue_expired(pool_);
                forget_full_buckets();
                next_rescue = steady_now() + 5s;
            }
            co_await claim_due();
        } catch (const std::exception& error) {
            log::warn("outbox_waits", {{"reason", error.what()}});
        }
        co_await work_.wait_for(kPoll);
    }
    running_ = false;
    idle_.notify();
}

awaitable<void> OutboxWorker::claim_due() {
    while (!stopping_ && in_flight_ < kMaxInFlight) {
        std::vector<std::string> paused;
        std::erase_if(paused_numbers_, [](const auto& entry) { return entry.second <= steady_now(); });
        for (const auto& [number, until] : paused_numbers_) paused.push_back(number);
        auto items = co_await store::claim(pool_, std::move(paused), kMaxInFlight - in_flight_);
        if (items.empty()) co_return;
        for (auto& item : items) {
            ++in_flight_;
            asio::co_spawn(executor_, deliver(std::move(item)), asio::detached);
        }
    }
}

awaitable<void> OutboxWorker::deliver(store::OutboxItem item) {
    try {
        co_await attempt(item);
    } catch (const std::exception& error) {
        // The row keeps its lease; when that runs out the rescue decides by how far it had come.
        log::warn("send_interrupted", {{"outbox_id", item.id.value}, {"reason", error.what()}});
    }
    --in_flight_;
    auto [first, last] = waiting_.equal_range(item.message);
    for (; first != last; ++first) first->second->notify();
    work_.notify();
    idle_.notify();
}

SteadyTime OutboxWorker::pace(const store::OutboxItem& item) {
    auto now = steady_now();
    auto& number = numbers_.try_emplace(item.phone_number_id, kNumberInterval, kNumberBurst, now).first->second;
    auto& pair =
        pairs_.try_emplace({item.phone_number_id, item.recipient}, kPairInterval, kPairBurst, now).first->second;
    auto when = std::max(number.available_at(), pair.available_at());
    if (when <= now) {
        number.take(now);
        pair.take(now);
    }
    return when;
}

void OutboxWorker::forget_full_buckets() {
    auto now = steady_now();
    std::erase_if(numbers_, [&](const auto& entry) { return entry.second.full(now); });
    std::erase_if(pairs_, [&](const auto& entry) { return entry.second.full(now); });
}

awaitable<void> OutboxWorker::attempt(const store::OutboxItem& item) {
    auto when = pace(item);
    if (auto now = steady_now(); when > now) {
        auto available = clock_.now() + std::chrono::ceil<std::chrono::milliseconds>(when - now);
        co_await store::put_back(pool_, item, 0, available, std::nullopt);
        co_return;
    }
    auto token = co_await tokens_.of_number(item.account, item.phone_number_id);
    std::string media_id;
    if (item.media) {
        auto uploaded = co_await uploader_.graph_id_of(item, token);
        if (!uploaded) {
            co_await settle_refusal(item, 0, uploaded.error());
            co_return;
        }
        media_id = std::move(*uploaded);
    }
    auto attempt = co_await store::start_attempt(pool_, item);
    if (!attempt) co_return;
    wa::OutgoingMessage message{item.phone_number_id,
                                item.recipient,
                                item.kind,
                                item.text,
                                item.payload,
                                media_id,
                                item.media_url,
                                item.reply_to,
                                callback_data_of(item.account, item.message)};
    auto outcome = co_await graph_.send(std::move(message), std::move(token));
    co_await settle(item, *attempt, std::move(outcome));
}

awaitable<void> OutboxWorker::settle(const store::OutboxItem& item, std::int64_t attempt, wa::SendOutcome outcome) {
    if (auto* accepted = std::get_if<wa::Accepted>(&outcome)) {
        metrics_.sends.Add({{"outcome", "accepted"}}).Increment();
        co_await store::settle_accepted(pool_, item, attempt, accepted->wamid);
        // Meta may know the number under another spelling, and the customer writes from that.
        if (!accepted->recipient_wa_id.empty() && accepted->recipient_wa_id != item.recipient)
            co_await store::learn_alias(pool_, item.account, item.conversation, accepted->recipient_wa_id);
        if (accepted_) accepted_(item);
    } else if (auto* unknown = std::get_if<wa::OutcomeUnknown>(&outcome)) {
        metrics_.sends.Add({{"outcome", "unknown"}}).Increment();
        log::warn("send_outcome_unknown", {{"message_id", item.message.value}, {"reason", unknown->reason}});
        co_await store::settle_unknown(pool_, item, attempt, unknown->reason);
    } else {
        auto refusal = std::get<wa::Refused>(std::move(outcome));
        co_await settle_refusal(item, attempt, std::move(refusal));
    }
}

awaitable<void> OutboxWorker::settle_refusal(const store::OutboxItem& item, std::int64_t attempt, wa::Refused refusal) {
    // An attempt of 0 is an upload that failed before there was one: those count by their age.
    auto tries = attempt != 0 ? attempt : 1 + (clock_.now() - item.created_at) / kUploadPause;
    auto spent = attempt >= kMaxAttempts || clock_.now() - item.created_at > kMaxAge;
    auto remedy = spent && refusal.remedy != wa::Remedy::fix_account ? wa::Remedy::give_up : refusal.remedy;
    std::chrono::milliseconds delay{0};
    switch (remedy) {
        case wa::Remedy::give_up:
            break;
        case wa::Remedy::retry: {
            std::uniform_real_distribution<double> jitter(0, 1);
            delay = retry_delay(tries, jitter(random_));
            break;
        }
        case wa::Remedy::slow_pair:
            delay = pair_delay(tries);
            break;
        case wa::Remedy::slow_number:
            delay = kThroughputPause;
            paused_numbers_[item.phone_number_id] = steady_now() + kThroughputPause;
            break;
        case wa::Remedy::fix_account:
            delay = kAccountPause;
            paused_numbers_[item.phone_number_id] = steady_now() + kAccountPause;
            log::error("number_paused", {{"phone_number_id", item.phone_number_id}, {"code", refusal.error.code}});
            break;
    }
    if (refusal.retry_after) delay = std::max<std::chrono::milliseconds>(delay, *refusal.retry_after);
    log::warn("send_refused", {{"message_id", item.message.value},
                               {"code", refusal.error.code},
                               {"http_status", refusal.http_status},
                               {"attempt", attempt},
                               {"retry_in_ms", delay.count()}});
    if (remedy == wa::Remedy::give_up) {
        metrics_.sends.Add({{"outcome", "refused"}}).Increment();
        // Meta may have lost the copy of the file: an agent's second try begins with another one.
        if (item.media) co_await store::drop_upload(pool_, item.account, *item.media, item.phone_number_id);
        co_await store::settle_refused(pool_, item, attempt, refusal.error);
    } else {
        metrics_.sends.Add({{"outcome", "retried"}}).Increment();
        co_await store::put_back(pool_, item, attempt, clock_.now() + delay, refusal.error);
    }
}

}  // namespace parley::flow

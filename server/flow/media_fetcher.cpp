#include "flow/media_fetcher.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "domain/media_kinds.hpp"

namespace parley::flow {
namespace {

using namespace std::chrono_literals;

constexpr int kMaxInFlight = 4;
/// How often is looked without being told: files announced by other processes, leases that ran out.
constexpr auto kPoll = 1s;
constexpr auto kAccountPause = 60s;
constexpr std::int64_t kMismatchTries = 4;

/// Meta blocks lookups that fail too often (360dialog, media): the pauses grow quickly.
std::chrono::milliseconds back_off(std::int64_t attempt, double jitter) {
    constexpr std::array<std::chrono::milliseconds, 10> kPauses{500ms, 1s, 2s, 4s, 8s, 30s, 2min, 10min, 30min, 60min};
    auto pause = kPauses.at(static_cast<std::size_t>(std::clamp<std::int64_t>(attempt, 1, kPauses.size()) - 1));
    return pause + std::chrono::duration_cast<std::chrono::milliseconds>(pause * jitter / 4);
}

}  // namespace

bool is_same_hash(std::string_view claimed, std::string_view sha256) {
    if (claimed.empty()) return true;
    if (claimed.size() == sha256.size()) {
        auto lower = [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + ('a' - 'A')) : c; };
        return std::ranges::equal(claimed, sha256, {}, lower);
    }
    return to_base64(from_hex(sha256).value_or("")) == claimed;
}

MediaFetcher::MediaFetcher(asio::io_context& io, store::Pool& pool, wa::GraphClient& graph, GraphTokens& tokens,
                           media::FileStore& files, const Clock& clock)
    : executor_(io.get_executor()),
      pool_(pool),
      graph_(graph),
      tokens_(tokens),
      files_(files),
      clock_(clock),
      work_(executor_),
      idle_(executor_) {}

void MediaFetcher::start() {
    running_ = true;
    asio::co_spawn(executor_, run(), asio::detached);
}

awaitable<void> MediaFetcher::stop(std::chrono::seconds patience) {
    stopping_ = true;
    work_.notify();
    auto deadline = std::chrono::steady_clock::now() + patience;
    while ((running_ || in_flight_ > 0) && std::chrono::steady_clock::now() < deadline)
        co_await idle_.wait_for(deadline - std::chrono::steady_clock::now());
}

awaitable<void> MediaFetcher::run() {
    while (!stopping_) {
        try {
            co_await claim_due();
        } catch (const std::exception& error) {
            log::warn("media_waits", {{"reason", error.what()}});
        }
        co_await work_.wait_for(kPoll);
    }
    running_ = false;
    idle_.notify();
}

awaitable<void> MediaFetcher::claim_due() {
    while (!stopping_ && in_flight_ < kMaxInFlight) {
        auto jobs = co_await store::claim_media(pool_, kMaxInFlight - in_flight_);
        if (jobs.empty()) co_return;
        for (auto& job : jobs) {
            ++in_flight_;
            asio::co_spawn(executor_, fetch(std::move(job)), asio::detached);
        }
    }
}

awaitable<void> MediaFetcher::fetch(store::MediaJob job) {
    try {
        co_await attempt(job);
    } catch (const std::exception& error) {
        // The row keeps its lease, after which it is tried again.
        log::warn("media_interrupted", {{"media_id", job.id.value}, {"reason", error.what()}});
    }
    --in_flight_;
    work_.notify();
    idle_.notify();
}

awaitable<void> MediaFetcher::attempt(store::MediaJob job) {
    auto token = co_await tokens_.of_number(job.account, job.phone_number_id);
    if (token.empty()) {
        co_await later(job, kAccountPause, "no_token", "No Graph token is configured for this number.", false);
        co_return;
    }
    std::error_code disk;
    std::string away;
    try {
        auto file = std::make_shared<TempFile>(files_.folder());
        auto sink = [file, &disk](std::string_view bytes) {
            try {
                file->write(bytes);
            } catch (const std::system_error& error) {
                disk = error.code();
                throw;
            }
        };
        auto facts = co_await graph_.download(job.graph_id, job.phone_number_id, token, sink);
        if (facts)
            co_await settle(job, std::move(*facts), std::move(file));
        else if (!disk)
            co_await refused(job, facts.error());
    } catch (const std::system_error& error) {
        disk = error.code();
    } catch (const media::BucketAway& error) {
        away = error.what();
    }
    if (disk) away = disk.message();
    if (away.empty()) co_return;
    log::error("media_not_stored", {{"media_id", job.id.value}, {"reason", away}});
    co_await later(job, kAccountPause, "disk", "The server could not store the file: " + away + ".");
}

awaitable<void> MediaFetcher::settle(store::MediaJob job, wa::MediaFacts facts, std::shared_ptr<TempFile> file) {
    auto stored = co_await files_.keep(std::move(file));
    if (!is_same_hash(job.claimed_sha256, stored.sha256) || !is_same_hash(facts.sha256, stored.sha256)) {
        if (job.attempts < kMismatchTries) {
            std::uniform_real_distribution<double> jitter(0, 1);
            co_await later(job, back_off(job.attempts, jitter(random_)), "mismatch", "The file arrived damaged.");
        } else {
            co_await store::settle_failed(pool_, job, "mismatch",
                                          "The file does not have the checksum that WhatsApp announced.");
        }
        co_return;
    }
    auto claimed = job.claimed_type.empty() ? facts.mime_type : job.claimed_type;
    co_await store::settle_stored(pool_, job, stored.sha256, settled_media_type(stored.sniffed, claimed), stored.size);
    log::info("media_stored", {{"media_id", job.id.value}, {"bytes", stored.size}, {"attempt", job.attempts}});
}

awaitable<void> MediaFetcher::refused(store::MediaJob job, wa::Refused refusal) {
    log::warn("media_refused", {{"media_id", job.id.value},
                                {"code", refusal.error.code},
                                {"http_status", refusal.http_status},
                                {"attempt", job.attempts}});
    auto detail = refusal.error.details.empty() ? refusal.error.title : refusal.error.details;
    if (refusal.remedy == wa::Remedy::give_up) {
        bool gone = refusal.error.code == 100 || refusal.error.code == 33;
        co_await store::settle_failed(pool_, job, gone ? "expired" : "refused",
                                      gone ? "WhatsApp no longer has this file." : detail);
        co_return;
    }
    std::uniform_real_distribution<double> jitter(0, 1);
    auto delay = back_off(job.attempts, jitter(random_));
    bool account = refusal.remedy == wa::Remedy::fix_account || refusal.remedy == wa::Remedy::slow_number;
    if (account) delay = std::max<std::chrono::milliseconds>(delay, kAccountPause);
    if (refusal.retry_after) delay = std::max<std::chrono::milliseconds>(delay, *refusal.retry_after);
    co_await later(job, delay, "unavailable", detail, !account);
}

awaitable<void> MediaFetcher::later(store::MediaJob job, std::chrono::milliseconds delay, std::string code,
                                    std::string detail, bool counts) {
    auto when = clock_.now() + delay;
    bool forgotten = job.expires_at && when > *job.expires_at;
    if (forgotten)
        co_await store::settle_failed(pool_, job, "expired", "WhatsApp keeps files for 7 days; until then: " + detail);
    else
        co_await store::postpone(pool_, job, when, code, detail, counts);
}

}  // namespace parley::flow

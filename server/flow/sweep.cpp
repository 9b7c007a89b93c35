#include "flow/sweep.hpp"

#include "base/log.hpp"
#include "store/deliveries.hpp"

namespace parley::flow {

awaitable<void> sweep(Executor executor, store::Pool& pool, media::FileStore& files, const Clock& clock,
                      std::chrono::days journal_kept) {
    constexpr int kMinutesBetweenFiles = 60;
    for (int minute = 1;; ++minute) {
        co_await sleep_for(executor, std::chrono::minutes(1));
        try {
            auto now = clock.now();
            co_await store::delete_older(pool, now - journal_kept, now - kParkedUpdatesKept);
            if (minute % kMinutesBetweenFiles == 0) co_await files.forget_local_copies();
        } catch (const std::exception& error) {
            log::warn("sweep_failed", {{"reason", error.what()}});
        }
    }
}

}  // namespace parley::flow

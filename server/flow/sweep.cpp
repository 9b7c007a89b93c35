#include "flow/sweep.hpp"

#include "base/log.hpp"
#include "store/deliveries.hpp"

namespace parley::flow {

awaitable<void> sweep(Executor executor, store::Pool& pool, const Clock& clock, std::chrono::days journal_kept) {
    for (;;) {
        co_await sleep_for(executor, std::chrono::minutes(1));
        try {
            auto now = clock.now();
            co_await store::delete_older(pool, now - journal_kept, now - kParkedUpdatesKept);
        } catch (const store::DbError& error) {
            log::warn("sweep_failed", {{"reason", error.what()}});
        }
    }
}

}  // namespace parley::flow

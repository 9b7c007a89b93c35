// Housekeeping: old journal rows, parked updates and local copies of files in a bucket are deleted.
#pragma once

#include "base/async.hpp"
#include "base/time.hpp"
#include "media/file_store.hpp"
#include "store/pool.hpp"

namespace parley::flow {

/// Parked updates of messages that never came: statuses of other applications' sends, mostly. Meta delivers again for
/// at most 7 days (reference, section 3.2).
inline constexpr std::chrono::days kParkedUpdatesKept{8};

/// Sweeps once a minute until the io_context stops.
awaitable<void> sweep(Executor executor, store::Pool& pool, media::FileStore& files, const Clock& clock,
                      std::chrono::days journal_kept);

}  // namespace parley::flow

// What the doctor asks the database: how it is set up, and what lies in it that should not lie there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/pool.hpp"

namespace parley::store {

struct DatabaseFacts {
    std::string version;              ///< "15.8 (Debian ...)"
    std::int64_t version_number = 0;  ///< 150008
    bool fsync = true;
    bool synchronous_commit = true;
    bool full_page_writes = true;
    std::int64_t free_connections = 0;  ///< for users who are not superusers
    std::string folder;                 ///< where it keeps its data, if on this machine; empty: not known
};
awaitable<DatabaseFacts> database_facts(Pool& pool);

struct WorkFacts {
    std::optional<TimePoint> newest_delivery;
    std::int64_t dead = 0;  ///< deliveries of the last 7 days
    std::int64_t partial = 0;
    std::int64_t unknown = 0;        ///< sends of which nobody knows whether Meta has them
    std::int64_t waiting = 0;        ///< sends that have waited for more than 5 minutes
    std::int64_t files_waiting = 0;  ///< the same of files to fetch
};
awaitable<WorkFacts> work_facts(Pool& pool, AccountId account);

/// SHA-256 (hex) of a few of the files that were stored last.
awaitable<std::vector<std::string>> newest_files(Pool& pool, AccountId account);

}  // namespace parley::store

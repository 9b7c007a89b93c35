// Brings a database to the schema of this binary. Blocking: runs before the event loop.
#pragma once

#include <string>

namespace parley::store {

struct MigrationReport {
    int from = 0;  ///< the schema version found; 0 for an empty or original database
    int to = 0;
};

/// Applies what is missing, each migration in a transaction, under an advisory lock: a second server waits. Throws
/// std::runtime_error with a message for people when the database cannot be reached, is newer than this binary, or does
/// not keep what it commits (fsync or synchronous_commit off) and `allow_unsafe` is false.
MigrationReport migrate(const std::string& conninfo, bool allow_unsafe = false);

/// The schema version that this binary needs.
int schema_version();

}  // namespace parley::store

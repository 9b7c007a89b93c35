// Failures of the database, sorted by what the caller can do about them.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace parley::store {

enum class DbErrorKind {
    retryable,  // deadlock, serialisation failure, lock timeout: the same work may succeed at once
    data,       // the values themselves are refused (constraint, encoding, size): the same work fails again
    gone,       // no connection, shutting down, read-only, out of disk or connections, timed out: try later
    bug,        // a wrong statement; never expected
};

class DbError : public std::runtime_error {
  public:
    DbError(DbErrorKind kind, std::string sqlstate, std::string constraint, const std::string& what)
        : std::runtime_error(what), kind_(kind), sqlstate_(std::move(sqlstate)), constraint_(std::move(constraint)) {}
    DbErrorKind kind() const { return kind_; }
    const std::string& sqlstate() const { return sqlstate_; }      ///< five characters; empty without a server's answer
    const std::string& constraint() const { return constraint_; }  ///< the violated constraint; empty when none

  private:
    DbErrorKind kind_;
    std::string sqlstate_;
    std::string constraint_;
};

/// PostgreSQL's table of error codes (appendix A of its manual).
DbErrorKind kind_of_sqlstate(std::string_view sqlstate);

}  // namespace parley::store

// A blocking PostgreSQL session, for checks and for the baseline. Every error is thrown.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace parley::bench {

class Rows {
  public:
    explicit Rows(PGresult* result) : result_(result) {}
    int size() const { return PQntuples(result_.get()); }
    std::string_view text(int row, int column) const;
    /// 0 for NULL.
    std::int64_t integer(int row, int column) const;

  private:
    struct Clear {
        void operator()(PGresult* result) const { PQclear(result); }
    };
    std::unique_ptr<PGresult, Clear> result_;
};

class Database {
  public:
    explicit Database(const std::string& conninfo);

    /// Runs one statement with text parameters.
    Rows query(const std::string& sql, std::span<const std::string> parameters = {});
    /// Runs several statements, separated by semicolons, without parameters.
    void script(const std::string& sql);
    void prepare(const std::string& name, const std::string& sql);
    /// Runs a prepared statement with binary parameters.
    void execute(const std::string& name, std::span<const std::string> parameters);

    /// So that every run begins with the same state of the write-ahead log; nothing happens without the right to do it.
    void checkpoint();

    /// The process that started this session's server process, 0 when that is on another machine.
    int postmaster();

  private:
    [[noreturn]] void fail() const;
    Rows checked(PGresult* result) const;

    struct Finish {
        void operator()(PGconn* connection) const { PQfinish(connection); }
    };
    std::unique_ptr<PGconn, Finish> connection_;
};

/// Arrays in PostgreSQL's binary form.
std::string binary_array(std::span<const std::string> values, bool bytea);
std::string binary_array(std::span<const std::int64_t> values);
std::string binary_integer(std::int64_t value);

}  // namespace parley::bench

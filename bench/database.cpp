#include "bench/database.hpp"

#include <charconv>
#include <stdexcept>
#include <vector>

#include "bench/process.hpp"

namespace parley::bench {

namespace {

constexpr std::uint32_t kBytea = 17, kBigint = 20, kText = 25;

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
}

// One dimension, no nulls, indexes from 1.
std::string array_head(std::uint32_t type, std::size_t count) {
    std::string out;
    for (const std::uint64_t word :
         {std::uint64_t{1}, std::uint64_t{0}, std::uint64_t{type}, std::uint64_t{count}, std::uint64_t{1}})
        append_big_endian(out, word, 4);
    return out;
}

}  // namespace

std::string_view Rows::text(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::int64_t Rows::integer(int row, int column) const {
    const std::string_view digits = text(row, column);
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

Database::Database(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str())) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) fail();
    PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
}

void Database::fail() const {
    throw std::runtime_error(PQerrorMessage(connection_.get()));
}

Rows Database::checked(PGresult* result) const {
    const ExecStatusType status = PQresultStatus(result);
    Rows rows(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) fail();
    return rows;
}

Rows Database::query(const std::string& sql, std::span<const std::string> parameters) {
    std::vector<const char*> values;
    for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
    return checked(PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                                nullptr, nullptr, 0));
}

void Database::script(const std::string& sql) {
    checked(PQexec(connection_.get(), sql.c_str()));
}

void Database::prepare(const std::string& name, const std::string& sql) {
    checked(PQprepare(connection_.get(), name.c_str(), sql.c_str(), 0, nullptr));
}

void Database::execute(const std::string& name, std::span<const std::string> parameters) {
    std::vector<const char*> values;
    std::vector<int> lengths;
    for (const std::string& parameter : parameters) {
        values.push_back(parameter.data());
        lengths.push_back(static_cast<int>(parameter.size()));
    }
    const std::vector<int> formats(values.size(), 1);
    checked(PQexecPrepared(connection_.get(), name.c_str(), static_cast<int>(values.size()), values.data(),
                           lengths.data(), formats.data(), 0));
}

void Database::checkpoint() {
    PQclear(PQexec(connection_.get(), "CHECKPOINT"));
}

int Database::postmaster() {
    const int pid = PQbackendPID(connection_.get());
    return process_name(pid).starts_with("postgres") ? parent_of(pid) : 0;
}

std::string binary_array(std::span<const std::string> values, bool bytea) {
    std::string out = array_head(bytea ? kBytea : kText, values.size());
    for (const std::string& value : values) {
        append_big_endian(out, value.size(), 4);
        out += value;
    }
    return out;
}

std::string binary_array(std::span<const std::int64_t> values) {
    std::string out = array_head(kBigint, values.size());
    for (const std::int64_t value : values) {
        append_big_endian(out, 8, 4);
        append_big_endian(out, static_cast<std::uint64_t>(value), 8);
    }
    return out;
}

std::string binary_integer(std::int64_t value) {
    std::string out;
    append_big_endian(out, static_cast<std::uint64_t>(value), 8);
    return out;
}

}  // namespace parley::bench

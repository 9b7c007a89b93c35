#include "store/rows.hpp"

#include <charconv>
#include <stdexcept>

namespace parley::store {

Rows::Rows(PGresult* result) : result_(result), size_(static_cast<std::size_t>(PQntuples(result))) {
    columns_.reserve(static_cast<std::size_t>(PQnfields(result)));
    for (int i = 0; i < PQnfields(result); ++i) columns_.emplace_back(PQfname(result, i));
}

std::int64_t Rows::affected() const {
    std::string_view text = result_ ? PQcmdTuples(result_.get()) : "";
    std::int64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

std::optional<std::string_view> Rows::cell(int row, std::string_view column) const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (columns_[i] != column) continue;
        int field = static_cast<int>(i);
        if (PQgetisnull(result_.get(), row, field)) return std::nullopt;
        return std::string_view(PQgetvalue(result_.get(), row, field),
                                static_cast<std::size_t>(PQgetlength(result_.get(), row, field)));
    }
    throw std::logic_error("the result has no column " + std::string(column));
}

namespace detail {

void throw_null(std::string_view column) {
    throw std::logic_error("unexpected NULL in column " + std::string(column));
}

std::int64_t to_int64(std::string_view text, std::string_view column) {
    std::int64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        throw std::logic_error("column " + std::string(column) + " is no integer");
    return value;
}

TimePoint to_time(std::string_view text, std::string_view column) {
    auto time = parse_utc(text);
    if (!time) throw std::logic_error("column " + std::string(column) + " is no UTC time");
    return *time;
}

}  // namespace detail

}  // namespace parley::store

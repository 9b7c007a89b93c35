#include "store/params.hpp"

namespace parley::store {
namespace {

// Object ids of the element types: src/include/catalog/pg_type.dat of PostgreSQL; fixed for ever.
constexpr std::uint32_t kBoolOid = 16, kByteaOid = 17, kInt8Oid = 20, kTextOid = 25, kTimestamptzOid = 1184;
constexpr std::size_t kHeaderSize = 20;

/// PostgreSQL counts from 2000-01-01.
constexpr TimePoint kPostgresEpoch{std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}};

void write32(char* at, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<char>(value >> shift);
}

}  // namespace

Column::Column(std::uint32_t element_oid, std::size_t reserve) {
    bytes_.reserve(kHeaderSize + reserve);
    put32(1);  // dimensions
    put32(0);  // has nulls: set by take
    put32(element_oid);
    put32(0);  // length: set by take
    put32(1);  // lower bound
}

Column Column::of_text(std::size_t expected) {
    return Column(kTextOid, expected * 24);
}
Column Column::of_bytes(std::size_t expected) {
    return Column(kByteaOid, expected * 512);
}
Column Column::of_int64(std::size_t expected) {
    return Column(kInt8Oid, expected * 12);
}
Column Column::of_bool(std::size_t expected) {
    return Column(kBoolOid, expected * 5);
}
Column Column::of_time(std::size_t expected) {
    return Column(kTimestamptzOid, expected * 12);
}

void Column::put32(std::uint32_t value) {
    char buffer[4];
    write32(buffer, value);
    bytes_.append(buffer, 4);
}

void Column::put64(std::uint64_t value) {
    put32(static_cast<std::uint32_t>(value >> 32));
    put32(static_cast<std::uint32_t>(value));
}

void Column::add(std::string_view text) {
    put32(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
    ++count_;
}

void Column::add(std::int64_t value) {
    put32(8);
    put64(static_cast<std::uint64_t>(value));
    ++count_;
}

void Column::add(bool value) {
    put32(1);
    bytes_ += static_cast<char>(value);
    ++count_;
}

void Column::add(TimePoint time) {
    add(static_cast<std::int64_t>((time - kPostgresEpoch).count()));
}

void Column::add_null() {
    put32(0xffffffff);
    has_null_ = true;
    ++count_;
}

std::string Column::take() && {
    write32(bytes_.data() + 4, has_null_ ? 1 : 0);
    write32(bytes_.data() + 12, count_);
    return std::move(bytes_);
}

Params& Params::add(std::string_view text) {
    values_.push_back({std::string(text), false, false});
    return *this;
}

Params& Params::add(std::int64_t value) {
    return add(std::string_view(std::to_string(value)));
}

Params& Params::add(TimePoint time) {
    return add(std::string_view(to_rfc3339(time)));
}

Params& Params::add(Bytes bytes) {
    values_.push_back({std::string(bytes.data), false, true});
    return *this;
}

Params& Params::add(Column column) {
    values_.push_back({std::move(column).take(), false, true});
    return *this;
}

Params& Params::add_null() {
    values_.push_back({{}, true, false});
    return *this;
}

}  // namespace parley::store

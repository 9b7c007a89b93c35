// Rows of a result, read by column name.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace parley::store {

class Rows;

/// A view of one row; valid as long as its Rows.
class Row {
  public:
    /// The value of a column as std::string, std::string_view, std::int64_t, int, bool, TimePoint, an Id, or
    /// std::optional of these. NULL in a column read as a plain type, an unknown column and an unreadable value throw
    /// std::logic_error: they are mistakes in a query.
    template <class T>
    T get(std::string_view column) const;

  private:
    friend class Rows;
    Row(const Rows& rows, int index) : rows_(&rows), index_(index) {}
    const Rows* rows_;
    int index_;
};

class Rows {
  public:
    Rows() = default;
    explicit Rows(PGresult* result);

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    Row operator[](std::size_t index) const { return Row(*this, static_cast<int>(index)); }
    Row front() const { return (*this)[0]; }
    /// Rows changed by a statement without RETURNING.
    std::int64_t affected() const;

    class Iterator {
      public:
        Iterator(const Rows& rows, std::size_t index) : rows_(&rows), index_(index) {}
        Row operator*() const { return (*rows_)[index_]; }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        bool operator!=(const Iterator& other) const { return index_ != other.index_; }

      private:
        const Rows* rows_;
        std::size_t index_;
    };
    Iterator begin() const { return {*this, 0}; }
    Iterator end() const { return {*this, size_}; }

  private:
    friend class Row;
    std::optional<std::string_view> cell(int row, std::string_view column) const;
    struct Clear {
        void operator()(PGresult* result) const { PQclear(result); }
    };
    std::unique_ptr<PGresult, Clear> result_;
    std::vector<std::string_view> columns_;
    std::size_t size_ = 0;
};

namespace detail {

[[noreturn]] void throw_null(std::string_view column);
std::int64_t to_int64(std::string_view text, std::string_view column);
TimePoint to_time(std::string_view text, std::string_view column);

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_id : std::false_type {};
template <class Tag>
struct is_id<Id<Tag>> : std::true_type {};

template <class T>
T convert(std::string_view text, std::string_view column) {
    if constexpr (std::is_same_v<T, std::string_view>) {
        return text;
    } else if constexpr (std::is_same_v<T, std::string>) {
        return std::string(text);
    } else if constexpr (std::is_same_v<T, bool>) {
        return text == "t";
    } else if constexpr (std::is_same_v<T, TimePoint>) {
        return to_time(text, column);
    } else if constexpr (is_id<T>::value) {
        return T{to_int64(text, column)};
    } else {
        static_assert(std::is_integral_v<T>);
        return static_cast<T>(to_int64(text, column));
    }
}

}  // namespace detail

template <class T>
T Row::get(std::string_view column) const {
    auto text = rows_->cell(index_, column);
    if constexpr (detail::is_optional<T>::value) {
        if (!text) return std::nullopt;
        return detail::convert<typename T::value_type>(*text, column);
    } else {
        if (!text) detail::throw_null(column);
        return detail::convert<T>(*text, column);
    }
}

}  // namespace parley::store

// Parameters of a statement. Scalars travel as text, arrays in PostgreSQL's binary form (no quoting, no escaping).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace parley::store {

/// A raw byte string, as opposed to text.
struct Bytes {
    std::string_view data;
};

/// A binary PostgreSQL array under construction, one column of a set-based statement.
class Column {
  public:
    static Column of_text(std::size_t expected = 0);
    static Column of_bytes(std::size_t expected = 0);
    static Column of_int64(std::size_t expected = 0);
    static Column of_bool(std::size_t expected = 0);
    static Column of_time(std::size_t expected = 0);

    void add(std::string_view text);
    void add(std::int64_t value);
    void add(bool value);
    void add(TimePoint time);
    void add_null();
    /// Empty text becomes NULL.
    void add_nullable(std::string_view text) { text.empty() ? add_null() : add(text); }
    template <class Tag>
    void add(Id<Tag> id) {
        add(id.value);
    }
    // Without this a string literal would pick the bool overload.
    void add(const char* text) { add(std::string_view(text)); }

    std::size_t size() const { return count_; }
    std::string take() &&;  ///< the finished array value

  private:
    explicit Column(std::uint32_t element_oid, std::size_t reserve);
    void put32(std::uint32_t value);
    void put64(std::uint64_t value);
    std::string bytes_;
    std::uint32_t count_ = 0;
    bool has_null_ = false;
};

class Params {
  public:
    Params& add(std::string_view text);
    Params& add(const char* text) { return add(std::string_view(text)); }
    Params& add(const std::string& text) { return add(std::string_view(text)); }
    Params& add(std::int64_t value);
    Params& add(int value) { return add(static_cast<std::int64_t>(value)); }
    Params& add(bool value) { return add(value ? std::string_view("t") : std::string_view("f")); }
    Params& add(TimePoint time);
    Params& add(Bytes bytes);
    Params& add(Column column);
    Params& add_null();
    Params& add_nullable(std::string_view text) { return text.empty() ? add_null() : add(text); }
    template <class Tag>
    Params& add(Id<Tag> id) {
        return add(id.value);
    }
    template <class T>
    Params& add(const std::optional<T>& value) {
        return value ? add(*value) : add_null();
    }

    struct Value {
        std::string data;
        bool null = false;
        bool binary = false;
    };
    const std::vector<Value>& values() const { return values_; }

  private:
    std::vector<Value> values_;
};

}  // namespace parley::store

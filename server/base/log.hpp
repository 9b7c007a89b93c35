// JSON lines on standard error: {"time":...,"level":...,"event":...,<fields>}. Ids, sizes, codes and durations only:
// never message text, names, phone numbers, tokens or secrets.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace parley::log {

using Value = std::variant<std::string_view, std::int64_t, double, bool>;

struct Field {
    std::string_view name;
    Value value;
    Field(std::string_view n, std::string_view v) : name(n), value(v) {}
    Field(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
    Field(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
    Field(std::string_view n, bool v) : name(n), value(v) {}
    Field(std::string_view n, double v) : name(n), value(v) {}
    template <class Integer>
        requires std::is_integral_v<Integer>
    Field(std::string_view n, Integer v) : name(n), value(static_cast<std::int64_t>(v)) {}
};

using Fields = std::initializer_list<Field>;

/// "debug", "info", "warn" or "error"; unknown names throw std::invalid_argument.
void set_level(std::string_view level);

/// `event` is a stable snake_case name to search for, e.g. "webhook_rejected".
void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warn(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});

}  // namespace parley::log

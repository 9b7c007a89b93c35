// One flat JSON object on one line, numbers in plain decimal notation.
#pragma once

#include <boost/json.hpp>
#include <concepts>
#include <cstdio>
#include <string>
#include <string_view>

namespace parley::bench {

/// A number with so many digits after the point.
inline std::string decimal(double value, int digits) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

class JsonLine {
  public:
    JsonLine& add(std::string_view name, std::string_view value) {
        return raw(name, boost::json::serialize(boost::json::value(value)));
    }
    JsonLine& add(std::string_view name, std::integral auto value) { return raw(name, std::to_string(value)); }
    JsonLine& add(std::string_view name, double value, int digits = 3) { return raw(name, decimal(value, digits)); }
    JsonLine& flag(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
    JsonLine& raw(std::string_view name, std::string_view json) {
        text_.append(text_.empty() ? "{\"" : ",\"").append(name).append("\":").append(json);
        return *this;
    }

    std::string text() const { return text_.empty() ? "{}" : text_ + "}"; }
    void print() const {
        std::puts(text().c_str());
        std::fflush(stdout);
    }

  private:
    std::string text_;
};

}  // namespace parley::bench

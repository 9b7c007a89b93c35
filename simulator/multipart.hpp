// multipart/form-data (RFC 7578), as file uploads come.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::simulator {

struct Part {
    std::string name;
    std::string filename;      ///< empty: not a file
    std::string content_type;  ///< empty: none given
    std::string body;
};

/// Empty when the content type has no boundary or the body is not well-formed; at most 32 parts.
std::optional<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body);

}  // namespace parley::simulator

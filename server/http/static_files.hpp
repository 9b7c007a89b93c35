// Files that the binary carries, answered compressed, with validators (RFC 9110, sections 8.8.3 and 12.5.3).
#pragma once

#include <span>
#include <string_view>

#include "http/message.hpp"

namespace parley::http {

/// Made while the program is built. The text outlives the program's use of it.
struct StaticFile {
    std::string_view path;          ///< as in the URL: "/assets/index-4f2a.js"
    std::string_view content_type;  ///< with charset where it is text
    std::string_view entity_tag;    ///< with its quotes
    bool immutable = false;         ///< the name changes with the content: it may be kept for ever
    std::string_view identity;
    std::string_view brotli;  ///< empty: not worth it
    std::string_view gzip;    ///< the same
};

/// nullptr when there is none.
const StaticFile* find_file(std::span<const StaticFile> files, std::string_view path);

/// 200 in the best coding that the client takes, or 304.
Response file_response(const Request& request, const StaticFile& file);

}  // namespace parley::http

// Which part of a file a request asks for (RFC 9110, sections 13 and 14), and the answer with that part.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "http/message.hpp"
#include "http/open_file.hpp"

namespace parley::http {

struct FileRange {
    unsigned status = 200;  ///< 200: the whole; 206: one range; 304: the client has it; 416: there is no such part
    std::uint64_t offset = 0;
    std::uint64_t length = 0;       ///< 0 for 304 and 416
    std::vector<Header> headers{};  ///< ETag, Last-Modified, Accept-Ranges and, for 206 and 416, Content-Range
};

/// `entity_tag` with its quotes, `size` in bytes. Several ranges, other units and malformed fields get the whole, as do
/// ranges of another version (If-Range) and of methods other than GET.
FileRange file_range(const Request& request, std::uint64_t size, std::string_view entity_tag, TimePoint last_modified);

/// The answer that file_range means, with the file as its body; 416 as a problem. The caller adds Cache-Control and
/// Content-Disposition. `last_modified` is the file's own.
Response file_range_response(const Request& request, std::shared_ptr<const OpenFile> file, std::string content_type,
                             std::string_view entity_tag);

/// Whether If-None-Match lists the tag (weak comparison) or says "*".
bool lists_entity_tag(std::string_view if_none_match, std::string_view entity_tag);

}  // namespace parley::http

// File names in headers (RFC 6266): read from those who send files, written for those who download them.
#pragma once

#include <string>
#include <string_view>

namespace parley::api {

/// The name that a Content-Disposition field gives, without folders, control characters and marks that turn the
/// direction of text around; at most 240 characters. Empty when there is none that can be read.
std::string file_name_of(std::string_view content_disposition);

/// "inline" or "attachment" with the name in both forms: for old readers in ASCII, for all others in UTF-8.
std::string content_disposition(bool shown_inline, std::string_view file_name);

}  // namespace parley::api

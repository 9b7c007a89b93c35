// What Meta takes as which kind of file, and what browsers may show in place (reference, section 12).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace parley {

/// The part of a MIME type before its parameters, in lower case: "audio/ogg; codecs=opus" is "audio/ogg".
std::string mime_essence(std::string_view mime_type);

/// What bytes are that libmagic calls `sniffed` and their sender `claimed`. The bytes win, except where they cannot
/// tell: sound in an MP4 container, office files that look like any ZIP archive.
std::string settled_media_type(std::string_view sniffed, std::string_view claimed);

/// "image", "video", "audio", "sticker" or "document", by which a file of this type is sent unless somebody says
/// otherwise.
std::string_view media_kind_of(std::string_view type);

/// The largest file that Meta takes as this kind, in bytes.
std::int64_t media_limit_of(std::string_view kind);
inline constexpr std::int64_t kLargestFile = 100 * 1024 * 1024;

/// Errc::unsupported_type or Errc::too_large, naming the rule, when Meta would not take such a file as this kind;
/// Errc::invalid_argument for a word that is no kind.
Result<void> check_media(std::string_view kind, std::string_view type, std::int64_t size);

/// True when a browser may show it in place: a picture, film or sound of a type that cannot hold a script, and of the
/// sort that its sender said. Everything else is a download.
bool shows_inline(std::string_view type, std::string_view claimed);

}  // namespace parley

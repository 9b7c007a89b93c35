// What Meta takes as media: kinds, MIME types, limits (reference, section 12), and what the bytes of a file are.
#pragma once

#include <cstddef>
#include <string_view>

namespace parley::simulator {

/// A MIME type without its parameters and spaces.
std::string_view bare_type(std::string_view mime_type);

/// The kind Meta sorts a MIME type into: "image", "video", "audio", "document", "sticker"; empty when not supported.
std::string_view media_kind(std::string_view mime_type);

/// The largest file of that kind, in bytes. Of stickers the larger limit, that of animated ones.
std::size_t media_limit(std::string_view kind);

/// Whether a file that was uploaded as this type begins like one. Only types with a signature can be told apart; of
/// others everything fits.
bool bytes_fit(std::string_view mime_type, std::string_view bytes);

/// A WebP image with more than one frame.
bool is_animated_webp(std::string_view bytes);

}  // namespace parley::simulator

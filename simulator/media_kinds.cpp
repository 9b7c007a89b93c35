#include "simulator/media_kinds.hpp"

#include <array>
#include <utility>

namespace parley::simulator {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kKinds{
    {{"image/jpeg", "image"},
     {"image/png", "image"},
     {"image/webp", "sticker"},
     {"video/mp4", "video"},
     {"video/3gpp", "video"},
     {"audio/aac", "audio"},
     {"audio/amr", "audio"},
     {"audio/mpeg", "audio"},
     {"audio/mp4", "audio"},
     {"audio/ogg", "audio"},
     {"text/plain", "document"},
     {"application/pdf", "document"},
     {"application/msword", "document"},
     {"application/vnd.ms-excel", "document"},
     {"application/vnd.ms-powerpoint", "document"},
     {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document"},
     {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "document"},
     {"application/vnd.openxmlformats-officedocument.presentationml.presentation", "document"}}};

struct Signature {
    std::string_view type;
    std::size_t at;
    std::string_view bytes;
};
constexpr std::array<Signature, 10> kSignatures{{{"image/jpeg", 0, "\xff\xd8\xff"},
                                                 {"image/png", 0, "\x89PNG\r\n\x1a\n"},
                                                 {"image/webp", 8, "WEBP"},
                                                 {"video/mp4", 4, "ftyp"},
                                                 {"video/3gpp", 4, "ftyp"},
                                                 {"audio/mp4", 4, "ftyp"},
                                                 {"audio/amr", 0, "#!AMR"},
                                                 {"audio/ogg", 0, "OggS"},
                                                 {"application/pdf", 0, "%PDF-"},
                                                 {"application/msword", 0, "\xd0\xcf\x11\xe0"}}};

}  // namespace

std::string_view bare_type(std::string_view mime_type) {
    auto bare = mime_type.substr(0, mime_type.find(';'));
    while (bare.ends_with(' ')) bare.remove_suffix(1);
    return bare;
}

std::string_view media_kind(std::string_view mime_type) {
    auto bare = bare_type(mime_type);
    for (auto [type, kind] : kKinds) {
        if (type == bare) return kind;
    }
    return {};
}

std::size_t media_limit(std::string_view kind) {
    constexpr std::size_t kMiB = 1024 * 1024;
    if (kind == "image") return 5 * kMiB;
    if (kind == "sticker") return 500 * 1024;
    if (kind == "video" || kind == "audio") return 16 * kMiB;
    return 100 * kMiB;
}

bool bytes_fit(std::string_view mime_type, std::string_view bytes) {
    auto bare = bare_type(mime_type);
    for (const auto& signature : kSignatures) {
        if (signature.type != bare) continue;
        return bytes.size() > signature.at && bytes.substr(signature.at).starts_with(signature.bytes);
    }
    return true;
}

bool is_animated_webp(std::string_view bytes) {
    // The extended header's flags: bit 1 says that there are frames.
    return bytes.size() > 20 && bytes.substr(8, 8) == "WEBPVP8X" && (static_cast<unsigned char>(bytes[20]) & 2U) != 0;
}

}  // namespace parley::simulator

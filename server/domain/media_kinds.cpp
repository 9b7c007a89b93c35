#include "domain/media_kinds.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace parley {
namespace {

constexpr std::int64_t kMegabyte = 1024 * 1024;

struct Accepted {
    std::string_view type;
    std::string_view kind;
};

constexpr auto kAccepted = std::to_array<Accepted>({
    {"image/jpeg", "image"},
    {"image/png", "image"},
    {"video/mp4", "video"},
    {"video/3gpp", "video"},
    {"audio/aac", "audio"},
    {"audio/amr", "audio"},
    {"audio/mpeg", "audio"},
    {"audio/mp4", "audio"},
    {"audio/ogg", "audio"},
    {"image/webp", "sticker"},
});

struct Limit {
    std::string_view kind;
    std::int64_t bytes;
    std::string_view words;
    std::string_view types;
};

constexpr auto kLimits = std::to_array<Limit>({
    {"image", 5 * kMegabyte, "5 MB", "JPEG or PNG"},
    {"video", 16 * kMegabyte, "16 MB", "MP4 or 3GPP"},
    {"audio", 16 * kMegabyte, "16 MB", "AAC, AMR, MP3, M4A or OGG with Opus"},
    {"sticker", 500 * 1024, "500 KB", "WebP"},
    {"document", kLargestFile, "100 MB", "anything"},
});

/// Names of libmagic for types that have a registered one.
constexpr auto kRegistered = std::to_array<std::array<std::string_view, 2>>({
    {"audio/x-m4a", "audio/mp4"},
    {"audio/x-hx-aac-adts", "audio/aac"},
    {"audio/x-hx-aac-adif", "audio/aac"},
    {"application/ogg", "audio/ogg"},
    {"video/x-m4v", "video/mp4"},
    {"video/3gpp2", "video/3gpp"},
    {"text/x-msdos-batch", "text/plain"},
});

const Limit* find_limit(std::string_view kind) {
    auto found = std::ranges::find(kLimits, kind, &Limit::kind);
    return found == kLimits.end() ? nullptr : &*found;
}

std::string_view family(std::string_view type) {
    return type.substr(0, type.find('/'));
}

std::string megabytes(std::int64_t bytes) {
    auto tenths = (bytes * 10 + kMegabyte - 1) / kMegabyte;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

}  // namespace

std::string mime_essence(std::string_view mime_type) {
    mime_type = mime_type.substr(0, mime_type.find(';'));
    std::string out;
    for (char c : mime_type)
        if (c > ' ' && c < '\x7f') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

std::string settled_media_type(std::string_view sniffed, std::string_view claimed) {
    auto type = mime_essence(sniffed);
    for (const auto& [name, registered] : kRegistered)
        if (type == name) type = registered;
    auto said = mime_essence(claimed);
    if (family(type) == "video" && family(said) == "audio" && type != "video/webm") return "audio/mp4";
    bool archive = type == "application/zip" || type == "application/octet-stream" ||
                   type == "application/x-ole-storage" || type == "application/cdfv2";
    bool office = said.starts_with("application/vnd.openxmlformats-officedocument.") ||
                  said.starts_with("application/vnd.ms-") || said == "application/msword";
    if (archive && office) return said;
    return type.empty() ? "application/octet-stream" : type;
}

std::string_view media_kind_of(std::string_view type) {
    auto found = std::ranges::find(kAccepted, type, &Accepted::type);
    return found == kAccepted.end() ? "document" : found->kind;
}

std::int64_t media_limit_of(std::string_view kind) {
    const auto* limit = find_limit(kind);
    return limit ? limit->bytes : 0;
}

Result<void> check_media(std::string_view kind, std::string_view type, std::int64_t size) {
    const auto* limit = find_limit(kind);
    if (!limit)
        return failure(Errc::invalid_argument, "kind must be image, video, audio, document or sticker.", "kind");
    if (kind != "document" && media_kind_of(type) != kind)
        return failure(Errc::unsupported_type, "WhatsApp takes as " + std::string(kind) + " only " +
                                                   std::string(limit->types) + "; this file is " + std::string(type) +
                                                   ". It can be sent as a document.");
    if (size == 0) return failure(Errc::invalid_argument, "The file is empty.", "body");
    if (size > limit->bytes)
        return failure(Errc::too_large, "WhatsApp takes " + std::string(kind) + " files of at most " +
                                            std::string(limit->words) + "; this one has " + megabytes(size) + ".");
    return {};
}

bool shows_inline(std::string_view type, std::string_view claimed) {
    constexpr std::array<std::string_view, 1> kAlso{"image/gif"};
    bool harmless = media_kind_of(type) != "document" || std::ranges::find(kAlso, type) != kAlso.end();
    auto said = mime_essence(claimed);
    return harmless && (said.empty() || family(said) == family(type));
}

}  // namespace parley

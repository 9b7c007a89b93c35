#include "simulator/media_store.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/crypto.hpp"
#include "simulator/meta_ids.hpp"

namespace parley::simulator {
namespace {

constexpr auto kUrlLife = std::chrono::minutes{5};

constexpr char kPicture[] = {
#embed "phone/sample.png"
};
constexpr char kVoiceNote[] = {
#embed "phone/sample.ogg"
};
constexpr char kDocument[] = {
#embed "phone/sample.pdf"
};

}  // namespace

std::shared_ptr<const MediaFile> MediaStore::add(std::string mime_type, std::string filename, std::string bytes) {
    auto hash = sha256(bytes);
    auto file = std::make_shared<const MediaFile>(MediaFile{.id = new_object_id(),
                                                            .mime_type = std::move(mime_type),
                                                            .filename = std::move(filename),
                                                            .bytes = std::move(bytes),
                                                            .sha256_raw = std::string(as_text(hash))});
    total_ += file->bytes.size();
    files_[file->id] = file;
    oldest_first_.push_back(file->id);
    while (total_ > kMaxTotal && oldest_first_.size() > 1) remove(std::string(oldest_first_.front()));
    return file;
}

std::shared_ptr<const MediaFile> MediaStore::find(std::string_view id) const {
    auto found = files_.find(std::string(id));
    return found == files_.end() ? nullptr : found->second;
}

bool MediaStore::remove(std::string_view id) {
    auto found = files_.find(std::string(id));
    if (found == files_.end()) return false;
    total_ -= found->second->bytes.size();
    std::erase(oldest_first_, found->first);
    files_.erase(found);
    return true;
}

void MediaStore::clear() {
    files_.clear();
    oldest_first_.clear();
    total_ = 0;
}

std::string MediaStore::url_hash(std::string_view id, std::string_view expires) const {
    auto hash = hmac_sha256(url_key_, std::string(id) + ":" + std::string(expires));
    return "ATt" + to_base64url(as_text(hash));
}

std::string MediaStore::url_target(std::string_view id, TimePoint now) const {
    auto expires = std::to_string(std::chrono::floor<std::chrono::seconds>(now + kUrlLife).time_since_epoch().count());
    return "/whatsapp_business/attachments/?mid=" + std::string(id) + "&ext=" + expires +
           "&hash=" + url_hash(id, expires);
}

bool MediaStore::url_valid(std::string_view id, std::string_view expires, std::string_view hash, TimePoint now) const {
    std::int64_t seconds = 0;
    auto [end, error] = std::from_chars(expires.data(), expires.data() + expires.size(), seconds);
    if (error != std::errc{} || end != expires.data() + expires.size()) return false;
    return equal_constant_time(hash, url_hash(id, expires)) && now < from_unix_seconds(seconds);
}

std::string_view media_kind(std::string_view mime_type) {
    auto bare = mime_type.substr(0, mime_type.find(';'));
    while (bare.ends_with(' ')) bare.remove_suffix(1);
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

std::string_view sample_bytes(std::string_view kind) {
    if (kind == "audio") return {kVoiceNote, sizeof kVoiceNote};
    if (kind == "document") return {kDocument, sizeof kDocument};
    return {kPicture, sizeof kPicture};
}

}  // namespace parley::simulator

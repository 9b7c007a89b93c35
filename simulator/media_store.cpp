#include "simulator/media_store.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/crypto.hpp"
#include "simulator/meta_ids.hpp"

namespace parley::simulator {
namespace {

constexpr std::chrono::hours kReceivedLife{7 * 24};
constexpr std::chrono::hours kUploadedLife{30 * 24};

constexpr char kPicture[] = {
#embed "phone/sample.png"
};
constexpr char kVideo[] = {
#embed "phone/sample.mp4"
};
constexpr char kVoiceNote[] = {
#embed "phone/sample.ogg"
};
constexpr char kDocument[] = {
#embed "phone/sample.pdf"
};
constexpr char kSticker[] = {
#embed "phone/sample.webp"
};

}  // namespace

std::shared_ptr<const MediaFile> MediaStore::add(MediaOrigin origin, std::string_view phone_number_id,
                                                 std::string mime_type, std::string filename, std::string bytes) {
    auto hash = sha256(bytes);
    auto life = origin == MediaOrigin::customer ? kReceivedLife : kUploadedLife;
    auto file = std::make_shared<const MediaFile>(MediaFile{.id = new_object_id(),
                                                            .phone_number_id = std::string(phone_number_id),
                                                            .mime_type = std::move(mime_type),
                                                            .filename = std::move(filename),
                                                            .bytes = std::move(bytes),
                                                            .sha256_raw = std::string(as_text(hash)),
                                                            .expires_at = clock_.now() + life});
    total_ += file->bytes.size();
    files_[file->id] = file;
    oldest_first_.push_back(file->id);
    while (total_ > kMaxTotal && oldest_first_.size() > 1) remove(std::string(oldest_first_.front()));
    return file;
}

std::shared_ptr<const MediaFile> MediaStore::find_kept(std::string_view id) const {
    auto found = files_.find(std::string(id));
    return found == files_.end() ? nullptr : found->second;
}

std::shared_ptr<const MediaFile> MediaStore::find(std::string_view id) const {
    auto file = find_kept(id);
    return file != nullptr && clock_.now() < file->expires_at ? file : nullptr;
}

bool MediaStore::remove(std::string_view id) {
    auto found = files_.find(std::string(id));
    if (found == files_.end()) return false;
    total_ -= found->second->bytes.size();
    std::erase(oldest_first_, found->first);
    files_.erase(found);
    return true;
}

bool MediaStore::expire(std::string_view id) {
    auto found = files_.find(std::string(id));
    if (found == files_.end()) return false;
    auto expired = std::make_shared<MediaFile>(*found->second);
    expired->expires_at = clock_.now();
    found->second = std::move(expired);
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

std::string MediaStore::url_target(std::string_view id, std::chrono::seconds life) const {
    auto end = std::chrono::floor<std::chrono::seconds>(clock_.now() + life);
    auto expires = std::to_string(end.time_since_epoch().count());
    return "/whatsapp_business/attachments/?mid=" + std::string(id) + "&ext=" + expires +
           "&hash=" + url_hash(id, expires);
}

bool MediaStore::url_valid(std::string_view id, std::string_view expires, std::string_view hash) const {
    std::int64_t seconds = 0;
    auto [end, error] = std::from_chars(expires.data(), expires.data() + expires.size(), seconds);
    if (error != std::errc{} || end != expires.data() + expires.size()) return false;
    return equal_constant_time(hash, url_hash(id, expires)) && clock_.now() < from_unix_seconds(seconds);
}

std::string_view sample_bytes(std::string_view kind) {
    if (kind == "video") return {kVideo, sizeof kVideo};
    if (kind == "audio") return {kVoiceNote, sizeof kVoiceNote};
    if (kind == "document") return {kDocument, sizeof kDocument};
    if (kind == "sticker") return {kSticker, sizeof kSticker};
    return {kPicture, sizeof kPicture};
}

}  // namespace parley::simulator

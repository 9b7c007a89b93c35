// Media files of both directions, in memory.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/json.hpp"
#include "base/time.hpp"

namespace parley::simulator {

struct MediaFile {
    std::string id;
    std::string mime_type;  ///< as announced, parameters kept
    std::string filename;   ///< may be empty
    std::string bytes;
    std::string sha256_raw;
};

/// At most kMaxTotal bytes; the oldest files go first.
class MediaStore {
  public:
    static constexpr std::size_t kMaxTotal = 64 * 1024 * 1024;
    static constexpr std::size_t kMaxFile = 20 * 1024 * 1024;

    /// `url_key` signs download URLs.
    explicit MediaStore(std::string url_key) : url_key_(std::move(url_key)) {}

    std::shared_ptr<const MediaFile> add(std::string mime_type, std::string filename, std::string bytes);
    std::shared_ptr<const MediaFile> find(std::string_view id) const;
    bool remove(std::string_view id);
    void clear();
    std::size_t total() const { return total_; }

    /// The path and query under which a file can be downloaded for five minutes, as Meta does it.
    std::string url_target(std::string_view id, TimePoint now) const;
    bool url_valid(std::string_view id, std::string_view expires, std::string_view hash, TimePoint now) const;

  private:
    std::string url_hash(std::string_view id, std::string_view expires) const;

    std::string url_key_;
    std::size_t total_ = 0;
    std::deque<std::string> oldest_first_;
    std::unordered_map<std::string, std::shared_ptr<const MediaFile>> files_;
};

/// The kind Meta sorts a MIME type into: "image", "video", "audio", "document", "sticker"; empty when not supported.
std::string_view media_kind(std::string_view mime_type);
/// The largest file of that kind, in bytes.
std::size_t media_limit(std::string_view kind);

/// Small files for the sample messages: a picture, a voice note, a document.
std::string_view sample_bytes(std::string_view kind);

}  // namespace parley::simulator

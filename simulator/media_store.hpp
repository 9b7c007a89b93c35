// Media files of both directions, in memory.
#pragma once

#include <chrono>
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
    std::string phone_number_id;  ///< the business number that it was sent to, or uploaded for
    std::string mime_type;        ///< as announced, parameters kept
    std::string filename;         ///< may be empty
    std::string bytes;
    std::string sha256_raw;
    TimePoint expires_at;
};

/// Who brought a file: what customers send is kept 7 days, what the business uploads 30 days (reference, section 12).
enum class MediaOrigin { customer, business };

/// At most kMaxTotal bytes; the oldest files go first. A file whose id has expired is not found any more.
class MediaStore {
  public:
    static constexpr std::size_t kMaxTotal = 256 * 1024 * 1024;
    static constexpr std::size_t kMaxFile = 100 * 1024 * 1024;

    /// `url_key` signs download URLs.
    MediaStore(const Clock& clock, std::string url_key) : clock_(clock), url_key_(std::move(url_key)) {}

    std::shared_ptr<const MediaFile> add(MediaOrigin origin, std::string_view phone_number_id, std::string mime_type,
                                         std::string filename, std::string bytes);
    /// nullptr when unknown, deleted or expired.
    std::shared_ptr<const MediaFile> find(std::string_view id) const;
    /// Also of a file whose id has expired: the phones still show it.
    std::shared_ptr<const MediaFile> find_kept(std::string_view id) const;
    bool remove(std::string_view id);
    /// From now on the id is unknown. False when there is no such file.
    bool expire(std::string_view id);
    void clear();
    std::size_t total() const { return total_; }

    /// The path and query under which a file can be downloaded for that long, as Meta does it.
    std::string url_target(std::string_view id, std::chrono::seconds life) const;
    bool url_valid(std::string_view id, std::string_view expires, std::string_view hash) const;

  private:
    std::string url_hash(std::string_view id, std::string_view expires) const;

    const Clock& clock_;
    std::string url_key_;
    std::size_t total_ = 0;
    std::deque<std::string> oldest_first_;
    std::unordered_map<std::string, std::shared_ptr<const MediaFile>> files_;
};

/// Small files for the sample messages: "image", "video", "audio", "document", "sticker".
std::string_view sample_bytes(std::string_view kind);

}  // namespace parley::simulator

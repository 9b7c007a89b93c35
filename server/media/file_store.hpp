// Where the bytes of files are: a folder, each file once under its SHA-256, whoever sent it and however often. With a
// bucket (media/bucket.hpp) the folder is only what was used lately, and the bucket has everything.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/async.hpp"
#include "base/temp_file.hpp"
#include "media/bucket.hpp"

namespace parley::media {

/// A file that is stored. `sha256` in lower-case hex.
struct StoredFile {
    std::string sha256;
    std::string sniffed;  ///< see sniff()
    std::int64_t size = 0;
};

inline constexpr std::chrono::hours kLocalCopies{7 * 24};

class FileStore {
  public:
    /// Makes the folder; throws std::filesystem::filesystem_error when that is not possible. Left-overs of a crash are
    /// removed.
    /// With a `bucket` the folder keeps what was used within kLocalCopies.
    explicit FileStore(std::filesystem::path folder, std::unique_ptr<Bucket> bucket = nullptr);
    ~FileStore();
    FileStore(const FileStore&) = delete;
    FileStore& operator=(const FileStore&) = delete;

    /// Where unfinished files are written.
    const std::filesystem::path& folder() const { return folder_; }

    /// Keeps the file under its hash: on disk (fsync), and in the bucket if there is one, when this returns. Throws
    /// std::system_error (a full disk), BucketAway.
    awaitable<StoredFile> keep(std::shared_ptr<TempFile> file);

    /// Where the file can be read; empty when it is not there. Fetched from the bucket if need be; throws as keep does.
    awaitable<std::optional<std::filesystem::path>> locate(std::string sha256);

    /// Removes local copies of what the bucket has and nobody used lately. Reads the whole folder, on a thread.
    awaitable<void> forget_local_copies();

    /// What a file's name is made of is a hash, never what somebody sent.
    std::filesystem::path path_of(const std::string& sha256) const;

  private:
    std::filesystem::path folder_;
    std::unique_ptr<Bucket> bucket_;
    asio::thread_pool threads_{1};
};

}  // namespace parley::media

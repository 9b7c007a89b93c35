// A file that is being received: it has a random name in the folder where it may stay, and is gone unless it is kept.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace parley {

/// The names of these files start with it, so that what a crash left over is told from what was kept.
inline constexpr std::string_view kTempFilePrefix = "unfinished-";

/// Errors throw std::system_error; a full disk is one of them (see is_disk_full).
class TempFile {
  public:
    /// A new, empty file in `folder`, which is there already. Only the owner may read and write it.
    explicit TempFile(const std::filesystem::path& folder);
    /// Removes the file unless it was kept.
    ~TempFile();
    TempFile(const TempFile&) = delete;
    TempFile& operator=(const TempFile&) = delete;

    /// Appends to the page cache; waits for the disk only when the system has too much to write already.
    void write(std::string_view bytes);
    std::uint64_t size() const { return size_; }
    /// Where it is now: after keep_as, where it was kept.
    const std::filesystem::path& path() const { return path_; }

    /// Moves it to `target` (same file system; a file there is replaced) so that it outlives a crash: file and folder
    /// are on disk afterwards. Blocks for as long as the disk takes: call it on a thread. Nothing can be written after
    /// it. When only the last step fails (the folder's fsync) the whole file is at `target` nevertheless.
    void keep_as(const std::filesystem::path& target);

  private:
    std::filesystem::path path_;
    int descriptor_ = -1;
    std::uint64_t size_ = 0;
    bool kept_ = false;
};

/// Removes the TempFiles in `folder` to which nothing was written for `age`, and returns how many there were. None when
/// the folder is absent. Other processes may be receiving into the same folder: `age` is longer than any pause of
/// theirs.
std::size_t remove_stale(const std::filesystem::path& folder, std::chrono::seconds age);

/// True for the errors which say that there is no room: disk, quota or the process's limit on file sizes.
bool is_disk_full(const std::error_code& error);

}  // namespace parley

#include "base/temp_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/crypto.hpp"

namespace parley {
namespace {

constexpr std::size_t kRandomBytes = 16;

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::system_category(), what);
}

void sync_folder(const std::filesystem::path& folder) {
    int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) fail("open the folder of a kept file");
    bool synced = ::fsync(descriptor) == 0;
    int reason = errno;
    ::close(descriptor);
    errno = reason;
    if (!synced) fail("fsync of a folder");
}

}  // namespace

TempFile::TempFile(const std::filesystem::path& folder)
    : path_(folder / (std::string(kTempFilePrefix) + to_hex(random_bytes(kRandomBytes)))),
      descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) fail("create a temporary file");
}

TempFile::~TempFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!kept_) ::unlink(path_.c_str());
}

void TempFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        auto count = ::write(descriptor_, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("write to a temporary file");
        bytes.remove_prefix(static_cast<std::size_t>(count));
        size_ += static_cast<std::uint64_t>(count);
    }
}

void TempFile::keep_as(const std::filesystem::path& target) {
    if (::fsync(descriptor_) != 0) fail("fsync of a temporary file");
    if (::rename(path_.c_str(), target.c_str()) != 0) fail("rename a temporary file");
    path_ = target;
    kept_ = true;
    ::close(std::exchange(descriptor_, -1));
    sync_folder(target.parent_path());
}

std::size_t remove_stale(const std::filesystem::path& folder, std::chrono::seconds age) {
    namespace fs = std::filesystem;
    if (!fs::exists(folder)) return 0;
    const auto oldest = fs::file_time_type::clock::now() - age;
    std::size_t removed = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (!entry.path().filename().string().starts_with(kTempFilePrefix)) continue;
        std::error_code gone;
        auto written = entry.last_write_time(gone);
        if (!gone && written <= oldest && fs::remove(entry.path())) ++removed;
    }
    return removed;
}

bool is_disk_full(const std::error_code& error) {
    return error == std::errc::no_space_on_device || error == std::errc::file_too_large ||
           error == std::error_code(EDQUOT, std::system_category());
}

}  // namespace parley

#include "http/open_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace parley::http {
namespace {

[[noreturn]] void fail(int reason, const char* what) {
    throw std::system_error(reason, std::system_category(), what);
}

}  // namespace

// Without O_NONBLOCK a named pipe would hold the thread until somebody writes to it.
OpenFile::OpenFile(const std::filesystem::path& path)
    : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
    if (descriptor_ < 0) fail(errno, "open a file to be sent");
    struct stat about{};
    int reason = ::fstat(descriptor_, &about) != 0 ? errno : S_ISREG(about.st_mode) ? 0 : EISDIR;
    if (reason != 0) {
        ::close(descriptor_);
        fail(reason, "open a file to be sent");
    }
    size_ = static_cast<std::uint64_t>(about.st_size);
    modified_ = from_unix_seconds(about.st_mtim.tv_sec) + std::chrono::microseconds(about.st_mtim.tv_nsec / 1000);
}

OpenFile::~OpenFile() {
    ::close(descriptor_);
}

std::size_t OpenFile::read_at(std::uint64_t offset, std::span<char> room) const {
    while (true) {
        auto count = ::pread(descriptor_, room.data(), room.size(), static_cast<off_t>(offset));
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR) fail(errno, "read a file to be sent");
    }
}

FilePart whole_file(const std::filesystem::path& path) {
    auto file = std::make_shared<const OpenFile>(path);
    auto size = file->size();
    return {.file = std::move(file), .offset = 0, .length = size};
}

}  // namespace parley::http

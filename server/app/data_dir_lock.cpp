#include "app/data_dir_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace parley::app {
namespace {

std::string holder_in(int file) {
    std::array<char, 32> text{};
    auto size = pread(file, text.data(), text.size(), 0);
    std::string holder(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    return holder.substr(0, holder.find('\n'));
}

}  // namespace

DataDirLock::DataDirLock(const std::filesystem::path& data_dir) {
    try {
        file_ = FileDescriptor::open(data_dir / "parley.lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    } catch (const std::system_error& error) {
        throw std::runtime_error("Parley cannot write to its data directory " + data_dir.string() + " (" +
                                 error.code().message() +
                                 "). Give the directory to the user that runs Parley, or choose another one.");
    }
    if (flock(file_.get(), LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK) throw std::system_error(errno, std::generic_category(), "flock parley.lock");
        auto holder = holder_in(file_.get());
        throw std::runtime_error("The data directory " + data_dir.string() + " is in use by another Parley (process " +
                                 (holder.empty() ? "unknown" : holder) +
                                 "). Stop that one first, or choose another one.");
    }
    auto holder = std::to_string(getpid()) + "\n";
    if (ftruncate(file_.get(), 0) < 0 ||
        pwrite(file_.get(), holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size()))
        throw std::runtime_error("Parley cannot write to its data directory " + data_dir.string() +
                                 ". Is its disk full?");
}

}  // namespace parley::app

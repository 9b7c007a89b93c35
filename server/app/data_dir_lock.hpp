// One Parley per data directory.
#pragma once

#include <filesystem>

#include "app/process.hpp"

namespace parley::app {

/// Held for as long as the object lives; the kernel lets go of it when the process ends, however it ends.
class DataDirLock {
  public:
    /// Locks <data_dir>/parley.lock, which names the process that holds it. Throws std::runtime_error with a message
    /// for people when another Parley holds it or the directory cannot be written.
    explicit DataDirLock(const std::filesystem::path& data_dir);

  private:
    FileDescriptor file_;
};

}  // namespace parley::app

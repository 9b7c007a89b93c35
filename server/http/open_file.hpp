// A file to be sent: as the body of an answer (message.hpp) or as a part of a request's (client.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "base/time.hpp"
#include "http/message.hpp"

namespace parley::http {

/// Open for as long as something refers to it, so that its bytes stay readable when its name is taken away meanwhile.
class OpenFile {
  public:
    /// Throws std::system_error: std::errc::no_such_file_or_directory when there is none, is_a_directory for whatever
    /// is no plain file.
    explicit OpenFile(const std::filesystem::path& path);
    ~OpenFile();
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    std::uint64_t size() const { return size_; }  ///< bytes, when it was opened
    TimePoint modified() const { return modified_; }

    /// Reads into `room` and returns how much; 0 at the end. Throws std::system_error.
    std::size_t read_at(std::uint64_t offset, std::span<char> room) const;

  private:
    int descriptor_;
    std::uint64_t size_ = 0;
    TimePoint modified_{};
};

/// All of it. Throws as OpenFile does.
FilePart whole_file(const std::filesystem::path& path);

}  // namespace parley::http

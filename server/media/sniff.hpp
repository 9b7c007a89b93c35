// What a file is, by its bytes.
#pragma once

#include <filesystem>
#include <string>

namespace parley::media {

/// The MIME type that libmagic sees in the beginning of the file, without parameters. Reads the file: not on the loop's
/// thread. Throws std::runtime_error when libmagic has no database, std::system_error when the file cannot be read.
std::string sniff(const std::filesystem::path& path);

}  // namespace parley::media

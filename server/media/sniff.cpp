#include "media/sniff.hpp"

#include <magic.h>

#include <fstream>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace parley::media {
namespace {

/// Enough for every type that is shown or sent as more than a document; libmagic itself looks no further.
constexpr std::size_t kLookedAt = 256 * 1024;

struct Close {
    void operator()(magic_set* cookie) const { magic_close(cookie); }
};

}  // namespace

std::string sniff(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string head(kLookedAt, '\0');
    if (!file.read(head.data(), static_cast<std::streamsize>(head.size())) && !file.eof())
        throw std::system_error(errno, std::generic_category(), "reading a file");
    head.resize(static_cast<std::size_t>(file.gcount()));
    // A cookie for each call: one may not be shared by threads, and the database is mapped, not read.
    std::unique_ptr<magic_set, Close> cookie(
        magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TOKENS));
    if (!cookie || magic_load(cookie.get(), nullptr) != 0) throw std::runtime_error("libmagic has no database");
    const char* type = magic_buffer(cookie.get(), head.data(), head.size());
    return type ? type : "application/octet-stream";
}

}  // namespace parley::media

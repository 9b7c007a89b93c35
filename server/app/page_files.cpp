#include "app/page_files.hpp"

namespace parley::app {
namespace {

template <std::size_t Size>
std::string_view text_of(const char (&bytes)[Size]) {
    return {bytes, Size - 1};
}

#include <page_files.inc>

}  // namespace

std::span<const http::StaticFile> page_files() {
    return kPageFiles;
}

}  // namespace parley::app

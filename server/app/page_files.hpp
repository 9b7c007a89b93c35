// The built inbox page, carried by the binary (tools/pack-web).
#pragma once

#include <span>

#include "http/static_files.hpp"

namespace parley::app {

std::span<const http::StaticFile> page_files();

}  // namespace parley::app

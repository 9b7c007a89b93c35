// Where the tests find contract/fixtures.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.hpp"

namespace parley::simulator {

inline std::filesystem::path fixtures() {
    return std::filesystem::path(__FILE__).parent_path().parent_path() / "contract" / "fixtures";
}

inline json::value read_fixture(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    auto parsed = json::parse(text.str());
    return parsed ? *parsed : json::value();
}

}  // namespace parley::simulator

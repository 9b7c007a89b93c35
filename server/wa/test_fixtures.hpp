// The recorded and documented bodies under contract/fixtures, for the tests of this room.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#ifndef PARLEY_FIXTURES
#define PARLEY_FIXTURES "contract/fixtures"
#endif

namespace parley::wa {

/// `name` like "webhooks/message-text.json".
inline std::string fixture(const std::string& name) {
    std::ifstream file(std::filesystem::path(PARLEY_FIXTURES) / name, std::ios::binary);
    if (!file) throw std::runtime_error("no fixture " + name);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The names of a folder's JSON files, in order.
inline std::vector<std::string> fixtures_in(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(PARLEY_FIXTURES) / folder))
        if (entry.path().extension() == ".json") names.push_back(folder + "/" + entry.path().filename().string());
    std::ranges::sort(names);
    return names;
}

}  // namespace parley::wa

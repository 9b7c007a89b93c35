#include "app/postgres_binaries.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <vector>

#include "app/process.hpp"

namespace parley::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPreferred = "15";

bool holds_programs(const fs::path& folder) {
    return access((folder / "postgres").c_str(), X_OK) == 0 && access((folder / "initdb").c_str(), X_OK) == 0;
}

/// "postgres (PostgreSQL) 15.8 (Debian ...)" -> "15"; empty when the program says something else.
std::string major_version(std::string_view line) {
    constexpr std::string_view kBefore = "(PostgreSQL) ";
    auto at = line.find(kBefore);
    if (at == std::string_view::npos) return {};
    line.remove_prefix(at + kBefore.size());
    return std::string(line.substr(0, line.find_first_not_of("0123456789")));
}

std::string ask_version(const fs::path& folder) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) < 0) throw std::system_error(errno, std::generic_category(), "pipe");
    FileDescriptor answer{ends[0]};
    FileDescriptor output{ends[1]};
    auto process = Process::spawn({folder / "postgres", {"--version"}, {}, {}, output.get(), {}});
    if (!process.ends_within(std::chrono::seconds(5))) {
        process.signal(SIGKILL);
        process.ends_within(std::chrono::seconds(5));
        return {};
    }
    output = FileDescriptor();
    std::array<char, 256> line{};
    auto size = read(answer.get(), line.data(), line.size());
    return major_version({line.data(), size > 0 ? static_cast<std::size_t>(size) : 0});
}

/// Debian: /usr/lib/postgresql/15/bin. Red Hat: /usr/pgsql-15/bin.
void add_by_name(std::vector<PostgresBinaries>& found, const fs::path& parent, std::string_view prefix) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(parent, ignored)) {
        auto name = entry.path().filename().string();
        if (!name.starts_with(prefix)) continue;
        auto version = name.substr(prefix.size());
        bool numbered = !version.empty() && version.find_first_not_of("0123456789") == std::string::npos;
        if (numbered && holds_programs(entry.path() / "bin")) found.push_back({entry.path() / "bin", version});
    }
}

void add_by_asking(std::vector<PostgresBinaries>& found, const fs::path& folder) {
    if (!holds_programs(folder)) return;
    auto version = ask_version(folder);
    if (!version.empty()) found.push_back({folder, version});
}

int number(const std::string& version) {
    int result = 0;
    std::from_chars(version.data(), version.data() + version.size(), result);
    return result;
}

std::vector<PostgresBinaries> find_all(const fs::path& folder) {
    std::vector<PostgresBinaries> found;
    if (!folder.empty()) {
        add_by_asking(found, folder);
        return found;
    }
    add_by_name(found, "/usr/lib/postgresql", "");
    add_by_name(found, "/usr", "pgsql-");
    if (found.empty())
        for (const auto* usual : {"/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"}) add_by_asking(found, usual);
    return found;
}

}  // namespace

PostgresBinaries find_postgres(const std::optional<std::string>& version, const fs::path& folder) {
    auto found = find_all(folder);
    auto fitting = std::ranges::find(found, version.value_or(std::string(kPreferred)), &PostgresBinaries::version);
    if (fitting != found.end()) return *fitting;
    if (!version && !found.empty())
        return *std::ranges::max_element(found, {}, [](const auto& each) { return number(each.version); });

    std::string installed;
    for (const auto& each : found) installed += (installed.empty() ? "" : ", ") + each.version;
    throw std::runtime_error("PostgreSQL" + (version ? " " + *version : "") + " is not installed" +
                             (folder.empty() ? "" : " in " + folder.string()) +
                             (installed.empty() ? "" : " (installed: " + installed + ")") +
                             ". Install it (Debian: apt install postgresql" + (version ? "-" + *version : "") +
                             "), or name an existing database in DATABASE_URL.");
}

}  // namespace parley::app

#include "app/postmaster.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/crypto.hpp"
#include "base/log.hpp"

namespace parley::app {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::size_t kLongestSocketPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr auto kPollEvery = 10ms;
constexpr auto kPatience = 10s;
constexpr auto kPidFile = "postmaster.pid";
const auto kSocketName = std::string(".s.PGSQL.") + kClusterPort;

fs::path short_socket_folder(const fs::path& cluster) {
    auto hash = sha256(cluster.string());
    return "/tmp/parley-" + to_hex(as_text(hash).substr(0, 8));
}

/// libpq takes a comma for the end of a host's name.
bool suits_socket(const fs::path& folder) {
    auto path = (folder / kSocketName).native();
    return path.size() <= kLongestSocketPath && !path.contains(',');
}

/// The process that listens on the socket; empty when none does.
std::optional<pid_t> listener(const fs::path& socket_path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.native().size() > kLongestSocketPath) return std::nullopt;
    std::memcpy(address.sun_path, socket_path.c_str(), socket_path.native().size());
    FileDescriptor connection{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) return std::nullopt;
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return std::nullopt;
    return peer.pid;
}

/// False when the process is certainly something else: numbers are given out again, above all after a restart of the
/// machine.
bool may_serve(pid_t pid, const fs::path& cluster) {
    auto process = "/proc/" + std::to_string(pid);
    struct stat works_in{};
    struct stat folder{};
    if (stat((process + "/cwd").c_str(), &works_in) == 0 && stat(cluster.c_str(), &folder) == 0)
        return works_in.st_dev == folder.st_dev && works_in.st_ino == folder.st_ino;
    if (errno == ENOENT) return false;
    // Containers may forbid even root to look there.
    std::string name;
    return !(std::ifstream(process + "/comm") >> name) || name == "postgres";
}

}  // namespace

fs::path prepare_socket_folder(const ClusterFolder& cluster) {
    if (suits_socket(cluster.path()) && cluster.can_be_named()) return cluster.path();
    auto folder = short_socket_folder(cluster.path());
    auto owner = cluster.user() ? cluster.user()->uid : geteuid();
    struct stat found{};
    bool made = mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST;
    bool ours = made && lstat(folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode) && !(found.st_mode & 077) &&
                (found.st_uid == owner || found.st_uid == geteuid());
    if (ours && found.st_uid != owner) ours = lchown(folder.c_str(), owner, cluster.user()->gid) == 0;
    if (!ours)
        throw std::runtime_error("Parley needs " + folder.string() +
                                 " for the database's socket, as a folder that only its own user can open. Remove what "
                                 "is there, or choose a data directory with a shorter path.");
    return folder;
}

std::optional<pid_t> recorded_postmaster(const fs::path& cluster) {
    pid_t pid = 0;
    if (std::ifstream(cluster / kPidFile) >> pid && pid > 0) return pid;
    return std::nullopt;
}

std::optional<fs::path> socket_folder_of(pid_t postmaster, const fs::path& cluster) {
    for (const auto& folder : {cluster, short_socket_folder(cluster)})
        if (listener(folder / kSocketName) == postmaster) return folder;
    return std::nullopt;
}

std::optional<RunningPostmaster> find_left_running(const fs::path& cluster) {
    auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (auto pid = recorded_postmaster(cluster)) {
        auto process = Process::find(*pid);
        if (!process) return std::nullopt;
        if (auto folder = socket_folder_of(*pid, cluster)) return RunningPostmaster{std::move(*process), *folder};
        if (!may_serve(*pid, cluster)) {
            // PostgreSQL would take any live process of its user for the one that wrote these, and not start.
            log::info("stale_postmaster_file_removed", {{"process", *pid}});
            fs::remove(cluster / kPidFile);
            for (const auto& folder : {cluster, short_socket_folder(cluster)})
                fs::remove(folder / (kSocketName + ".lock"));
            return std::nullopt;
        }
        if (std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error("PostgreSQL (process " + std::to_string(*pid) + ") already runs on " +
                                     cluster.string() + ", but not for Parley. Stop it (kill -INT " +
                                     std::to_string(*pid) + ") and start Parley again.");
        // It may have been started a moment ago, and not listen yet.
        process->ends_within(kPollEvery);
    }
    return std::nullopt;
}

}  // namespace parley::app

// Finding the postmaster, PostgreSQL's main process, of a private cluster, and the socket on which it listens.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "app/cluster_folder.hpp"
#include "app/process.hpp"

namespace parley::app {

/// Part of the socket's file name.
inline constexpr auto kClusterPort = "5432";

/// The folder in which a postmaster of this cluster is to make its socket: the cluster's own, which is closed to
/// others, or one in /tmp when that path does not suit a socket or cannot be named by the cluster's user. Throws
/// std::runtime_error with a message for people.
std::filesystem::path prepare_socket_folder(const ClusterFolder& cluster);

/// The process that the cluster's folder names as its postmaster. It may have ended, or be something else by now.
std::optional<pid_t> recorded_postmaster(const std::filesystem::path& cluster);

/// The folder of the socket on which this process serves this cluster; empty when it does not. A copy of a running
/// cluster's folder names the postmaster of the original, which does not listen there.
std::optional<std::filesystem::path> socket_folder_of(pid_t postmaster, const std::filesystem::path& cluster);

struct RunningPostmaster {
    Process process;
    std::filesystem::path socket_folder;
};

/// The postmaster that a killed Parley left running. Removes what would keep a new one from starting when there is
/// none. Throws std::runtime_error with a message for people when one runs that was not started by Parley.
std::optional<RunningPostmaster> find_left_running(const std::filesystem::path& cluster);

}  // namespace parley::app

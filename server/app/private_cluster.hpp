// The PostgreSQL that Parley keeps for itself when no DATABASE_URL names one: a cluster of the installed PostgreSQL in
// <data_dir>/postgres, reachable over a unix socket that only its own user and root can open. Blocks: meant for before
// and after the event loop.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace parley::app {

struct PrivateClusterOptions {
    std::filesystem::path data_dir;       ///< made when missing
    std::string database = "parley";      ///< made when missing
    bool durable = true;                  ///< false: a crash of the machine may destroy the cluster; for tests
    std::filesystem::path binaries = {};  ///< the folder of initdb and postgres; empty: looked for
};

/// The files belong to the user who runs Parley; PostgreSQL refuses to run as root, so under root they belong to the
/// owner of the existing cluster, and the user `postgres` becomes the owner of a new one.
class PrivateCluster {
  public:
    /// Locks the data directory; makes the cluster at first use; starts it, or takes over the one that a killed Parley
    /// left running; waits until it accepts connections; makes the database. A signal that ends Parley meanwhile leaves
    /// PostgreSQL running for the next start to take over. Throws std::runtime_error with a message for people.
    static PrivateCluster start(const PrivateClusterOptions& options);

    PrivateCluster(PrivateCluster&&) noexcept;
    PrivateCluster& operator=(PrivateCluster&&) noexcept;
    /// Stops it.
    ~PrivateCluster();

    /// A postgresql:// URL over the unix socket.
    std::string database_url() const;
    /// Ends all sessions, writes everything to disk and waits for the end; after 30 s PostgreSQL is told to give up at
    /// once, and recovers at the next start. Then lets go of the data directory. A second call does nothing.
    void stop();
    /// PostgreSQL's main process; 0 once stopped.
    pid_t postmaster() const;

  private:
    struct Running;
    explicit PrivateCluster(std::unique_ptr<Running> running);
    std::unique_ptr<Running> running_;
};

/// The address of the private cluster that runs in this data directory; empty when none runs. Throws std::runtime_error
/// when this user may not know.
std::optional<std::string> private_cluster_url(const std::filesystem::path& data_dir,
                                               const std::string& database = "parley");

}  // namespace parley::app

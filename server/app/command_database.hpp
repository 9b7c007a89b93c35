// The database as a command of the command line uses it.
#pragma once

#include <optional>

#include "app/config.hpp"
#include "app/private_cluster.hpp"
#include "base/async.hpp"
#include "store/pool.hpp"

namespace parley::app {

/// A command's own short-lived connection to the database, brought up to date. Starts the private cluster when none
/// runs.
class CommandDatabase {
  public:
    explicit CommandDatabase(const Config& config);
    store::Pool& pool() { return *pool_; }
    asio::io_context& io() { return io_; }
    void run(awaitable<void> work);

  private:
    std::optional<PrivateCluster> cluster_;
    asio::io_context io_{1};
    std::optional<store::Pool> pool_;
};

}  // namespace parley::app

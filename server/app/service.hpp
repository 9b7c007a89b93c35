// The server with all its parts, wired once. Declared in the order in which they depend on each other.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "app/config.hpp"
#include "base/async.hpp"

namespace parley::app {

class Service {
  public:
    /// `database_url` names a migrated database. Throws std::exception when an address or a setting cannot work.
    Service(asio::io_context& io, const Config& config, std::string database_url);
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    std::uint16_t port() const;
    /// Makes the first account if the configuration names one, then serves.
    awaitable<void> start();
    /// Stops accepting, lets requests and sends in progress finish (10 s each at most). Idempotent.
    awaitable<void> stop();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// The HS256 secret that signs tokens when no Supabase project is configured: kept in the data directory, made at first
/// use, readable by its owner alone.
std::string local_jwt_secret(const std::filesystem::path& data_dir);

/// An access token for a user, good for `lifetime`.
std::string mint_token(const std::string& secret, const std::string& user_id, std::chrono::seconds lifetime);

}  // namespace parley::app

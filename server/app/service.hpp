// The server with all its parts, wired once. Declared in the order in which they depend on each other.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "app/config.hpp"
#include "base/async.hpp"
#include "flow/doctor.hpp"
#include "store/users.hpp"

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

/// What the doctor has to know of the configuration.
flow::DoctorSettings doctor_settings(const Config& config);

/// Where the key lies that secrets of numbers are sealed with, unless the configuration names one.
std::filesystem::path seal_key_file(const Config& config);

/// An access token for a user, good for `lifetime`: signed with the keys of this server, or with the Supabase project's
/// secret where there is one. It belongs to no session, so no sign-out ends it.
std::string mint_token(const Config& config, const store::User& user, std::chrono::seconds lifetime);

}  // namespace parley::app

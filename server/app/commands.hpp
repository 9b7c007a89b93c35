// What each command of `parley` does. Every function returns the exit code; errors for people are exceptions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "app/config.hpp"
#include "base/async.hpp"
#include "store/pool.hpp"

namespace parley::app {

int serve(const Config& config);
int demo(Config config);
int simulate(const Config& config, bool port_given, const std::string& webhook_url);
int migrate(const Config& config);
int print_database_url(const Config& config);

struct DeliveriesRequest {
    bool all = false;
    std::int64_t limit = 50;
};
int list_webhooks(const Config& config, DeliveriesRequest request);
/// `id` 0: every delivery that is not wholly stored.
int replay_webhooks(const Config& config, std::int64_t id);

struct DoctorRequest {
    std::int64_t account = 0;  ///< 0: all
    bool json = false;
};
/// Prints what is in place and what is missing. 0: all is well, 1: something failed, 2: there are warnings only.
int doctor(const Config& config, DoctorRequest request);

int list_accounts(const Config& config);
int add_account(const Config& config, const std::string& name);
int rename_account(const Config& config, std::int64_t account, const std::string& name);

/// A person: by address where people sign in here, by the id of their tokens' `sub` elsewhere.
struct UserRequest {
    std::int64_t account = 0;  ///< 0: the only one (add), all (remove)
    std::string id = {};
    std::string email = {};
    std::string name = {};
    std::string role = "agent";
    std::string password_file = {};  ///< "-": standard input; empty: asked for on a terminal, otherwise made up
};
int list_users(const Config& config);
int add_user(const Config& config, UserRequest request);
int remove_user(const Config& config, UserRequest request);
int set_user_password(const Config& config, UserRequest request);
int print_user_token(const Config& config, UserRequest request, int hours);
int list_numbers(const Config& config);
struct NumberRequest {
    std::int64_t account = 0;
    std::string phone_number_id;
    std::string waba_id;
    std::string display_phone_number;
    std::string verified_name;
    /// Lines token=..., app_secret=..., verify_token=...; a line that ends after the '=' takes that one away. "-":
    /// standard input; empty: none change.
    std::string secrets_file = {};
};
int add_number(const Config& config, NumberRequest request);
/// Retires a number that has conversations.
int remove_number(const Config& config, NumberRequest request);
/// Prints what Meta says of a number; 1 when a step fails.
int check_number(const Config& config, NumberRequest request);

/// Runs the loop until `main` is over; rethrows what it throws.
void run_to_end(asio::io_context& io, awaitable<void> main);

}  // namespace parley::app

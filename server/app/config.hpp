// Everything that can be set, from flags, the environment and a config file, in that order of precedence.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's name
class App;
}

namespace parley::app {

struct Config {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;
    std::filesystem::path data_dir = "data";
    std::string database_url;  ///< empty: the private cluster in data_dir
    bool allow_unsafe_database = false;
    std::string log_level = "info";
    std::vector<std::string> cors_origins;
    std::vector<std::string> trusted_proxies{"127.0.0.1", "::1"};  ///< addresses and networks
    bool reuse_port = false;
    std::uint16_t database_connections = 8;
    std::uint16_t journal_days = 7;

    std::uint16_t socket_heartbeat_seconds = 15;
    std::uint32_t max_sockets = 20'000;
    std::uint32_t sockets_per_user = 20;
    std::uint32_t sockets_per_address = 100;  ///< of those that have not said who they are yet

    std::string supabase_url;
    std::string supabase_jwt_secret;
    std::string supabase_anon_key;
    std::string public_url;  ///< where people reach this server, without a trailing slash; may be empty
    std::uint32_t access_token_seconds = 3600;
    std::uint16_t session_days = 30;

    std::string seal_key;  ///< 64 hexadecimal digits; empty: the file seal-key in data_dir
    std::string wa_token;
    std::vector<std::string> wa_app_secrets;
    std::string wa_verify_token;
    bool allow_unsigned_webhooks = false;
    std::string wa_phone_number_id;
    std::string wa_business_account_id;
    std::string wa_display_phone_number;
    std::string owner_user_id;
    std::string s3_endpoint;  ///< empty: files are kept in the data directory alone
    std::string s3_region = "us-east-1";
    std::string s3_bucket;
    std::string s3_access_key_id;
    std::string s3_secret_access_key;
    std::vector<std::string> media_networks;  ///< not public, yet media_url may lead there
    std::string graph_url = "https://graph.facebook.com";
    std::string graph_version = "v24.0";

    std::string simulator_url;  ///< set by the demo, for the page; not an option
};

/// Adds an option for every member to the command line.
void add_options(CLI::App& app, Config& config);

/// The command line with the options that the environment sets and the command line does not: PARLEY_<OPTION>, or the
/// usual name (DATABASE_URL, WA_TOKEN, ...).
std::vector<std::string> with_environment(const std::vector<std::string>& arguments);

/// True without a Supabase project: then people sign in here.
bool signs_in_here(const Config& config);

/// Refuses what cannot work; throws std::invalid_argument with a message that names the option.
void check(const Config& config);

}  // namespace parley::app

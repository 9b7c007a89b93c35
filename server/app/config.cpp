#include "app/config.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

#include "auth/jwt.hpp"
#include "base/crypto.hpp"
#include "http/client.hpp"
#include "http/client_address.hpp"

namespace parley::app {
namespace {

struct Name {
    const char* flag;
    const char* usual;  ///< an environment variable honoured beside PARLEY_<OPTION>; nullptr for none
    bool is_switch = false;
};

constexpr std::array kNames{
    Name{"--host", nullptr},
    Name{"--port", "PORT"},
    Name{"--data-dir", nullptr},
    Name{"--database-url", "DATABASE_URL"},
    Name{"--database-connections", nullptr},
    Name{"--allow-unsafe-database", nullptr, true},
    Name{"--journal-days", nullptr},
    Name{"--log-level", nullptr},
    Name{"--socket-heartbeat-seconds", nullptr},
    Name{"--max-sockets", nullptr},
    Name{"--sockets-per-user", nullptr},
    Name{"--sockets-per-address", nullptr},
    Name{"--cors-origins", nullptr},
    Name{"--trusted-proxies", nullptr},
    Name{"--reuse-port", nullptr, true},
    Name{"--supabase-url", "SUPABASE_URL"},
    Name{"--supabase-jwt-secret", "SUPABASE_JWT_SECRET"},
    Name{"--supabase-anon-key", "SUPABASE_ANON_KEY"},
    Name{"--public-url", nullptr},
    Name{"--access-token-seconds", nullptr},
    Name{"--session-days", nullptr},
    Name{"--seal-key", nullptr},
    Name{"--wa-token", "WA_TOKEN"},
    Name{"--wa-app-secret", "WA_APP_SECRET"},
    Name{"--wa-verify-token", "WA_VERIFY_TOKEN"},
    Name{"--allow-unsigned-webhooks", nullptr, true},
    Name{"--wa-phone-number-id", "WA_PHONE_NUMBER_ID"},
    Name{"--wa-business-account-id", "WA_BUSINESS_ACCOUNT_ID"},
    Name{"--wa-display-phone-number", "WA_DISPLAY_PHONE_NUMBER"},
    Name{"--owner-user-id", nullptr},
    Name{"--s3-endpoint", nullptr},
    Name{"--s3-region", "AWS_REGION"},
    Name{"--s3-bucket", nullptr},
    Name{"--s3-access-key-id", "AWS_ACCESS_KEY_ID"},
    Name{"--s3-secret-access-key", "AWS_SECRET_ACCESS_KEY"},
    Name{"--media-networks", nullptr},
    Name{"--graph-url", nullptr},
    Name{"--graph-version", nullptr},
    Name{"--config", nullptr},
};

std::string variable_of(std::string_view flag) {
    std::string out = "PARLEY_";
    for (char c : flag.substr(2))
        out += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return out;
}

const char* environment(const Name& name) {
    const char* own = std::getenv(variable_of(name.flag).c_str());
    if (own && *own) return own;
    const char* usual = name.usual ? std::getenv(name.usual) : nullptr;
    return usual && *usual ? usual : nullptr;
}

}  // namespace

void add_options(CLI::App& app, Config& config) {
    app.add_option("--host", config.host, "Address to listen on")->group("Server")->capture_default_str();
    app.add_option("--port", config.port, "Port to listen on; 0 for any free one (PORT)")
        ->group("Server")
        ->capture_default_str();
    app.add_option("--data-dir", config.data_dir, "Where the private cluster lives")
        ->group("Server")
        ->capture_default_str();
    app.add_option("--cors-origins", config.cors_origins, "Exact origins of other web pages that may call the API")
        ->delimiter(',')
        ->group("Server");
    app.add_option("--trusted-proxies", config.trusted_proxies,
                   "Addresses and networks of proxies whose X-Forwarded-For is believed")
        ->delimiter(',')
        ->group("Server")
        ->capture_default_str();
    app.add_flag("--reuse-port", config.reuse_port, "Share the port with other processes (SO_REUSEPORT)")
        ->group("Server");
    app.add_option("--log-level", config.log_level, "debug, info, warn or error")
        ->group("Server")
        ->capture_default_str();
    app.add_option("--socket-heartbeat-seconds", config.socket_heartbeat_seconds,
                   "How often an event socket says that it lives")
        ->check(CLI::Range(1, 60))
        ->group("Server")
        ->capture_default_str();
    app.add_option("--max-sockets", config.max_sockets, "Event sockets in all")
        ->check(CLI::Range(1, 1'000'000))
        ->group("Server")
        ->capture_default_str();
    app.add_option("--sockets-per-user", config.sockets_per_user, "Event sockets of one user")
        ->check(CLI::Range(1, 10'000))
        ->group("Server")
        ->capture_default_str();
    app.add_option("--sockets-per-address", config.sockets_per_address,
                   "Event sockets from one address that have not said yet who they are")
        ->check(CLI::Range(1, 100'000))
        ->group("Server")
        ->capture_default_str();
    app.add_option("--database-url", config.database_url,
                   "An existing PostgreSQL (DATABASE_URL); absent: a private cluster")
        ->group("Database");
    app.add_option("--database-connections", config.database_connections, "Connections beside the intake's own")
        ->check(CLI::Range(1, 100))
        ->group("Database")
        ->capture_default_str();
    app.add_flag("--allow-unsafe-database", config.allow_unsafe_database,
                 "Run although the database does not keep what it commits")
        ->group("Database");
    app.add_option("--journal-days", config.journal_days, "How long raw webhook bodies are kept")
        ->check(CLI::Range(1, 3650))
        ->group("Database")
        ->capture_default_str();
    app.add_option("--supabase-url", config.supabase_url,
                   "The Supabase project whose tokens are accepted (SUPABASE_URL)")
        ->group("Sign-in");
    app.add_option("--supabase-jwt-secret", config.supabase_jwt_secret, "Its HS256 secret (SUPABASE_JWT_SECRET)")
        ->group("Sign-in");
    app.add_option("--supabase-anon-key", config.supabase_anon_key, "Its public key (SUPABASE_ANON_KEY)")
        ->group("Sign-in");
    app.add_option("--public-url", config.public_url,
                   "Where people reach this server, e.g. https://inbox.example.com; the issuer of the tokens it signs")
        ->group("Sign-in");
    app.add_option("--access-token-seconds", config.access_token_seconds, "How long an access token is good")
        ->check(CLI::Range(300, 86'400))
        ->group("Sign-in")
        ->capture_default_str();
    app.add_option("--session-days", config.session_days, "After how many days the password is asked again")
        ->check(CLI::Range(1, 3650))
        ->group("Sign-in")
        ->capture_default_str();
    app.add_option("--owner-user-id", config.owner_user_id, "The user who owns the first account, a UUID")
        ->group("Sign-in");
    app.add_option(
           "--seal-key", config.seal_key,
           "The key that secrets of numbers are sealed with, 64 hexadecimal digits; absent: the file seal-key in "
           "the data directory, made when it is needed")
        ->group("WhatsApp");
    app.add_option("--wa-token", config.wa_token, "Graph API token (WA_TOKEN); absent: replies are saved, not sent")
        ->group("WhatsApp");
    app.add_option("--wa-app-secret", config.wa_app_secrets,
                   "App secret that signs webhooks (WA_APP_SECRET); two, comma-separated, during a rotation")
        ->delimiter(',')
        ->group("WhatsApp");
    app.add_option("--wa-verify-token", config.wa_verify_token, "Token of the webhook handshake (WA_VERIFY_TOKEN)")
        ->group("WhatsApp");
    app.add_flag("--allow-unsigned-webhooks", config.allow_unsigned_webhooks,
                 "Take webhooks without a signature; unsafe")
        ->group("WhatsApp");
    app.add_option("--wa-phone-number-id", config.wa_phone_number_id, "The first business number (WA_PHONE_NUMBER_ID)")
        ->group("WhatsApp");
    app.add_option("--wa-business-account-id", config.wa_business_account_id, "Its WABA (WA_BUSINESS_ACCOUNT_ID)")
        ->group("WhatsApp");
    app.add_option("--wa-display-phone-number", config.wa_display_phone_number,
                   "How it is shown (WA_DISPLAY_PHONE_NUMBER)")
        ->group("WhatsApp");
    app.add_option("--s3-endpoint", config.s3_endpoint,
                   "An S3-compatible server that keeps the files; default: the data directory")
        ->group("Files");
    app.add_option("--s3-region", config.s3_region, "Its region")->group("Files")->capture_default_str();
    app.add_option("--s3-bucket", config.s3_bucket, "The bucket")->group("Files");
    app.add_option("--s3-access-key-id", config.s3_access_key_id, "Who writes into it")->group("Files");
    app.add_option("--s3-secret-access-key", config.s3_secret_access_key, "And the secret; better from the environment")
        ->group("Files");
    app.add_option("--media-networks", config.media_networks,
                   "Networks that are not public, from which media_url may be fetched nevertheless, comma-separated")
        ->delimiter(',')
        ->group("Files");
    app.add_option("--graph-url", config.graph_url, "Where the Graph API is")->group("WhatsApp")->capture_default_str();
    app.add_option("--graph-version", config.graph_version, "Its version")->group("WhatsApp")->capture_default_str();
    app.allow_config_extras(CLI::config_extras_mode::error);
    app.set_config("--config", "", "A file with these options (TOML: port = 8080)");
}

std::vector<std::string> with_environment(const std::vector<std::string>& arguments) {
    auto given = [&](std::string_view flag) {
        return std::ranges::any_of(arguments, [&](std::string_view argument) {
            return argument == flag ||
                   (argument.starts_with(flag) && argument.size() > flag.size() && argument[flag.size()] == '=');
        });
    };
    auto out = arguments;
    for (const auto& name : kNames) {
        const char* value = environment(name);
        if (!value || given(name.flag)) continue;
        out.push_back(std::string(name.flag) + "=" + value);
    }
    return out;
}

bool signs_in_here(const Config& config) {
    return config.supabase_url.empty() && config.supabase_jwt_secret.empty();
}

void check(const Config& config) {
    auto refuse = [](const std::string& text) { throw std::invalid_argument(text); };
    if (!config.supabase_jwt_secret.empty()) {
        if (auto checked = auth::check_secret(config.supabase_jwt_secret); !checked)
            refuse("--supabase-jwt-secret: " + checked.error().detail);
    }
    if (auto key = from_hex(config.seal_key); !config.seal_key.empty() && (!key || key->size() != 32))
        refuse("--seal-key must be 64 hexadecimal digits, as `openssl rand -hex 32` makes them");
    if (!config.owner_user_id.empty() && !is_uuid(config.owner_user_id)) refuse("--owner-user-id must be a UUID");
    auto is_origin = [](const std::string& text) {
        bool web = text.starts_with("https://") || text.starts_with("http://");
        return web && text.find('/', text.find("://") + 3) == std::string::npos;
    };
    for (const auto& origin : config.cors_origins)
        if (!is_origin(origin))
            refuse("--cors-origins: " + origin + " is not an origin such as https://inbox.example.com");
    bool whole_bucket =
        !config.s3_bucket.empty() && !config.s3_access_key_id.empty() && !config.s3_secret_access_key.empty();
    if (!config.s3_endpoint.empty() && !whole_bucket)
        refuse("--s3-endpoint needs --s3-bucket, --s3-access-key-id and --s3-secret-access-key");
    if (!config.s3_endpoint.empty() && !http::parse_url(config.s3_endpoint))
        refuse("--s3-endpoint must be an http or https URL");
    if (auto networks = http::TrustedProxies::parse(config.media_networks); !networks)
        refuse("--media-networks: " + networks.error().detail);
    if (auto proxies = http::TrustedProxies::parse(config.trusted_proxies); !proxies)
        refuse("--trusted-proxies: " + proxies.error().detail);
    if (!config.public_url.empty() && !is_origin(config.public_url))
        refuse("--public-url must be an origin such as https://inbox.example.com, without a slash at the end");
}

}  // namespace parley::app

#include "app/service.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "api/routes.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"
#include "flow/sweep.hpp"
#include "http/client.hpp"
#include "http/server.hpp"

namespace parley::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kDrain = 10s;

http::ServerOptions server_options(const Config& config) {
    http::ServerOptions options;
    options.host = config.host;
    options.port = config.port;
    options.reuse_port = config.reuse_port;
    options.cors_origins = config.cors_origins;
    return options;
}

auth::VerifierOptions verifier_options(const Config& config) {
    auth::VerifierOptions options;
    if (!config.supabase_url.empty()) options.supabase_url = config.supabase_url;
    if (!config.supabase_jwt_secret.empty()) options.jwt_secret = config.supabase_jwt_secret;
    if (!options.supabase_url && !options.jwt_secret) options.jwt_secret = local_jwt_secret(config.data_dir);
    return options;
}

store::ConnectionOptions connection_options(std::string database_url) {
    store::ConnectionOptions options;
    options.conninfo = std::move(database_url);
    return options;
}

}  // namespace

struct Service::Parts {
    Parts(asio::io_context& io, const Config& config, std::string database_url);
    void refresh_gauges();

    Config config;
    asio::io_context& io;
    Clock clock;
    Metrics metrics;
    http::Client client;
    store::Pool intake_pool;
    store::Pool pool;
    auth::TokenVerifier verifier;
    wa::GraphClient graph;
    flow::OutboxWorker worker;
    flow::Composer composer;
    flow::Intake intake;
    api::Guard guard;
    bool stopping = false;
    http::Router router;
    std::unique_ptr<http::Server> server;
};

Service::Parts::Parts(asio::io_context& io_context, const Config& settings, std::string database_url)
    : config(settings),
      io(io_context),
      client(io),
      intake_pool(io, connection_options(database_url), 3),
      pool(io, connection_options(database_url), config.database_connections),
      verifier(verifier_options(config), client, clock),
      graph(client, config.graph_url, config.graph_version),
      worker(io, pool, graph, clock, metrics, config.wa_token),
      composer(pool, worker, clock, !config.wa_token.empty()),
      intake(io, intake_pool, clock, metrics, {config.wa_app_secrets, config.allow_unsigned_webhooks}),
      guard(verifier, pool) {
    api::add_webhook_routes(router, intake, metrics, config.wa_verify_token);
    api::add_conversation_routes(router, guard, pool);
    api::add_message_routes(router, guard, pool, composer);
    api::add_number_routes(router, guard, pool);
    api::add_operation_routes(router, pool, metrics, [this] { refresh_gauges(); }, stopping);
    server = std::make_unique<http::Server>(io, server_options(config), router);
    server->on_exchange([this](const http::Exchange& exchange) {
        metrics.requests
            .Add({{"method", std::string(http::to_string(exchange.method))},
                  {"route", std::string(exchange.route)},
                  {"status", std::to_string(exchange.status)}})
            .Increment();
    });
}

void Service::Parts::refresh_gauges() {
    auto show = [&](const char* name, const store::Pool& shown) {
        metrics.pool_connections.Add({{"pool", name}, {"state", "open"}})
            .Set(static_cast<double>(shown.open_connections()));
        metrics.pool_connections.Add({{"pool", name}, {"state", "idle"}})
            .Set(static_cast<double>(shown.idle_connections()));
    };
    show("intake", intake_pool);
    show("general", pool);
    metrics.intake_waiting.Set(static_cast<double>(intake.waiting()));
    metrics.open_connections.Set(static_cast<double>(server->open_connections()));
    metrics.resident_bytes.Set(resident_memory());
}

Service::Service(asio::io_context& io, const Config& config, std::string database_url)
    : parts_(std::make_unique<Parts>(io, config, std::move(database_url))) {}

Service::~Service() = default;

std::uint16_t Service::port() const {
    return parts_->server->port();
}

awaitable<void> Service::start() {
    auto& parts = *parts_;
    const auto& config = parts.config;
    store::FirstAccount first;
    first.number = {config.wa_phone_number_id, config.wa_business_account_id, config.wa_display_phone_number, ""};
    first.owner_user_id = config.owner_user_id;
    co_await store::ensure_first_account(parts.pool, std::move(first));

    if (config.wa_app_secrets.empty()) {
        if (config.allow_unsigned_webhooks)
            log::warn("webhooks_unsigned",
                      {{"advice", "anybody can write messages into this inbox: set WA_APP_SECRET"}});
        else
            log::warn("webhooks_disabled", {{"advice", "set WA_APP_SECRET to take webhook deliveries"}});
    }
    if (config.wa_token.empty())
        log::warn("sending_disabled", {{"advice", "set WA_TOKEN to send replies; until then they are only saved"}});
    else
        parts.worker.start();
    asio::co_spawn(
        parts.io, flow::sweep(parts.io.get_executor(), parts.pool, parts.clock, std::chrono::days(config.journal_days)),
        asio::detached);
    parts.server->start();
    log::info("listening", {{"host", config.host}, {"port", port()}, {"version", PARLEY_VERSION}});
}

awaitable<void> Service::stop() {
    auto& parts = *parts_;
    if (std::exchange(parts.stopping, true)) co_return;
    co_await parts.server->stop();
    if (!parts.config.wa_token.empty()) co_await parts.worker.stop(kDrain);
    parts.client.stop();
    log::info("stopped");
}

std::string local_jwt_secret(const std::filesystem::path& data_dir) {
    std::filesystem::create_directories(data_dir);
    auto path = data_dir / "jwt-secret";
    int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0) {
        auto secret = to_hex(random_bytes(32));
        bool written = write(file, secret.data(), secret.size()) == static_cast<ssize_t>(secret.size());
        close(file);
        if (!written) throw std::runtime_error(path.string() + " cannot be written");
        return secret;
    }
    if (errno != EEXIST) throw std::runtime_error(path.string() + " cannot be made: " + std::strerror(errno));
    std::ifstream in(path);
    std::string secret;
    in >> secret;
    if (secret.size() != 64) throw std::runtime_error(path.string() + " cannot be read, or was cut short: delete it");
    return secret;
}

std::string mint_token(const std::string& secret, const std::string& user_id, std::chrono::seconds lifetime) {
    auto now = std::chrono::duration_cast<std::chrono::seconds>(Clock{}.now().time_since_epoch());
    boost::json::object claims{{"sub", user_id},       {"aud", "authenticated"},          {"role", "authenticated"},
                               {"iat", now.count()},   {"exp", (now + lifetime).count()}, {"email", ""},
                               {"phone", ""},          {"session_id", random_uuid()},     {"aal", "aal1"},
                               {"is_anonymous", false}};
    return auth::sign_hs256(claims, auth::Hs256Secret{secret});
}

}  // namespace parley::app

#include "app/service.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>

#include "api/routes.hpp"
#include "app/page_files.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"
#include "flow/sweep.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "store/sessions.hpp"

namespace parley::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kDrain = 10s;
/// The next opening of a thread tells what is left.
constexpr auto kReceiptsDrain = 2s;
/// Lists of templates are read again at the next start.
constexpr auto kTemplatesDrain = 2s;

http::ServerOptions server_options(const Config& config) {
    http::ServerOptions options;
    options.host = config.host;
    options.port = config.port;
    options.reuse_port = config.reuse_port;
    options.cors_origins = config.cors_origins;
    options.trusted_proxies = http::TrustedProxies::parse(config.trusted_proxies).value();
    return options;
}

/// A proxy may not pass on the host that the page was opened at.
std::vector<std::string> page_origins(const Config& config) {
    auto origins = config.cors_origins;
    if (!config.public_url.empty()) origins.push_back(config.public_url);
    return origins;
}

/// Shared by all processes of this data directory.
auth::AuthKeys load_keys(const Config& config) {
    return auth::AuthKeys::load(config.data_dir / "auth-keys.json");
}

/// The same whatever host a request names: a token is good on every address of this server.
std::string issuer_of(const Config& config) {
    return (config.public_url.empty() ? "parley" : config.public_url) + "/auth/v1";
}

std::optional<auth::AuthKeys> own_keys(const Config& config) {
    if (!signs_in_here(config)) return std::nullopt;
    return load_keys(config);
}

auth::VerifierOptions verifier_options(const Config& config, const std::optional<auth::AuthKeys>& keys,
                                       auth::SessionBook& sessions) {
    auth::VerifierOptions options;
    if (!config.supabase_url.empty()) options.supabase_url = config.supabase_url;
    if (!config.supabase_jwt_secret.empty()) options.jwt_secret = config.supabase_jwt_secret;
    if (keys) options.built_in = auth::BuiltInIssuer{keys->public_keys(), issuer_of(config), &sessions};
    return options;
}

auth::SignInRules sign_in_rules(const Config& config) {
    return {.issuer = issuer_of(config),
            .access_token_lifetime = std::chrono::seconds(config.access_token_seconds),
            .session_lifetime = std::chrono::days(config.session_days)};
}

/// For sockets whose user signs out. Of the sessions of a Supabase project nothing is known here.
realtime::EndedSessions ended_sessions(const Config& config, store::Pool& pool) {
    if (!signs_in_here(config)) return {};
    return [&pool](std::vector<std::string> ids) { return store::ended_sessions(pool, std::move(ids)); };
}

realtime::Limits socket_limits(const Config& config) {
    realtime::Limits limits;
    limits.heartbeat = std::chrono::seconds(config.socket_heartbeat_seconds);
    limits.sockets = config.max_sockets;
    limits.sockets_per_user = config.sockets_per_user;
    limits.unauthenticated_per_address = config.sockets_per_address;
    return limits;
}

std::filesystem::path media_folder(const Config& config) {
    return config.data_dir / "media";
}

std::unique_ptr<media::Bucket> bucket_of(http::Client& client, const Config& config, const Clock& clock) {
    if (config.s3_endpoint.empty()) return nullptr;
    media::BucketSettings settings{config.s3_endpoint, config.s3_region, config.s3_bucket, config.s3_access_key_id,
                                   config.s3_secret_access_key};
    return std::make_unique<media::Bucket>(client, std::move(settings), clock);
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
    store::Pool socket_pool;
    std::optional<auth::AuthKeys> keys;  // without a Supabase project
    auth::SessionBook sessions;
    auth::TokenVerifier verifier;
    std::optional<auth::SignIn> sign_in;  // the same
    wa::GraphClient graph;
    Seal seal;
    flow::GraphTokens tokens;
    flow::StoredTrust stored_trust;
    media::FileStore files;
    media::LinkFetcher links;
    flow::MediaFetcher media_fetcher;
    flow::MediaUploader media_uploader;
    flow::OutboxWorker worker;
    flow::Receipts receipts;
    flow::Contacts contacts;
    flow::Composer composer;
    flow::TemplateSync templates;
    flow::Intake intake;
    flow::WebhookSightings sightings;
    wa::Probe probe;
    flow::Doctor doctor;
    realtime::Hub hub;
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
      socket_pool(io, connection_options(database_url), 2),
      keys(own_keys(config)),
      sessions(pool),
      verifier(verifier_options(config, keys, sessions), client, clock),
      graph(client, config.graph_url, config.graph_version),
      seal(seal_key_file(config), config.seal_key),
      tokens(config.wa_token, pool, seal),
      stored_trust(pool, seal),
      files(media_folder(config), bucket_of(client, config, clock)),
      links(client, files, http::TrustedProxies::parse(config.media_networks).value()),
      media_fetcher(io, pool, graph, tokens, files, clock),
      media_uploader(io, pool, graph, files),
      worker(io, pool, graph, tokens, media_uploader, clock, metrics),
      receipts(io, pool, graph, tokens, clock),
      contacts(pool, graph, tokens, clock),
      composer(pool, worker, tokens, links, clock),
      templates(io, pool, graph, tokens, clock),
      intake(io, intake_pool, clock, metrics, {config.wa_app_secrets, config.allow_unsigned_webhooks, &stored_trust}),
      probe(client, config.graph_url),
      doctor(io, pool, seal, tokens, graph, probe, clock, &sightings, doctor_settings(config)),
      hub(io, socket_pool, connection_options(database_url), verifier, clock, metrics.registry, socket_limits(config),
          ended_sessions(config, socket_pool)),
      guard(verifier, pool) {
    intake.on_media([this] { media_fetcher.wake(); });
    api::add_webhook_routes(router, intake, metrics, config.wa_verify_token, stored_trust, sightings, clock);
    worker.on_accepted([this](const store::OutboxItem& item) { receipts.replied(item.account, item.conversation); });
    hub.on_typing([this](AccountId account, ConversationId conversation) { receipts.typing(account, conversation); });
    api::add_conversation_routes(router, guard, pool, receipts);
    api::add_message_routes(router, guard, pool, composer, receipts);
    api::add_contact_routes(router, guard, pool, contacts);
    api::add_media_routes(router, guard, pool, files, media_fetcher);
    api::add_template_routes(router, guard, pool, templates);
    api::add_number_routes(router, guard, pool);
    api::add_settings_routes(
        router, guard,
        {pool, seal, graph, tokens, stored_trust, !config.wa_app_secrets.empty(), !config.wa_verify_token.empty()});
    api::add_me_routes(router, guard, pool);
    api::add_connection_routes(router, guard, doctor);
    api::add_delivery_routes(router, guard, pool, media_fetcher);
    api::add_event_routes(router, hub, page_origins(config));
    if (keys) {
        sign_in.emplace(pool, *keys, sessions, clock, sign_in_rules(config));
        api::add_auth_token_routes(router, *sign_in, PARLEY_VERSION);
        api::add_auth_user_routes(router, *sign_in, verifier);
        api::add_auth_admin_routes(router, *sign_in);
    }
    api::add_member_routes(router, guard, pool, sign_in ? &*sign_in : nullptr);
    api::add_page_routes(router, {page_files(), config.supabase_url,
                                  config.supabase_anon_key.empty() ? "parley" : config.supabase_anon_key,
                                  PARLEY_VERSION, config.simulator_url});
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
    show("sockets", socket_pool);
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

    co_await parts.stored_trust.refresh();
    if (config.wa_app_secrets.empty() && !parts.stored_trust.has_app_secrets()) {
        if (config.allow_unsigned_webhooks)
            log::warn("webhooks_unsigned",
                      {{"advice", "anybody can write messages into this inbox: set WA_APP_SECRET"}});
        else
            log::warn("webhooks_disabled", {{"advice", "set WA_APP_SECRET to take webhook deliveries"}});
    }
    bool some_token = !config.wa_token.empty();
    if (!some_token) some_token = co_await store::has_any_token(parts.pool);
    if (!some_token)
        log::warn("sending_disabled", {{"advice", "set WA_TOKEN to send replies; until then they are only saved"}});
    parts.worker.start();
    asio::co_spawn(parts.io, parts.stored_trust.keep_fresh(parts.io.get_executor()), asio::detached);
    parts.media_fetcher.start();
    parts.templates.start();
    asio::co_spawn(parts.io,
                   flow::sweep(parts.io.get_executor(), parts.pool, parts.files, parts.clock,
                               std::chrono::days(config.journal_days)),
                   asio::detached);
    parts.hub.start();
    parts.server->start();
    log::info("listening", {{"host", config.host}, {"port", port()}, {"version", PARLEY_VERSION}});
}

awaitable<void> Service::stop() {
    auto& parts = *parts_;
    if (std::exchange(parts.stopping, true)) co_return;
    co_await parts.hub.stop();
    co_await parts.server->stop();
    co_await parts.media_fetcher.stop(kDrain);
    co_await parts.worker.stop(kDrain);
    co_await parts.receipts.stop(kReceiptsDrain);
    co_await parts.templates.stop(kTemplatesDrain);
    parts.client.stop();
    log::info("stopped");
}

flow::DoctorSettings doctor_settings(const Config& config) {
    return {.public_url = config.public_url,
            .verify_token = config.wa_verify_token,
            .has_app_secret = !config.wa_app_secrets.empty(),
            .allow_unsigned = config.allow_unsigned_webhooks,
            .data_dir = config.data_dir,
            .media_folder = media_folder(config),
            .media_elsewhere = !config.s3_endpoint.empty()};
}

std::filesystem::path seal_key_file(const Config& config) {
    return config.data_dir / "seal-key";
}

std::string mint_token(const Config& config, const store::User& user, std::chrono::seconds lifetime) {
    auto claims = auth::access_claims(user, "", issuer_of(config), Clock{}.now(), lifetime);
    if (signs_in_here(config)) return load_keys(config).sign(claims);
    return auth::sign_hs256(claims, auth::Hs256Secret{config.supabase_jwt_secret});
}

}  // namespace parley::app

// serve, simulate, demo, migrate: the commands that run something until a signal ends it.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <optional>

#include "app/commands.hpp"
#include "app/demo_data.hpp"
#include "app/private_cluster.hpp"
#include "app/service.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"
#include "http/server.hpp"
#include "simulator/simulator.hpp"
#include "store/migrations.hpp"

namespace parley::app {
namespace {

/// The database of a server: named by the configuration, or a private cluster that lives as long as this object.
class Database {
  public:
    explicit Database(const Config& config) : url_(config.database_url) {
        if (url_.empty()) {
            cluster_ = PrivateCluster::start({.data_dir = config.data_dir});
            url_ = cluster_->database_url();
        }
        store::migrate(url_, config.allow_unsafe_database);
    }
    const std::string& url() const { return url_; }

  private:
    std::optional<PrivateCluster> cluster_;
    std::string url_;
};

/// Made before anything is started: a Ctrl-C that comes while PostgreSQL starts is kept, and stops everything in order.
using Signals = asio::basic_signal_set<Executor>;

awaitable<void> wait_for_signal(Signals& signals) {
    int number = co_await signals.async_wait(use_awaitable);
    // A second one ends the process at once.
    signals.clear();
    log::info("signal", {{"number", number}});
}

awaitable<void> serve_until_signal(Service& service, Signals& signals) {
    co_await service.start();
    co_await wait_for_signal(signals);
    co_await service.stop();
}

simulator::SimulatorOptions simulator_options(const Config& config) {
    simulator::SimulatorOptions options;
    options.host = config.host;
    options.port = config.port;
    if (!config.wa_app_secrets.empty()) options.app_secret = config.wa_app_secrets.front();
    options.verify_token = config.wa_verify_token;
    options.access_token = config.wa_token;
    if (!config.wa_business_account_id.empty()) options.waba_id = config.wa_business_account_id;
    if (!config.wa_phone_number_id.empty()) options.phone_number_id = config.wa_phone_number_id;
    if (!config.wa_display_phone_number.empty()) options.display_phone_number = config.wa_display_phone_number;
    return options;
}

awaitable<void> simulate_until_signal(simulator::Simulator& simulator, Signals& signals) {
    simulator.start();
    log::info("simulator_listening", {{"port", simulator.port()}, {"url", simulator.url()}});
    co_await wait_for_signal(signals);
    co_await simulator.stop();
}

void print_demo(const std::string& address, const std::string& phone_page, const std::string& token) {
    std::cout << "\n  Parley is running. Everything below is on this machine only; Ctrl-C stops it.\n\n"
              << "  The inbox               " << address << "/\n"
              << "  Sign in as              " << kDemoOwner << " or " << kDemoAgent << ", password " << kDemoPassword
              << "\n"
              << "  The customers' phones   " << phone_page << "\n"
              << "  The API                 " << address << "/api/live-chat\n\n"
              << "  Write a message on a phone, then read and answer it in the inbox, or here:\n\n"
              << "  TOKEN=" << token << "\n"
              << "  curl -H \"Authorization: Bearer $TOKEN\" " << address << "/api/live-chat/conversations\n"
              << "  curl -H \"Authorization: Bearer $TOKEN\" '" << address
              << "/api/live-chat/messages?conversation_id=1'\n"
              << "  curl -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n"
              << "       -d '{\"conversation_id\":1,\"message\":\"Hello from Parley\"}' " << address
              << "/api/live-chat/send-message\n"
              << std::endl;
}

awaitable<void> run_demo(Service& service, simulator::Simulator& simulator, const Config& config,
                         const std::string& database_url, asio::io_context& io, Signals& signals) {
    simulator.start();
    co_await service.start();
    store::Pool pool(io, {.conninfo = database_url}, 1);
    auto owner = co_await add_demo_agents(pool, config.owner_user_id);
    auto token = mint_token(config, owner, std::chrono::hours(12));
    auto address = "http://" + config.host + ":" + std::to_string(service.port());
    simulator.set_webhook_url(address + "/webhook");
    co_await seed_demo(io, simulator.url());
    print_demo(address, simulator.url(), token);
    co_await wait_for_signal(signals);
    co_await simulator.stop();
    co_await service.stop();
}

}  // namespace

void run_to_end(asio::io_context& io, awaitable<void> main) {
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(main), [&](std::exception_ptr error) {
        failure = error;
        io.stop();
    });
    http::run_loop(io);
    if (failure) std::rethrow_exception(failure);
}

int serve(const Config& config) {
    asio::io_context io{1};
    Signals signals(io.get_executor(), SIGINT, SIGTERM);
    Database database(config);
    Service service(io, config, database.url());
    run_to_end(io, serve_until_signal(service, signals));
    return 0;
}

int simulate(const Config& config, bool port_given, const std::string& webhook_url) {
    asio::io_context io{1};
    Signals signals(io.get_executor(), SIGINT, SIGTERM);
    auto options = simulator_options(config);
    if (!port_given) options.port = 8081;
    options.webhook_url = webhook_url;
    simulator::Simulator simulator(io, std::move(options));
    run_to_end(io, simulate_until_signal(simulator, signals));
    return 0;
}

int demo(Config config) {
    // The demo is a closed world: its own database, secrets and number, nothing of the environment's accounts. It would
    // hand replies that wait in somebody's database to the simulator.
    config.database_url.clear();
    config.data_dir /= "demo";
    config.host = "127.0.0.1";
    config.wa_token = "demo-token-" + to_hex(random_bytes(8));
    config.wa_app_secrets = {to_hex(random_bytes(16))};
    config.wa_verify_token = to_hex(random_bytes(8));
    config.wa_phone_number_id = "106540352242922";
    config.wa_business_account_id = "102290129340398";
    config.wa_display_phone_number = "+1 555-078-3881";
    config.supabase_url.clear();
    config.supabase_jwt_secret.clear();
    config.owner_user_id = "5e1f1a52-0c1e-4a7e-9d53-64b7c8a4d001";
    if (config.log_level == "info") log::set_level("warn");

    std::cout << "Starting PostgreSQL, the WhatsApp simulator and the server ..." << std::endl;
    asio::io_context io{1};
    Signals signals(io.get_executor(), SIGINT, SIGTERM);
    Database database(config);
    auto options = simulator_options(config);
    options.port = 0;
    simulator::Simulator simulator(io, std::move(options));
    config.graph_url = simulator.url();
    config.simulator_url = simulator.url();
    Service service(io, config, database.url());
    run_to_end(io, run_demo(service, simulator, config, database.url(), io, signals));
    std::cout << "\nStopped." << std::endl;
    return 0;
}

int migrate(const Config& config) {
    Database database(config);
    std::cout << "The database has schema version " << store::schema_version() << ".\n";
    return 0;
}

}  // namespace parley::app

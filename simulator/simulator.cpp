#include "simulator/simulator.hpp"

#include "base/log.hpp"
#include "http/server.hpp"
#include "simulator/routes.hpp"
#include "simulator/world.hpp"

namespace parley::simulator {
namespace {

http::ServerOptions listener_options(const SimulatorOptions& options) {
    http::ServerOptions made;
    made.host = options.host;
    made.port = options.port;
    made.drain_deadline = std::chrono::seconds{2};
    return made;
}

}  // namespace

struct Simulator::Parts {
    Parts(asio::io_context& io, SimulatorOptions options)
        : world(io, std::move(options)), server(io, listener_options(world.options), router) {
        add_phone_routes(router, world);
        add_control_routes(router, world);
        add_business_controls(router, world);
        add_customer_controls(router, world);
        add_template_controls(router, world);
        add_send_routes(router, world);
        add_media_routes(router, world);
        add_template_routes(router, world);
        add_block_routes(router, world);
        add_business_routes(router, world);
        add_object_routes(router, world);
        world.base_url = "http://" + world.options.host + ":" + std::to_string(server.port());
    }

    World world;
    http::Router router;
    http::Server server;
};

Simulator::Simulator(asio::io_context& io, SimulatorOptions options)
    : parts_(std::make_unique<Parts>(io, std::move(options))) {}

Simulator::~Simulator() = default;

void Simulator::start() {
    parts_->world.webhooks.start();
    parts_->world.receipts.start();
    parts_->server.start();
    log::info("simulator_started", {{"port", parts_->server.port()}});
}

awaitable<void> Simulator::stop() {
    World& world = parts_->world;
    world.stopping = true;
    world.state.changes().ring();
    co_await world.receipts.stop();
    co_await world.webhooks.stop();
    co_await parts_->server.stop();
}

std::uint16_t Simulator::port() const {
    return parts_->server.port();
}

std::string Simulator::url() const {
    return parts_->world.base_url;
}

void Simulator::set_webhook_url(std::string url) {
    parts_->world.webhooks.set_url(std::move(url), true);
}

}  // namespace parley::simulator

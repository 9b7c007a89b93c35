#include "app/demo_data.hpp"

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <stdexcept>

#include "auth/passwords.hpp"
#include "base/time.hpp"
#include "http/client.hpp"
#include "store/accounts.hpp"
#include "store/users.hpp"

namespace parley::app {
namespace {

using namespace std::chrono_literals;

/// From customers whom the simulator knows by name.
struct DemoMessage {
    std::string_view wa_id;
    std::string_view text;
    std::chrono::minutes ago;
};

constexpr std::array kMessages{
    DemoMessage{"5511955501234", "Oi! O meu pedido já saiu?", 190min},
    DemoMessage{"5511955501234", "O número é 48213 🙂", 189min},
    DemoMessage{"919845550123", "Is the blue one still in stock?", 75min},
    DemoMessage{"971505550142", "مرحبا، متى تفتحون غدا؟", 31min},
    DemoMessage{"4915555012345", "Thanks, the parcel arrived today. *Great* packaging!", 12min},
};

std::string body_of(const DemoMessage& message, std::size_t index, TimePoint now) {
    auto at = std::chrono::duration_cast<std::chrono::seconds>((now - message.ago).time_since_epoch());
    auto day = to_rfc3339(now).substr(0, 10);
    return boost::json::serialize(boost::json::object{{"from", message.wa_id},
                                                      {"text", message.text},
                                                      {"id", "wamid.demo-" + day + "-" + std::to_string(index)},
                                                      {"timestamp", at.count()},
                                                      {"wait", true}});
}

}  // namespace

awaitable<store::User> add_demo_agents(store::Pool& pool, std::string owner_id) {
    auto account = co_await store::find_membership(pool, owner_id);
    if (!account) throw std::runtime_error("The demo's account has no owner.");
    struct Agent {
        std::string id;
        const char* email;
        const char* name;
        std::string role;
    };
    const std::array agents{Agent{owner_id, kDemoOwner, "Ada", "owner"},
                            Agent{"5e1f1a52-0c1e-4a7e-9d53-64b7c8a4d002", kDemoAgent, "Ben", "agent"}};
    for (const auto& agent : agents) {
        auto known = co_await store::find_user(pool, agent.id);
        if (known) continue;
        store::NewUser user{.id = agent.id, .email = agent.email, .password_hash = auth::hash_password(kDemoPassword)};
        user.user_metadata = boost::json::serialize(boost::json::object{{"display_name", agent.name}});
        auto added = co_await store::add_user(pool, std::move(user));
        auto member = co_await store::put_member(pool, account->account, agent.id, agent.role);
        if (!added || !member) throw std::runtime_error("The demo's agents cannot be added.");
    }
    auto owner = co_await store::find_user(pool, std::move(owner_id));
    co_return owner.value();
}

awaitable<void> seed_demo(asio::io_context& io, std::string simulator_url) {
    http::Client client(io);
    auto url = http::parse_url(simulator_url + "/_sim/inbound").value();
    auto now = Clock{}.now();
    for (std::size_t i = 0; i < kMessages.size(); ++i) {
        http::ClientRequest request;
        request.method = http::Method::post;
        request.url = url;
        request.timeout = 25s;
        request.body = body_of(kMessages[i], i, now);
        request.headers = {{"Content-Type", "application/json"}};
        auto answer = co_await client.send(std::move(request));
        if (!answer || answer->status != 200) throw std::runtime_error("The demo's messages did not arrive.");
    }
}

}  // namespace parley::app

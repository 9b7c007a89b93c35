#include "app/demo_data.hpp"

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <stdexcept>

#include "base/time.hpp"
#include "http/client.hpp"

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

#include "app/demo_data.hpp"

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <stdexcept>

#include "base/time.hpp"
#include "http/client.hpp"
#include "wa/signature.hpp"

namespace parley::app {
namespace {

using namespace std::chrono_literals;

struct DemoMessage {
    std::string_view wa_id;
    std::string_view name;
    std::string_view text;
    std::chrono::minutes ago;
};

constexpr std::array kMessages{
    DemoMessage{"551199990001", "Ana Souza", "Oi! O meu pedido já saiu?", 190min},
    DemoMessage{"551199990001", "Ana Souza", "O número é 48213 🙂", 189min},
    DemoMessage{"919812300002", "Ravi Patel", "Is the blue one still in stock?", 75min},
    DemoMessage{"971501230003", "ليلى حسن", "مرحبا، متى تفتحون غدا؟", 31min},
    DemoMessage{"14155550104", "Tom Becker", "Thanks, the parcel arrived today. *Great* packaging!", 12min},
};

std::string body_of(const DemoMessage& message, std::size_t index, const std::string& phone_number_id,
                    const std::string& waba_id) {
    auto at = std::chrono::duration_cast<std::chrono::seconds>((Clock{}.now() - message.ago).time_since_epoch());
    boost::json::object said{{"from", message.wa_id},
                             {"id", "wamid.demo" + std::to_string(index)},
                             {"timestamp", std::to_string(at.count())},
                             {"type", "text"},
                             {"text", {{"body", message.text}}}};
    boost::json::object contact{{"profile", {{"name", message.name}}}, {"wa_id", message.wa_id}};
    boost::json::object value{{"messaging_product", "whatsapp"},
                              {"metadata", {{"phone_number_id", phone_number_id}}},
                              {"contacts", boost::json::array{contact}},
                              {"messages", boost::json::array{said}}};
    boost::json::object change{{"field", "messages"}, {"value", value}};
    boost::json::object entry{{"id", waba_id}, {"changes", boost::json::array{change}}};
    return boost::json::serialize(
        boost::json::object{{"object", "whatsapp_business_account"}, {"entry", boost::json::array{entry}}});
}

}  // namespace

awaitable<void> seed_demo(asio::io_context& io, std::string address, std::string app_secret,
                          std::string phone_number_id, std::string waba_id) {
    http::Client client(io);
    auto url = http::parse_url(address + "/webhook").value();
    for (std::size_t i = 0; i < kMessages.size(); ++i) {
        http::ClientRequest request;
        request.method = http::Method::post;
        request.url = url;
        request.body = body_of(kMessages[i], i, phone_number_id, waba_id);
        request.headers = {{"Content-Type", "application/json"},
                           {"X-Hub-Signature-256", wa::sign(request.body, app_secret)}};
        auto answer = co_await client.send(std::move(request));
        if (!answer || answer->status != 200) throw std::runtime_error("the demo's messages were not taken");
    }
}

}  // namespace parley::app

// What strangers say on an event socket, and in its handshake (the framing between them is Beast's). Reading a message
// never crashes; what is understood says the same when it is written again; what is not has a reason that fits into a
// goodbye. The handshake lets in only what the standard and the rules of origins allow.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/text.hpp"
#include "http/gate.hpp"
#include "http/letters.hpp"
#include "http/websocket.hpp"
#include "realtime/client_frame.hpp"
#include "realtime/frames.hpp"

namespace {

using namespace parley;
using namespace parley::realtime;

void require(bool holds) {
    if (!holds) std::abort();
}

struct Writer {
    json::object operator()(const AuthFrame& frame) const {
        json::object out{{"type", "auth"}, {"token", frame.token}};
        if (frame.resume) {
            require(frame.resume->offset >= 0);
            out["resume"] = {{"epoch", frame.resume->epoch}, {"offset", frame.resume->offset}};
        }
        return out;
    }
    json::object operator()(const ViewingFrame& frame) const {
        json::object out{{"type", "viewing"}, {"conversation_id", nullptr}};
        if (frame.conversation) {
            require(frame.conversation->value > 0);
            out["conversation_id"] = frame.conversation->value;
        }
        return out;
    }
    json::object operator()(const TypingFrame& frame) const {
        require(frame.conversation.value > 0);
        return {{"type", "typing"}, {"conversation_id", frame.conversation.value}, {"typing", frame.typing}};
    }
    json::object operator()(const PingFrame&) const { return {{"type", "ping"}}; }
    json::object operator()(const UnknownFrame& frame) const {
        // The answer quotes it.
        auto answer = unknown_type_frame(frame.type);
        require(json::parse(*answer).has_value() && answer->size() < 512);
        return {{"type", frame.type}};
    }
};

void check_message(std::string_view text) {
    auto frame = read_client_frame(text);
    if (!frame) {
        // RFC 6455, section 5.5: a control frame carries 125 bytes, two of which are the code.
        require(!frame.error().empty() && frame.error().size() <= 123 && is_storable_text(frame.error()));
        return;
    }
    auto written = boost::json::serialize(std::visit(Writer{}, *frame));
    auto again = read_client_frame(written);
    require(again && again->index() == frame->index());
    require(boost::json::serialize(std::visit(Writer{}, *again)) == written);
}

void check_let_in(const http::Request& request, const http::HandshakeRules& rules, const http::Response& response) {
    require(request.method == http::Method::get && request.upgrade && request.body.empty());
    require(request.header("Sec-WebSocket-Version") == "13");
    require(request.count_headers("Sec-WebSocket-Key") == 1 && request.header("Sec-WebSocket-Key").size() == 24);
    require(response.headers.size() == 1 && response.headers.front().value == rules.subprotocol);
    require(std::ranges::any_of(request.headers, [&](const http::Header& field) {
        return http::equal_ignoring_case(field.name, "Sec-WebSocket-Protocol") &&
               http::list_has(field.value, rules.subprotocol);
    }));
    require(request.count_headers("Origin") <= 1);
    auto origin = request.header("Origin");
    if (origin.empty() || origin == rules.origins.front()) return;
    auto authority = origin.find("://") + 3;
    require(authority > 3 && origin.find_first_of("/@?#", authority) == origin.npos);
    require(http::equal_ignoring_case(origin.substr(authority), request.header("Host")));
}

void check_handshake(std::string_view head) {
    static const http::HandshakeRules rules{.subprotocol = "parley.v1", .origins = {"https://inbox.example"}};
    auto gated = http::judge_head(head);
    if (!gated) return;
    auto response = http::answer_handshake(gated->request, rules);
    require(response.status == 101 || response.status == 400 || response.status == 403 || response.status == 426);
    if (response.status == 101) return check_let_in(gated->request, rules, response);
    require(json::parse(response.body).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    check_message(input);
    check_handshake(input);
    return 0;
}

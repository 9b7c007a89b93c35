// /api/live-chat/events: the way of the event log to the browser.
#include "api/routes.hpp"
#include "http/websocket.hpp"

namespace parley::api {
namespace {

/// Who is calling is said in the first message: a browser can set no header here, and a URL is no place for a token.
awaitable<http::Response> connect(realtime::Hub& hub, const http::HandshakeRules& rules, http::Request& request) {
    auto response = http::answer_handshake(request, rules);
    if (response.status == 101)
        response.upgrade = [&hub, address = request.remote_address](std::shared_ptr<http::WebSocket> socket) {
            hub.adopt(std::move(socket), address);
        };
    co_return response;
}

}  // namespace

void add_event_routes(http::Router& router, realtime::Hub& hub, std::vector<std::string> origins) {
    http::HandshakeRules rules{.subprotocol = "parley.v1", .origins = std::move(origins)};
    router.add(http::Method::get, "/api/live-chat/events",
               [&hub, rules = std::move(rules)](http::Request& request) { return connect(hub, rules, request); });
}

}  // namespace parley::api

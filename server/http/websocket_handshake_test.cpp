#include "base/crypto.hpp"
#include "base/json.hpp"
#include "http/websocket_fixture.hpp"

namespace parley::http {
namespace {

class HandshakeTest : public WebSocketTest {
  public:
    RawAnswer ask(std::string bytes) {
        RawAnswer answer;
        run_script(io_, ask_into(*this, std::move(bytes), answer));
        return answer;
    }

    std::string code_of(const RawAnswer& answer) {
        auto body = json::parse(answer.body);
        return body ? json::text(*body, "code") : "";
    }

  private:
    static awaitable<void> ask_into(HandshakeTest& test, std::string bytes, RawAnswer& answer) {
        RawPeer peer(test.io_);
        co_await peer.connect(test.server_->port());
        co_await peer.send(std::move(bytes));
        answer = co_await peer.receive();
        if (answer.status == 101) co_await test.accepted();
    }
};

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    auto at = text.find(what);
    EXPECT_NE(at, text.npos) << what;
    return at == text.npos ? text : text.replace(at, what.size(), with);
}

TEST_F(HandshakeTest, is_answered_as_the_standard_says) {
    auto answer = ask(handshake("Sec-WebSocket-Extensions: permessage-deflate\r\n"));
    EXPECT_EQ(answer.status, 101U);
    EXPECT_EQ(answer.header("Upgrade"), "websocket");
    EXPECT_TRUE(list_has(answer.header("Connection"), "upgrade"));
    EXPECT_EQ(answer.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(answer.header("Sec-WebSocket-Protocol"), "parley.v1");
    EXPECT_EQ(answer.header("Sec-WebSocket-Extensions"), "");
    EXPECT_EQ(answer.header("Server"), "Parley");
    EXPECT_TRUE(is_uuid(answer.header("X-Request-Id")));
}

TEST_F(HandshakeTest, of_another_version_or_none_is_426) {
    for (const auto& request :
         {std::string("GET /events HTTP/1.1\r\nHost: a\r\n\r\n"), replaced(handshake(), "Version: 13", "Version: 8"),
          replaced(handshake(), "Version: 13", "Version: 13, 8"),
          replaced(handshake(), "Sec-WebSocket-Version: 13\r\n", ""),
          replaced(handshake(), "Upgrade: websocket", "Upgrade: h2c"),
          replaced(handshake(), "Connection: Upgrade", "Connection: keep-alive")}) {
        auto answer = ask(request);
        EXPECT_EQ(answer.status, 426U) << request;
        EXPECT_EQ(code_of(answer), "upgrade_required");
        EXPECT_EQ(answer.header("Sec-WebSocket-Version"), "13");
    }
}

TEST_F(HandshakeTest, needs_a_key_of_16_bytes) {
    constexpr std::string_view kField = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (std::string_view field :
         {"", "Sec-WebSocket-Key:\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZTE=\r\n",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZTEy==\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j*Q==\r\n",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"}) {
        auto answer = ask(replaced(handshake(), kField, field));
        EXPECT_EQ(answer.status, 400U) << field;
        EXPECT_EQ(code_of(answer), "bad_request");
    }
}

TEST_F(HandshakeTest, has_to_offer_the_subprotocol) {
    constexpr std::string_view kField = "Sec-WebSocket-Protocol: parley.v1\r\n";
    for (std::string_view field : {"", "Sec-WebSocket-Protocol:\r\n", "Sec-WebSocket-Protocol: parley.v2\r\n",
                                   "Sec-WebSocket-Protocol: parley.v1.1, xparley.v1\r\n"}) {
        auto answer = ask(replaced(handshake(), kField, field));
        EXPECT_EQ(answer.status, 400U) << field;
        EXPECT_EQ(code_of(answer), "bad_request");
    }
    // RFC 6455, section 11.3.4: in one field or in several.
    for (std::string_view field : {"Sec-WebSocket-Protocol: parley.v2,parley.v1\r\n",
                                   "Sec-WebSocket-Protocol: parley.v2\r\nSec-WebSocket-Protocol: parley.v1\r\n"}) {
        auto answer = ask(replaced(handshake(), kField, field));
        EXPECT_EQ(answer.status, 101U) << field;
        EXPECT_EQ(answer.header("Sec-WebSocket-Protocol"), "parley.v1");
    }
}

TEST_F(HandshakeTest, is_for_pages_of_its_own_and_of_allowed_origins) {
    for (std::string_view origin :
         {"http://chat.example:8080", "https://chat.example:8080", "http://CHAT.example:8080", "https://inbox.example"})
        EXPECT_EQ(ask(handshake("Origin: " + std::string(origin) + "\r\n")).status, 101U) << origin;
    for (std::string_view origin :
         {"null", "http://chat.example", "http://chat.example:80801", "http://chat.example:8080.evil.example",
          "http://evil.example", "http://evil.example/chat.example:8080", "chat.example:8080", "://", "http://",
          "http://inbox.example", "https://inbox.example:443", "https://inbox.example/", "https://xinbox.example"}) {
        auto answer = ask(handshake("Origin: " + std::string(origin) + "\r\n"));
        EXPECT_EQ(answer.status, 403U) << origin;
        EXPECT_EQ(code_of(answer), "forbidden");
    }
    auto plain =
        replaced(handshake("Origin: http://chat.example\r\n"), "Host: chat.example:8080", "Host: chat.example");
    EXPECT_EQ(ask(plain).status, 101U);
    auto other =
        replaced(handshake("Origin: http://chat.example:8080\r\n"), "Host: chat.example:8080", "Host: chat.example");
    EXPECT_EQ(ask(other).status, 403U);
    EXPECT_EQ(ask(handshake("Origin: https://inbox.example\r\nOrigin: http://evil.example\r\n")).status, 400U);
    EXPECT_EQ(ask(handshake()).status, 101U) << "what is no browser sends none";
}

TEST_F(HandshakeTest, may_have_its_lists_in_several_fields) {
    // RFC 9110, section 5.3. Proxies add such fields.
    auto connection = replaced(handshake(), "Connection: Upgrade", "Connection: keep-alive\r\nConnection: Upgrade");
    EXPECT_EQ(ask(connection).status, 101U);
    auto upgrade = replaced(handshake(), "Upgrade: websocket", "Upgrade: h2c\r\nUpgrade: websocket");
    EXPECT_EQ(ask(upgrade).status, 101U);
}

TEST_F(HandshakeTest, comes_before_the_frames) {
    auto answer = ask(handshake() + peer_frame(op_text, "{}"));
    EXPECT_EQ(answer.status, 400U);
    EXPECT_TRUE(answer.says_close());
}

}  // namespace
}  // namespace parley::http

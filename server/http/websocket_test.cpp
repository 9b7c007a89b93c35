#include "http/websocket.hpp"

#include "http/websocket_fixture.hpp"

namespace parley::http {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

constexpr WebSocketLimits kLimits;
constexpr auto kSoon = 2s;  // much longer than it takes, much shorter than any limit

Frame frame_of(std::size_t size) {
    return std::make_shared<const std::string>(size, 'f');
}

awaitable<void> reading_script(WebSocketTest& test) {
    WebSocketPeer peer(test.io_);
    auto socket = co_await test.open(peer);
    test.keep_reading(socket);
    co_await peer.send(peer_frame(op_text, "whole") + peer_frame(op_text, "") +
                       peer_frame(op_text, "\0\xf0\x9f\x98\x80"s));
    // A letter cut in two, control frames and empty frames between its halves, and all of it byte by byte.
    auto message = peer_frame(op_text, "caf\xc3", {.fin = false}) + peer_frame(op_ping, "are you there?") +
                   peer_frame(op_continuation, "", {.fin = false}) + peer_frame(op_pong, "unasked") +
                   peer_frame(op_continuation, "\xa9", {.fin = false}) + peer_frame(op_continuation, "");
    for (char byte : message) co_await peer.send(std::string(1, byte));
    auto pong = co_await peer.receive();
    EXPECT_EQ(pong.opcode, op_pong);
    EXPECT_EQ(pong.payload, "are you there?");
    EXPECT_TRUE(pong.fin && !pong.masked);
    co_await peer.send(peer_frame(op_ping, std::string(125, 'p')));
    pong = co_await peer.receive();
    EXPECT_EQ(pong.payload, std::string(125, 'p'));
    std::string longest(kLimits.message_bytes, 'l');
    auto half = kLimits.message_bytes / 2;
    co_await peer.send(peer_frame(op_text, longest));
    co_await peer.send(peer_frame(op_text, longest.substr(half), {.fin = false}) +
                       peer_frame(op_continuation, longest.substr(half)));
    co_await peer.send(peer_goodbye(4321));
    peer.close_sending();
    bool ended = co_await test.ends_within(kSoon);
    EXPECT_TRUE(ended);
    EXPECT_EQ(test.texts_,
              (std::vector<std::string>{"whole", "", "\0\xf0\x9f\x98\x80"s, "caf\xc3\xa9", longest, longest}));
}

TEST_F(WebSocketTest, puts_messages_together_and_answers_pings) {
    run_script(io_, reading_script(*this));
}

/// Something after which the server says goodbye with `code`.
struct Offence {
    std::string bytes;
    unsigned code;
};

awaitable<void> offence_script(WebSocketTest& test, Offence offence) {
    WebSocketPeer peer(test.io_);
    auto socket = co_await test.open(peer);
    test.texts_.clear();
    test.keep_reading(socket);
    co_await peer.send(peer_frame(op_text, "before"));
    co_await peer.send(offence.bytes);
    auto goodbye = co_await peer.receive();
    EXPECT_EQ(goodbye.opcode, op_close);
    EXPECT_EQ(goodbye.code(), offence.code);
    co_await peer.send(peer_goodbye(offence.code) + peer_frame(op_text, "after"));
    auto after = co_await peer.receive();
    EXPECT_TRUE(after.ended);
    bool ended = co_await test.ends_within(kSoon);
    EXPECT_TRUE(ended);
    EXPECT_EQ(socket->close_code(), offence.code);
    EXPECT_TRUE(socket->closing());
    EXPECT_EQ(test.texts_, std::vector<std::string>{"before"});
}

TEST_F(WebSocketTest, takes_no_message_over_its_limit) {
    auto half = kLimits.message_bytes / 2;
    for (const auto& bytes :
         {peer_frame(op_text, std::string(kLimits.message_bytes + 1, 'x')),
          peer_frame(op_text, std::string(half, 'x'), {.fin = false}) +
              peer_frame(op_continuation, std::string(half, 'x'), {.fin = false}) + peer_frame(op_continuation, "x"),
          peer_frame(op_text, "x", {.longer_by = 1ULL << 62}), peer_frame(op_text, "x", {.longer_by = 1ULL << 63}),
          peer_frame(op_text, "x", {.fin = false}) +
              peer_frame(op_continuation, "x", {.longer_by = static_cast<std::uint64_t>(-2)}),
          peer_frame(op_text, std::string(8 * 1024 * 1024, 'x'))}) {
        SCOPED_TRACE(bytes.size());
        run_script(io_, offence_script(*this, {bytes, 1009}));
    }
}

TEST_F(WebSocketTest, takes_text_only) {
    run_script(io_, offence_script(*this, {peer_frame(op_binary, "{}"), 1003}));
    for (const auto& text : {"\xff"s, "caf\xc3"s, "\xed\xa0\x80"s, "\xc0\xaf"s, "\xf4\x90\x80\x80"s, "\xf0\x9f\x98"s}) {
        SCOPED_TRACE(text);
        run_script(io_, offence_script(*this, {peer_frame(op_text, text), 1007}));
    }
    auto in_pieces = peer_frame(op_text, "caf\xc3", {.fin = false}) + peer_frame(op_continuation, "e");
    run_script(io_, offence_script(*this, {in_pieces, 1007}));
}

TEST_F(WebSocketTest, ends_with_a_peer_that_breaks_the_protocol) {
    std::vector<std::string> breaches{
        peer_frame(op_text, "unmasked", {.masked = false}),
        peer_frame(op_ping, "unmasked", {.masked = false}),
        peer_frame(op_text, "x", {.reserved_bits = 4}),
        peer_frame(op_text, "x", {.reserved_bits = 1}),
        peer_frame(op_ping, "x", {.reserved_bits = 2}),
        peer_frame(3, "x"),
        peer_frame(7, "x"),
        peer_frame(11, "x"),
        peer_frame(15, "x"),
        peer_frame(op_ping, "x", {.fin = false}),
        peer_frame(op_ping, std::string(126, 'x')),
        peer_frame(op_pong, std::string(126, 'x')),
        peer_frame(op_close, "\x03\xe8"s + std::string(124, 'x')),
        peer_frame(op_continuation, "of nothing"),
        peer_frame(op_text, "a", {.fin = false}) + peer_frame(op_text, "b"),
        peer_frame(op_text, "a", {.fin = false}) + peer_frame(op_binary, "b"),
        peer_frame(op_text, "x", {.length_bytes = 2}),
        peer_frame(op_text, std::string(200, 'x'), {.length_bytes = 8}),
        peer_frame(op_close, "x"),
        peer_goodbye(1000, "\xff"),
    };
    for (unsigned code : {0U, 999U, 1004U, 1005U, 1006U, 1014U, 1015U, 1016U, 2999U})
        breaches.push_back(peer_goodbye(code));
    for (std::size_t i = 0; i < breaches.size(); ++i) {
        SCOPED_TRACE(i);
        run_script(io_, offence_script(*this, {breaches[i], 1002}));
    }
}

// How sockets end.

awaitable<void> farewell_script(WebSocketTest& test, std::string bytes, unsigned echoed, unsigned code) {
    WebSocketPeer peer(test.io_);
    auto socket = co_await test.open(peer);
    test.keep_reading(socket);
    co_await peer.send(bytes);
    auto goodbye = co_await peer.receive();
    EXPECT_EQ(goodbye.opcode, op_close);
    EXPECT_EQ(goodbye.code(), echoed);
    auto after = co_await peer.receive();
    EXPECT_TRUE(after.ended);
    peer.close_sending();
    bool ended = co_await test.ends_within(kSoon);
    EXPECT_TRUE(ended);
    EXPECT_EQ(socket->close_code(), code);
}

TEST_F(WebSocketTest, answers_the_peers_goodbye) {
    for (unsigned code : {1000U, 1001U, 3000U, 4999U})
        run_script(io_, farewell_script(*this, peer_goodbye(code, "bye"), code, code));
    // RFC 6455, section 7.1.5: 1005 is the code of a goodbye without one.
    run_script(io_, farewell_script(*this, peer_frame(op_close, ""), 1000, 1005));
}

awaitable<void> goodbye_script(WebSocketTest& test) {
    WebSocketPeer peer(test.io_);
    auto socket = co_await test.open(peer);
    test.keep_reading(socket);
    socket->close(4401, "get a fresh token");
    socket->close(4403, "too late");
    EXPECT_TRUE(socket->closing());
    EXPECT_TRUE(socket->send(frame_of(1)));
    auto goodbye = co_await peer.receive();
    EXPECT_EQ(goodbye.code(), 4401U);
    EXPECT_EQ(goodbye.reason(), "get a fresh token");
    // What the peer says meanwhile is nobody's any more.
    co_await peer.send(peer_frame(op_text, "late") + peer_frame(op_ping, "") +
                       peer_frame(op_text, "half", {.fin = false}));
    co_await peer.send(peer_goodbye(4401));
    auto after = co_await peer.receive();
    EXPECT_TRUE(after.ended);
    peer.close_sending();
    bool ended = co_await test.ends_within(kSoon);
    EXPECT_TRUE(ended);
    EXPECT_EQ(socket->close_code(), 4401);
    EXPECT_TRUE(test.texts_.empty());
}

TEST_F(WebSocketTest, says_goodbye_once) {
    run_script(io_, goodbye_script(*this));
}

awaitable<void> no_answer_script(WebSocketTest& test) {
    WebSocketPeer peer(test.io_);
    auto socket = co_await test.open(peer);
    test.keep_reading(socket);
    auto start = Steady::now();
    socket->close(1012, "the server restarts");
    auto goodbye = co_await peer.receive();
    EXPECT_EQ(goodbye.code(), 1012U);
    auto after = co_await peer.receive();
    EXPECT_TRUE(after.ended);
    bool ended = co_await test.ends_within(kSoon);
    EXPECT_TRUE(ended);
    EXPECT_LT(Steady::now() - start, kLimits.close + kSoon);
    EXPECT_GE(Steady::now() - start, kLimits.close - 1s);
}

TEST_F(WebSocketTest, waits_for_the_peers_goodbye_up_to_its_limit) {
    run_script(io_, no_answer_script(*this));
}

awaitable<void> lost_script(WebSocketTest& test, bool reset) {
    WebSocketPeer peer(test.io_);
    auto socket = co_await test.open(peer);
    test.keep_reading(socket);
    co_await peer.send(peer_frame(op_text, "half", {.fin = false}));
    if (reset)
        peer.reset();
    else
        peer.close_sending();
    bool ended = co_await test.ends_within(kSoon);
    EXPECT_TRUE(ended);
    EXPECT_TRUE(socket->closing());
    EXPECT_EQ(socket->close_code(), 1006);
    EXPECT_TRUE(socket->send(frame_of(1)));
    socket->close(1012, "too late");
    EXPECT_EQ(socket->close_code(), 1006);
    auto next = co_await socket->read();
    EXPECT_FALSE(next);
}

TEST_F(WebSocketTest, ends_when_the_peer_vanishes) {
    run_script(io_, lost_script(*this, true));
    run_script(io_, lost_script(*this, false));
}

awaitable<void> cut_script(WebSocketTest& test) {
    WebSocketPeer peer(test.io_);
    auto socket = co_await test.open(peer);
    test.keep_reading(socket);
    socket->cut();
    auto after = co_await peer.receive();
    EXPECT_TRUE(after.ended);
    bool ended = co_await test.ends_within(kSoon);
    EXPECT_TRUE(ended);
    EXPECT_EQ(socket->close_code(), 1006);
}

TEST_F(WebSocketTest, ends_at_once_when_cut) {
    run_script(io_, cut_script(*this));
}

// Sending.

awaitable<void> sending_script(WebSocketTest& test) {
    WebSocketPeer peer(test.io_);
    auto socket = co_await test.open(peer);
    test.keep_reading(socket);
    for (std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U, 300'000U}) EXPECT_TRUE(socket->send(frame_of(size)));
    for (std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U, 300'000U}) {
        auto frame = co_await peer.receive();
        EXPECT_EQ(frame.opcode, op_text);
        EXPECT_TRUE(frame.fin && !frame.masked);
        EXPECT_EQ(frame.payload, std::string(size, 'f'));
    }
    socket->cut();
}

TEST_F(WebSocketTest, sends_each_frame_whole_and_in_order) {
    run_script(io_, sending_script(*this));
}

/// Sends until the peer, who reads nothing, has made it wait. Returns how many frames were taken.
awaitable<std::size_t> fill(std::shared_ptr<WebSocket> socket, Frame frame) {
    std::size_t taken = 0;
    bool drained = true;
    while (drained) {
        while (socket->send(frame)) ++taken;
        drained = co_await socket->drained(300ms);
    }
    while (socket->send(frame)) ++taken;
    co_return taken;
}

awaitable<void> full_script(WebSocketTest& test, std::size_t size) {
    WebSocketPeer peer(test.io_);
    auto socket = co_await test.open(peer);
    test.keep_reading(socket);
    auto frame = frame_of(size);
    auto taken = co_await fill(socket, frame);
    EXPECT_FALSE(socket->send(frame));
    EXPECT_FALSE(socket->closing());
    auto start = Steady::now();
    bool drained = co_await socket->drained(200ms);
    EXPECT_FALSE(drained);
    EXPECT_GE(Steady::now() - start, 200ms);

    for (std::size_t i = 0; i < taken / 2; ++i) co_await peer.receive();
    std::size_t read = taken / 2;
    for (; read < taken && !socket->send(frame); ++read) co_await peer.receive();
    EXPECT_LT(read, taken) << "there is room again before all was read";
    ++taken;
    for (; read < taken; ++read) {
        auto next = co_await peer.receive();
        EXPECT_EQ(next.payload.size(), size);
    }
    drained = co_await socket->drained(kSoon);
    EXPECT_TRUE(drained);
    socket->cut();
    drained = co_await socket->drained(0s);
    EXPECT_TRUE(drained);
}

TEST_F(WebSocketTest, takes_no_more_than_its_queue_holds) {
    run_script(io_, full_script(*this, 64 * 1024));
    run_script(io_, full_script(*this, 100));
}

awaitable<void> limits_script(WebSocketTest& test) {
    WebSocketPeer peer(test.io_);
    auto socket = co_await test.open(peer);
    // The first one leaves the queue at once, and nothing more does while this coroutine does not wait.
    std::size_t taken = 0;
    while (socket->send(frame_of(1))) ++taken;
    EXPECT_EQ(taken, kLimits.queued_frames + 1);
    WebSocketPeer other(test.io_);
    auto second = co_await test.open(other);
    EXPECT_TRUE(second->send(frame_of(1)));
    EXPECT_FALSE(second->send(frame_of(kLimits.queued_bytes + 1)));
    EXPECT_TRUE(second->send(frame_of(kLimits.queued_bytes)));
    EXPECT_FALSE(second->send(frame_of(1)));
    bool drained = co_await second->drained(0s);
    EXPECT_FALSE(drained);
    socket->cut();
    second->cut();
    drained = co_await second->drained(0s);
    EXPECT_TRUE(drained) << "nobody waits for what is lost";
}

TEST_F(WebSocketTest, counts_frames_and_bytes) {
    run_script(io_, limits_script(*this));
}

awaitable<void> drop_script(WebSocketTest& test) {
    WebSocketPeer peer(test.io_);
    auto socket = co_await test.open(peer);
    test.keep_reading(socket);
    auto frame = frame_of(64 * 1024);
    auto taken = co_await fill(socket, frame);
    auto held = frame.use_count();
    socket->close(4408, "slow");
    EXPECT_LT(frame.use_count(), held - 8) << "what waited is let go";
    bool drained = co_await socket->drained(0s);
    EXPECT_TRUE(drained);
    std::size_t read = 0;
    auto next = co_await peer.receive();
    for (; next.opcode == op_text; ++read) next = co_await peer.receive();
    EXPECT_LT(read, taken);
    EXPECT_EQ(next.code(), 4408U);
    co_await peer.send(peer_goodbye(4408));
    peer.close_sending();
    bool ended = co_await test.ends_within(kSoon);
    EXPECT_TRUE(ended);
}

TEST_F(WebSocketTest, drops_what_waits_when_closed) {
    run_script(io_, drop_script(*this));
}

awaitable<void> deaf_script(WebSocketTest& test) {
    WebSocketPeer peer(test.io_);
    auto socket = co_await test.open(peer);
    test.keep_reading(socket);
    auto frame = frame_of(64 * 1024);
    co_await fill(socket, frame);
    auto start = Steady::now();
    socket->close(4408, "slow");
    bool ended = co_await test.ends_within(kLimits.close + kSoon);
    EXPECT_TRUE(ended);
    EXPECT_GE(Steady::now() - start, kLimits.close - 1s);
    bool let_go = co_await test.is_last(socket);
    EXPECT_TRUE(let_go);
    EXPECT_EQ(frame.use_count(), 1);
}

TEST_F(WebSocketTest, ends_though_the_peer_reads_nothing) {
    run_script(io_, deaf_script(*this));
}

/// While a frame cannot be written the peer breaks the protocol; closed, the socket waits for its turn to write the
/// goodbye, and the peer begins to read.
awaitable<void> knot_script(WebSocketTest& test) {
    WebSocketPeer peer(test.io_);
    auto socket = co_await test.open(peer);
    test.keep_reading(socket);
    auto frame = frame_of(64 * 1024);
    co_await fill(socket, frame);
    co_await peer.send(peer_frame(op_text, "before") + peer_frame(op_text, "x", {.masked = false}));
    auto limit = Steady::now() + kSoon;
    while (test.texts_.empty() && Steady::now() < limit) co_await socket->drained(10ms);
    EXPECT_EQ(test.texts_, std::vector<std::string>{"before"});
    socket->close(4408, "slow");
    ServerFrame next;
    while (!next.ended) next = co_await peer.receive();
    bool ended = co_await test.ends_within(kLimits.close + kSoon);
    EXPECT_TRUE(ended);
    bool let_go = co_await test.is_last(socket);
    EXPECT_TRUE(let_go);
}

TEST_F(WebSocketTest, ends_though_the_peer_breaks_the_protocol_while_it_is_full) {
    run_script(io_, knot_script(*this));
}

}  // namespace
}  // namespace parley::http

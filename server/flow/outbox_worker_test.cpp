#include "flow/outbox_worker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "flow/ingest.hpp"
#include "http/server.hpp"
#include "store/messages.hpp"
#include "support/deliveries.hpp"

namespace parley::flow {
namespace {

using namespace std::chrono_literals;
using test::kCustomer;
using test::kNumber;
using test::kOtherNumber;

/// Stands for Meta: takes messages over real sockets, answers what the test put on its list, and accepts the rest.
class Graph {
  public:
    explicit Graph(asio::io_context& io) : arrived(io.get_executor()), let_go(io.get_executor()) {
        router_.add(http::Method::post, "/v24.0/{number}/messages",
                    [this](http::Request& request) { return answer(*this, request); });
        server_ = std::make_unique<http::Server>(io, http::ServerOptions{}, router_);
        server_->start();
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
    awaitable<void> stop() { co_await server_->stop(); }

    awaitable<void> wait_for(std::size_t requests) {
        while (received.size() < requests)
            if (!co_await arrived.wait_for(test::kPatience)) throw std::runtime_error("no request came");
    }
    std::vector<std::string> texts() const {
        std::vector<std::string> out;
        for (const auto& body : received) out.push_back(json::text(*json::find(body, "text"), "body"));
        return out;
    }

    std::deque<http::Response> script;
    std::string held;  ///< a message of this text is not answered before `let_go`
    std::vector<json::value> received;
    std::string authorization;
    Signal arrived;
    Signal let_go;

  private:
    static awaitable<http::Response> answer(Graph& graph, http::Request& request) {
        graph.authorization = request.header("authorization");
        graph.received.push_back(json::parse(request.body).value());
        auto number = std::to_string(graph.received.size());
        bool hold = !graph.held.empty() && graph.texts().back() == graph.held;
        graph.arrived.notify();
        if (hold) co_await graph.let_go.wait_for(test::kPatience);
        if (graph.script.empty())
            co_return http::json_response(200, R"({"messages":[{"id":"wamid.)" + number + R"("}]})");
        auto response = std::move(graph.script.front());
        graph.script.pop_front();
        co_return response;
    }

    http::Router router_;
    std::unique_ptr<http::Server> server_;
};

http::Response an_error(unsigned status, int code) {
    return http::json_response(status, R"({"error":{"message":"Refused","type":"OAuthException","code":)" +
                                           std::to_string(code) + R"(,"error_data":{"details":"why"}}})");
}

http::Response no_answer() {
    http::Response response;
    response.abort = true;
    return response;
}

/// A worker with everything that a process has for it.
struct Sender {
    Sender(asio::io_context& io, const test::Database& database, const std::string& url)
        : pool(io, database.options(), 4),
          client(io),
          graph(client, url, "v24.0"),
          tokens("TOKEN"),
          folder(std::filesystem::temp_directory_path() / ("parley-outbox-" + random_uuid())),
          files(folder),
          uploader(io, pool, graph, files),
          worker(io, pool, graph, tokens, uploader, clock, metrics) {}
    ~Sender() { std::filesystem::remove_all(folder); }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;
    store::Pool pool;
    http::Client client;
    wa::GraphClient graph;
    Clock clock;
    Metrics metrics;
    GraphTokens tokens;
    std::filesystem::path folder;
    media::FileStore files;
    MediaUploader uploader;
    OutboxWorker worker;
};

awaitable<MessageId> store_reply(store::Pool& pool, AccountId account, std::string text, std::string to,
                                 std::string number) {
    auto conversation = co_await store::ensure_conversation(pool, account, number, to, test::kNoon);
    store::OutgoingReply reply;
    reply.conversation = conversation.value();
    reply.phone_number_id = number;
    reply.recipient = to;
    reply.text = text;
    reply.kind = "text";
    auto stored = co_await store::store_outgoing(pool, account, std::move(reply));
    co_return stored.value();
}

class Outbox : public ::testing::Test {
  protected:
    Outbox() : account(test::add_account(database)) {}
    ~Outbox() override {
        test::run(io, sender.worker.stop(20s));
        sender.client.stop();
        test::run(io, graph.stop());
        test::drain(io);
    }

    MessageId reply(std::string text, std::string to = kCustomer, std::string number = kNumber) {
        return test::run(io, store_reply(sender.pool, account, std::move(text), std::move(to), std::move(number)));
    }
    void send(MessageId message) {
        if (!started) sender.worker.start();
        started = true;
        test::run(io, sender.worker.send_and_wait(message, test::kPatience));
    }
    std::string message(MessageId id, const std::string& columns) const {
        return database.value("SELECT concat_ws(' ', " + columns +
                              ") FROM chat_messages WHERE id = " + std::to_string(id.value));
    }
    std::string row(MessageId id, const std::string& columns) const {
        return database.value("SELECT concat_ws(' ', " + columns +
                              ") FROM outbox WHERE message_id = " + std::to_string(id.value));
    }
    std::string attempts() const {
        return database.value(
            "SELECT string_agg(attempt || ' ' || outcome, ',' ORDER BY outbox_id, attempt) FROM send_attempts");
    }
    void make_due() { database.execute("UPDATE outbox SET available_at = now() WHERE state = 'pending'"); }

    test::Database database;
    AccountId account;
    asio::io_context io;
    Graph graph{io};
    Sender sender{io, database, graph.url()};
    bool started = false;
};

TEST_F(Outbox, settles_what_meta_accepts_as_sent) {
    auto id = reply("Hello");
    EXPECT_EQ(message(id, "status"), "queued");
    send(id);
    EXPECT_EQ(message(id, "status, whatsapp_message_id, sent_at IS NOT NULL"), "sent wamid.1 t");
    EXPECT_EQ(row(id, "state, attempts, lease"), "sent 1");
    EXPECT_EQ(attempts(), "1 accepted");
    EXPECT_EQ(database.value("SELECT string_agg(name, ',' ORDER BY \"offset\") FROM events"),
              "message.created,message.status");
    ASSERT_EQ(graph.received.size(), 1u);
    EXPECT_EQ(graph.authorization, "Bearer TOKEN");
    EXPECT_EQ(json::text(graph.received[0], "to"), std::string("+") + kCustomer);
    EXPECT_EQ(json::text(graph.received[0], "biz_opaque_callback_data"), callback_data_of(account, id));
}

TEST_F(Outbox, settles_what_meta_refuses_as_failed_and_tries_no_more) {
    graph.script.push_back(an_error(400, 131047));
    auto id = reply("Too late");
    send(id);
    EXPECT_EQ(message(id, "status, error_code, error_title, error_details"), "failed 131047 Refused why");
    EXPECT_EQ(row(id, "state, attempts"), "failed 1");
    EXPECT_EQ(attempts(), "1 refused");
    send(reply("The next one"));
    EXPECT_EQ(graph.texts(), (std::vector<std::string>{"Too late", "The next one"})) << "nothing waits behind it";
}

TEST_F(Outbox, tries_again_later_when_meta_says_so) {
    graph.script.push_back(an_error(500, 131016));
    auto id = reply("Hello");
    send(id);
    EXPECT_EQ(message(id, "status, error_code"), "queued 131016") << "the agent sees why it waits";
    EXPECT_EQ(row(id, "state, attempts, available_at > now() - interval '5 seconds', lease"), "pending 1 t");
    make_due();
    send(id);
    EXPECT_EQ(message(id, "status, error_code"), "sent");
    EXPECT_EQ(attempts(), "1 refused,2 accepted");
    EXPECT_EQ(graph.received.size(), 2u);
}

TEST_F(Outbox, gives_up_after_many_tries) {
    auto id = reply("Hello");
    database.execute("UPDATE outbox SET attempts = " + std::to_string(kMaxAttempts - 1));
    graph.script.push_back(an_error(500, 131016));
    send(id);
    EXPECT_EQ(message(id, "status, error_code"), "failed 131016");
    EXPECT_EQ(row(id, "state, attempts"), "failed " + std::to_string(kMaxAttempts));
}

TEST_F(Outbox, gives_up_after_a_day) {
    auto id = reply("Hello");
    database.execute("UPDATE outbox SET created_at = now() - interval '25 hours'");
    graph.script.push_back(an_error(500, 131016));
    send(id);
    EXPECT_EQ(message(id, "status"), "failed");
}

TEST_F(Outbox, never_repeats_what_it_does_not_know_the_outcome_of) {
    graph.script.push_back(no_answer());
    auto id = reply("Hello");
    send(id);
    EXPECT_EQ(message(id, "status"), "unknown");
    EXPECT_EQ(row(id, "state"), "unknown");
    EXPECT_EQ(attempts(), "1 unknown");
    make_due();
    send(reply("The next one"));
    EXPECT_EQ(graph.texts(), (std::vector<std::string>{"Hello", "The next one"}));

    auto report = test::a_status("wamid.late", MessageStatus::delivered);
    report.callback_data = callback_data_of(account, id);
    auto delivery = test::a_delivery({report});
    test::run(io, ingest(sender.pool, {&delivery, 1}));
    EXPECT_EQ(message(id, "status, whatsapp_message_id"), "delivered wamid.late") << "the status webhook settles it";
    EXPECT_EQ(row(id, "state"), "sent");
}

TEST_F(Outbox, tries_again_when_meta_cannot_be_reached) {
    test::run(io, graph.stop());
    auto id = reply("Hello");
    send(id);
    EXPECT_EQ(message(id, "status, error_code"), "queued 0");
    EXPECT_EQ(row(id, "state, attempts"), "pending 1");
}

TEST_F(Outbox, takes_up_a_status_that_came_before_the_answer) {
    auto early = test::a_status("wamid.1", MessageStatus::delivered);
    auto delivery = test::a_delivery({early});
    test::run(io, ingest(sender.pool, {&delivery, 1}));
    auto id = reply("Hello");
    send(id);
    EXPECT_EQ(message(id, "status, delivered_at IS NOT NULL"), "delivered t");
    EXPECT_EQ(database.value("SELECT count(*) FROM parked_updates"), "0");
}

TEST_F(Outbox, keeps_the_order_of_each_conversation) {
    std::vector<std::string> expected;
    MessageId last;
    for (int i = 0; i < 6; ++i) {
        expected.push_back("message " + std::to_string(i));
        last = reply(expected.back());
    }
    graph.script.push_back(an_error(400, 131026));  // the first fails; the others do not wait for it
    send(last);
    EXPECT_EQ(graph.texts(), expected);
    EXPECT_EQ(message(last, "status"), "sent");
}

TEST_F(Outbox, keeps_the_order_through_a_retry) {
    auto first = reply("first");
    auto second = reply("second");
    graph.script.push_back(an_error(500, 131016));
    send(first);
    EXPECT_EQ(row(second, "state, attempts"), "pending 0") << "it waits for the one before it";
    make_due();
    send(second);
    EXPECT_EQ(graph.texts(), (std::vector<std::string>{"first", "first", "second"}));
}

TEST_F(Outbox, lets_no_conversation_wait_for_another) {
    graph.held = "slow";
    auto slow = reply("slow");
    auto behind = reply("behind it");
    auto quick = reply("quick", "16505559999");
    send(quick);
    EXPECT_EQ(message(quick, "status"), "sent");
    EXPECT_EQ(message(slow, "status"), "queued");
    EXPECT_EQ(row(behind, "state"), "pending") << "one at a time in a conversation";
    graph.let_go.notify();
    send(behind);
    EXPECT_EQ(message(slow, "status"), "sent");
    EXPECT_EQ(message(behind, "status"), "sent");
}

TEST_F(Outbox, puts_back_what_would_pass_the_limit_of_a_pair) {
    MessageId last;
    for (int i = 0; i <= kPairBurst; ++i) last = reply("message " + std::to_string(i));
    send(last);
    EXPECT_EQ(graph.received.size(), static_cast<std::size_t>(kPairBurst));
    EXPECT_EQ(row(last, "state, attempts, available_at > now()"), "pending 0 t");
    EXPECT_EQ(message(last, "status, error_code"), "queued");
}

TEST_F(Outbox, pauses_a_number_whose_account_is_broken_and_no_other) {
    graph.script.push_back(an_error(401, 190));
    auto broken = reply("one");
    send(broken);
    EXPECT_EQ(row(broken, "state, attempts, available_at > now() + interval '30 seconds'"), "pending 1 t");
    auto waiting = reply("two", "16505559999");
    auto other = reply("three", kCustomer, kOtherNumber);
    send(other);
    EXPECT_EQ(message(other, "status"), "sent");
    EXPECT_EQ(row(waiting, "attempts"), "0");
}

awaitable<void> let_go_once_it_stops(asio::io_context& io, Graph& graph) {
    co_await sleep_for(io.get_executor(), 20ms);
    graph.let_go.notify();
}

awaitable<void> stop_in_the_middle(asio::io_context& io, Graph& graph, OutboxWorker& worker) {
    co_await graph.wait_for(1);
    asio::co_spawn(io, let_go_once_it_stops(io, graph), asio::detached);
    co_await worker.stop(20s);
}

TEST_F(Outbox, finishes_what_it_is_sending_when_it_is_stopped) {
    graph.held = "slow";
    auto slow = reply("slow");
    sender.worker.start();
    test::run(io, stop_in_the_middle(io, graph, sender.worker));
    EXPECT_EQ(message(slow, "status"), "sent");
    auto later = reply("later");
    test::run(io, sender.worker.send_and_wait(later, 100ms));
    EXPECT_EQ(row(later, "state"), "pending") << "nothing is claimed after the end";
    EXPECT_NO_THROW(test::run(io, sender.worker.stop(1s)));
}

TEST_F(Outbox, takes_over_what_a_worker_left_behind) {
    auto claimed = reply("claimed");
    auto sending = reply("sending", "16505559999");
    auto leased = [&](MessageId id, const std::string& state) {
        database.execute("UPDATE outbox SET state = '" + state +
                         "', lease = gen_random_uuid(), lease_until = now() - interval '1 second' WHERE message_id = " +
                         std::to_string(id.value));
    };
    leased(claimed, "claimed");
    leased(sending, "sending");
    send(claimed);
    EXPECT_EQ(message(claimed, "status"), "sent") << "nothing was written for it";
    EXPECT_EQ(message(sending, "status"), "unknown") << "its request may have been written";
    EXPECT_EQ(graph.texts(), (std::vector<std::string>{"claimed"}));
}

TEST_F(Outbox, leaves_alone_what_another_worker_is_sending) {
    auto id = reply("Hello");
    database.execute(
        "UPDATE outbox SET state = 'sending', lease = gen_random_uuid(), lease_until = now() + interval '1 "
        "minute'");
    send(reply("another", "16505559999"));
    EXPECT_EQ(row(id, "state"), "sending");
    EXPECT_EQ(graph.texts(), (std::vector<std::string>{"another"}));
}

TEST_F(Outbox, is_sent_once_by_two_workers) {
    std::vector<std::string> expected;
    for (int i = 0; i < 30; ++i) {
        expected.push_back("message " + std::to_string(10 + i));
        reply(expected.back(), "165055510" + std::to_string(10 + i % 10));
    }
    Sender second(io, database, graph.url());
    sender.worker.start();
    second.worker.start();
    test::run(io, graph.wait_for(expected.size()));
    test::run(io, sender.worker.stop(20s));
    test::run(io, second.worker.stop(20s));
    second.client.stop();
    auto texts = graph.texts();
    std::ranges::sort(texts);
    EXPECT_EQ(texts, expected);
    EXPECT_EQ(database.value("SELECT count(*) FROM outbox WHERE state = 'sent' AND attempts = 1"), "30");
}

}  // namespace
}  // namespace parley::flow

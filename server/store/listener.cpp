#include "store/listener.hpp"

namespace parley::store {
namespace {

const Statement kListenEvents{"listen_events", "LISTEN parley_events"};
const Statement kListenPresence{"listen_presence", "LISTEN parley_presence"};

struct FreeNotification {
    void operator()(PGnotify* notification) const { PQfreemem(notification); }
};

}  // namespace

awaitable<std::unique_ptr<Listener>> Listener::open(Executor executor, ConnectionOptions options) {
    auto connection = co_await Connection::open(executor, std::move(options));
    Batch batch;
    batch.add(kListenEvents).add(kListenPresence);
    co_await connection->run(std::move(batch));
    co_return std::unique_ptr<Listener>(new Listener(std::move(connection)));
}

awaitable<std::vector<Notification>> Listener::wait() {
    auto& connection = *connection_;
    std::vector<Notification> out;
    while (true) {
        while (auto* raw = PQnotifies(connection.pg_)) {
            std::unique_ptr<PGnotify, FreeNotification> one(raw);
            out.push_back({one->relname, one->extra});
        }
        if (!out.empty()) co_return out;
        if (connection.broken_) connection.fail("waiting for notifications");
        try {
            co_await connection.wait_for_socket(true, false);
        } catch (const boost::system::system_error&) {
            connection.fail("waiting for notifications");
        }
        if (PQconsumeInput(connection.pg_) != 1 || PQstatus(connection.pg_) != CONNECTION_OK)
            connection.fail("waiting for notifications");
    }
}

void Listener::cancel() {
    connection_->broken_ = true;
    connection_->socket_.cancel();
}

}  // namespace parley::store

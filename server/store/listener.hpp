// A connection of its own that waits for notifications (LISTEN).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/connection.hpp"

namespace parley::store {

struct Notification {
    std::string channel;
    std::string payload;
};

class Listener {
  public:
    /// Listens to "parley_events" (the payload is the id of an account with news) and "parley_presence". Throws DbError
    /// (gone) when the server cannot be reached.
    static awaitable<std::unique_ptr<Listener>> open(Executor executor, ConnectionOptions options);

    /// Waits for notifications and gives all that came. Throws DbError (gone) when the connection is lost: some may
    /// have been missed then. A connection that dies in silence is not noticed: poll beside it.
    awaitable<std::vector<Notification>> wait();
    /// Makes a waiting wait() throw.
    void cancel();

  private:
    explicit Listener(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
    std::unique_ptr<Connection> connection_;
};

}  // namespace parley::store

// Many clients of the event socket (contract/events.yaml) in one thread: each signs in, follows the log, notices holes
// and repeats, and resumes after a cut as the inbox does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/http_load.hpp"
#include "bench/socket.hpp"

namespace parley::bench {

class EventSockets {
  public:
    /// Called with each event frame, the number of its socket, and the time at which it was read.
    using OnEvent = std::function<void(std::size_t socket, std::string_view frame, Nanoseconds at)>;

    /// One socket for each token, not connected yet. `url` is that of the endpoint.
    EventSockets(Url url, std::vector<std::string> tokens, OnEvent on_event);

    /// Begins to connect all of them at once, those that have a position with `resume`.
    void connect();
    /// Ends all connections without a goodbye, as a failing network does. Positions are kept.
    void cut();
    /// Serves the sockets until the condition holds; false when that took over `limit`.
    bool serve_until(const std::function<bool()>& condition, Nanoseconds limit);

    std::size_t size() const { return clients_.size(); }
    std::size_t ready() const { return ready_; }                  ///< signed in and connected
    std::size_t recovered() const { return recovered_; }          ///< times that a resume was granted
    std::size_t lost() const { return lost_; }                    ///< connections ended by the server
    std::size_t out_of_order() const { return out_of_order_; }    ///< events that were not the next one
    const std::string& last_goodbye() const { return goodbye_; }  ///< code and reason of the last close frame

  private:
    struct Client {
        Socket socket;
        std::string token;
        std::string epoch;
        std::int64_t offset = -1;  // -1: none yet
        std::string received;
        bool upgraded = false;
        bool is_ready = false;
    };
    void open(std::size_t index);
    void read(std::size_t index);
    void take(std::size_t index, Nanoseconds at);
    void upgraded(Client& client);
    void frame(std::size_t index, unsigned opcode, std::string_view payload, Nanoseconds at);
    void text(std::size_t index, std::string_view payload, Nanoseconds at);
    void lose(Client& client);

    Url url_;
    OnEvent on_event_;
    Socket poll_;
    std::vector<Client> clients_;
    std::vector<char> buffer_ = std::vector<char>(1 << 18);
    std::size_t ready_ = 0, recovered_ = 0, lost_ = 0, out_of_order_ = 0;
    std::string goodbye_;
};

}  // namespace parley::bench

// Small questions over the network that show whether Meta and this server can reach each other.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/async.hpp"
#include "base/time.hpp"
#include "http/client.hpp"

namespace parley::wa {

struct Handshake {
    std::string problem;  ///< why nobody answered; empty: somebody did
    unsigned status = 0;
    bool echoed = false;  ///< 200 with the challenge and nothing else
};

class Probe {
  public:
    /// `graph_url` like "https://graph.facebook.com".
    Probe(http::Client& client, std::string graph_url) : client_(client), graph_url_(std::move(graph_url)) {}

    /// Asks the webhook address as Meta does before it delivers there (reference, section 2). No redirect is followed.
    awaitable<Handshake> shake_hands(std::string callback_url, std::string verify_token, std::string challenge);
    /// How far `clock` is ahead of Meta's, to about half a second; empty when nobody answers with a Date.
    awaitable<std::optional<std::chrono::milliseconds>> ahead_of_meta(const Clock& clock);

  private:
    http::Client& client_;
    std::string graph_url_;
};

/// The time that a Date header says (RFC 9110, section 5.6.7, its usual form); empty for anything else.
std::optional<TimePoint> parse_http_date(const std::string& text);

}  // namespace parley::wa

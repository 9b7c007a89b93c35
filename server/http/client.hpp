// The outbound HTTP/1.1 client, for the Graph API, JWKS and webhooks: http and https, connections reused per origin,
// every answer bounded in size and time. Certificates are verified against the system's store and the host name.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.hpp"
#include "http/message.hpp"

namespace parley::http {

struct Url {
    std::string scheme;  ///< "http" or "https"
    std::string host;
    std::string port;    ///< always set: given or the scheme's default
    std::string target;  ///< path and query, at least "/"
};
/// Empty for anything but an absolute http or https URL without user info; a fragment is dropped.
std::optional<Url> parse_url(std::string_view text);

struct ClientRequest {
    Method method = Method::get;
    Url url;
    std::vector<Header> headers;  ///< Host, Content-Length and User-Agent are set by the client
    std::string body;
    std::size_t max_body = 256 * 1024;          ///< a longer answer is an error, see ClientError
    std::chrono::milliseconds timeout{20'000};  ///< for the whole exchange
};

struct ClientResponse {
    unsigned status = 0;
    std::vector<Header> headers;
    std::string body;
    std::string_view header(std::string_view name) const;
};

/// Why there is no whole answer. `request_written` tells what a sender must know: false means that the peer cannot have
/// acted on the request (name not found, connection refused, TLS failure); true means that it may have.
struct ClientError {
    std::string reason;  ///< a short text for logs: "connect: Connection refused", "timeout", "answer too large"
    bool request_written = false;
};

/// Redirects are not followed. Answers may be chunked or length-delimited; a malformed one is an error.
/// A request on a reused connection that the peer had closed meanwhile is repeated on a fresh connection only when
/// nothing of it was written or the method is GET or HEAD.
class Client {
  public:
    explicit Client(asio::io_context& io);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    awaitable<std::expected<ClientResponse, ClientError>> send(ClientRequest request);
    /// Closes the idle connections; sends in progress fail.
    void stop();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace parley::http

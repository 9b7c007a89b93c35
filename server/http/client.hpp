// The outbound HTTP/1.1 client, for the Graph API, JWKS and webhooks: http and https, connections reused per origin,
// every answer bounded in size and time. Bodies of both may be larger than memory: files go out, and a sink takes in, a
// piece at a time. Certificates are verified against the system's store and the host name.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
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

    /// Sent behind `body`; the Content-Length is that of all together. A file that cannot be read to its declared end
    /// ends the exchange as an error.
    std::vector<std::variant<std::string, FilePart>> parts{};
    /// Takes the body of a 2xx answer as it comes, up to `max_body`; ClientResponse::body is then empty. Of any other
    /// answer the first 64 KiB are in ClientResponse::body. An exception of it ends the exchange as an error; what it
    /// was given before an error is not the whole.
    std::function<void(std::string_view)> sink{};
    /// Once connected: the longest time in which not a byte moves, the peer's thinking included. Zero: only `timeout`.
    std::chrono::milliseconds progress_timeout{0};
    /// Judges the addresses that the host resolves to (or is); the connection goes to one that it takes. Such a request
    /// has a connection of its own, neither taken from the idle ones nor left to them. Empty: all addresses will do.
    std::function<bool(const asio::ip::address&)> admits{};
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
    bool address_refused = false;  ///< the host has no address that ClientRequest::admits takes
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

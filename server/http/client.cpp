#include "http/client.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/ssl/error.hpp>
#include <list>
#include <set>
#include <utility>

#include "http/answer_reader.hpp"
#include "http/client_stream.hpp"
#include "http/letters.hpp"

namespace parley::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kMaxIdle{60};
constexpr std::size_t kMaxIdleConnections = 32;
constexpr std::size_t kReadBytes = 16 * 1024;

/// Fields that the client itself sets.
bool is_own_field(std::string_view name) {
    for (std::string_view own : {"Host", "Content-Length", "User-Agent", "Connection", "Transfer-Encoding"})
        if (equal_ignoring_case(own, name)) return true;
    return false;
}

bool is_well_formed(const ClientRequest& request) {
    auto sendable = [](const Header& field) { return is_token(field.name) && kValueCharacters.has_all(field.value); };
    return request.url.target.starts_with('/') && kTargetCharacters.has_all(request.url.target) &&
           kValueCharacters.has_all(request.url.host) && std::ranges::all_of(request.headers, sendable);
}

std::string write_head(const ClientRequest& request) {
    const auto& url = request.url;
    std::string head(to_string(request.method));
    head += ' ' + url.target + " HTTP/1.1\r\nHost: ";
    head += url.host.find(':') == url.host.npos ? url.host : '[' + url.host + ']';
    if (url.port != (url.scheme == "https" ? "443" : "80")) head += ':' + url.port;
    head += "\r\nUser-Agent: parley\r\n";
    bool has_length = !request.body.empty() || request.method == Method::post || request.method == Method::put ||
                      request.method == Method::patch;
    if (has_length) head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    for (const auto& field : request.headers)
        if (!is_own_field(field.name)) head += field.name + ": " + field.value + "\r\n";
    head += "\r\n";
    return head;
}

std::string origin_of(const Url& url) { return url.scheme + "://" + url.host + ':' + url.port; }

std::vector<asio::ip::tcp::endpoint> literal_endpoint(const Url& url) {
    boost::system::error_code error;
    auto address = asio::ip::make_address(url.host, error);
    if (error) return {};
    return {{address, static_cast<std::uint16_t>(std::stoul(url.port))}};
}

/// The one deadline of an exchange: when it passes, whatever the exchange waits for ends.
struct Exchanging {
    explicit Exchanging(Executor executor) : timer(executor), resolved(executor) {}

    void end(std::string why) {
        if (reason.empty()) reason = std::move(why);
        resolved.notify();
        if (stream) stream->close();
    }

    Timer timer;
    Signal resolved;
    std::shared_ptr<ClientStream> stream;
    std::string reason;  ///< why it was ended from outside; empty while it was not
    std::vector<asio::ip::tcp::endpoint> endpoints;
    boost::system::error_code resolve_error;
};

void set_deadline(const std::shared_ptr<Exchanging>& exchange, Clock::time_point deadline) {
    exchange->timer.expires_at(deadline);
    exchange->timer.async_wait([exchange](boost::system::error_code error) {
        if (!error) exchange->end("timeout");
    });
}

}  // namespace

struct Client::State {
    explicit State(Executor executor_) : executor(executor_), resolver(executor_) {}

    struct Idle {
        std::string origin;
        std::shared_ptr<ClientStream> stream;
        Clock::time_point since;
    };

    Executor executor;
    TcpResolver resolver;
    std::unique_ptr<asio::ssl::context> tls;
    std::list<Idle> idle;  ///< oldest first
    std::set<Exchanging*> exchanges;
    bool stopped = false;

    asio::ssl::context& tls_context();
    std::shared_ptr<ClientStream> take_idle(const std::string& origin);
    void keep(std::string origin, std::shared_ptr<ClientStream> stream);

    awaitable<std::expected<void, ClientError>> open(Exchanging& exchange, Url url);
    awaitable<std::expected<void, ClientError>> resolve(std::shared_ptr<Exchanging> exchange, Url url);
    awaitable<std::expected<void, ClientError>> transfer(Exchanging& exchange, const ClientRequest& request,
                                                         AnswerReader& answer);
};

// One request of the client and the answer to it, all within one deadline.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "http/answer_reader.hpp"
#include "http/client.hpp"
#include "http/client_stream.hpp"

namespace parley::http {

/// Failures are short reasons for logs.
class ClientExchange : public std::enable_shared_from_this<ClientExchange> {
  public:
    using Outcome = std::expected<void, std::string>;

    ClientExchange(Executor executor, ClientRequest request);

    /// False when the request could not be written without breaking its framing (line breaks in a value and the like).
    bool is_well_formed() const;
    const ClientRequest& request() const { return request_; }

    /// Starts the deadline: when it passes, whatever is waited for ends. `finish` stops it.
    void begin();
    void finish();
    /// Ends it from outside.
    void abort(std::string reason);
    /// Why it was ended by the deadline or `abort`; empty while it was not.
    const std::string& ended() const { return ended_; }

    /// Resolves the host, tries its addresses in turn, and shakes hands when `tls` is given.
    awaitable<Outcome> open(asio::ssl::context* tls);
    /// Takes an open connection instead.
    void adopt(std::shared_ptr<ClientStream> stream) { stream_ = std::move(stream); }

    /// Writes the request and reads the answer.
    awaitable<Outcome> transfer(AnswerReader& answer);

    /// True once any byte of the request was handed to a connection.
    bool request_written() const { return request_written_; }
    /// True once `open` found no address that the request admits.
    bool address_refused() const { return address_refused_; }
    std::shared_ptr<ClientStream> release_stream() { return std::move(stream_); }

  private:
    using Clock = std::chrono::steady_clock;

    void wait_until(Clock::time_point deadline);
    void progressed() { last_progress_ = Clock::now(); }
    void watch_progress();
    awaitable<Outcome> resolve();
    Outcome judge_addresses();
    awaitable<Outcome> connect();
    awaitable<Outcome> write_request();
    awaitable<Outcome> write(std::string_view head, std::string_view body);
    awaitable<Outcome> write_file(const FilePart& part);
    std::unexpected<std::string> failed(std::string_view what, const boost::system::error_code& error) const;

    const Executor executor_;
    const ClientRequest request_;
    Clock::time_point deadline_;
    Clock::time_point last_progress_;
    Timer timer_;
    TcpResolver resolver_;
    Signal resolved_;
    boost::system::error_code resolve_error_;
    std::vector<asio::ip::tcp::endpoint> endpoints_;
    std::shared_ptr<ClientStream> stream_;
    std::string ended_;
    bool request_written_ = false;
    bool peer_closed_ = false;  ///< before the request was written
    bool address_refused_ = false;
};

}  // namespace parley::http

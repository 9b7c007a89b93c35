#include "http/client.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <list>
#include <set>
#include <utility>

#include "http/answer_reader.hpp"
#include "http/client_exchange.hpp"
#include "http/client_stream.hpp"
#include "http/letters.hpp"

namespace parley::http {
namespace {

constexpr std::chrono::seconds kMaxIdle{60};
constexpr std::size_t kMaxIdleConnections = 32;

std::string origin_of(const Url& url) {
    return url.scheme + "://" + url.host + ':' + url.port;
}

bool may_repeat(Method method) {
    return method == Method::get || method == Method::head;
}

}  // namespace

std::string_view ClientResponse::header(std::string_view name) const {
    for (const auto& field : headers)
        if (equal_ignoring_case(field.name, name)) return field.value;
    return {};
}

struct Client::State {
    explicit State(Executor given) : executor(given) {}

    struct Idle {
        std::string origin;
        std::shared_ptr<ClientStream> stream;
        std::chrono::steady_clock::time_point since;
    };

    /// Made at first use: reading the system's certificates takes time and memory.
    asio::ssl::context& tls_context() {
        if (!tls) {
            tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
            SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
            tls->set_default_verify_paths();
        }
        return *tls;
    }

    /// An idle connection to `origin` that the peer has not closed, or nullptr.
    std::shared_ptr<ClientStream> take_idle(const std::string& origin) {
        auto oldest = std::chrono::steady_clock::now() - kMaxIdle;
        idle.remove_if([&](const Idle& entry) { return entry.since < oldest || !entry.stream->is_quiet(); });
        // The one used last is the least likely to be closed meanwhile.
        auto found =
            std::find_if(idle.rbegin(), idle.rend(), [&](const Idle& entry) { return entry.origin == origin; });
        if (found == idle.rend()) return nullptr;
        auto stream = std::move(found->stream);
        idle.erase(std::next(found).base());
        return stream;
    }

    void keep(std::string origin, std::shared_ptr<ClientStream> stream) {
        if (stopped) return;
        if (idle.size() == kMaxIdleConnections) idle.pop_front();
        idle.push_back({std::move(origin), std::move(stream), std::chrono::steady_clock::now()});
    }

    Executor executor;
    std::unique_ptr<asio::ssl::context> tls;
    std::list<Idle> idle;  ///< oldest first
    std::set<ClientExchange*> exchanges;
    bool stopped = false;
};

namespace {

/// Lists an exchange while it runs, and closes what it leaves open.
template <class Exchanges>
class Running {
  public:
    Running(Exchanges& all, ClientExchange& exchange) : all_(all), exchange_(exchange) {
        all_.insert(&exchange_);
        exchange_.begin();
    }
    ~Running() {
        all_.erase(&exchange_);
        exchange_.finish();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

  private:
    Exchanges& all_;
    ClientExchange& exchange_;
};

}  // namespace

Client::Client(asio::io_context& io) : state_(std::make_shared<State>(io.get_executor())) {}

Client::~Client() {
    stop();
}

void Client::stop() {
    state_->stopped = true;
    state_->idle.clear();
    for (auto* exchange : state_->exchanges) exchange->abort("stopped");
}

awaitable<std::expected<ClientResponse, ClientError>> Client::send(ClientRequest request) {
    auto state = state_;
    if (state->stopped) co_return std::unexpected(ClientError{"stopped", false});
    auto exchange = std::make_shared<ClientExchange>(state->executor, std::move(request));
    if (!exchange->is_well_formed()) co_return std::unexpected(ClientError{"malformed request", false});
    const auto& sent = exchange->request();
    const auto origin = origin_of(sent.url);
    Running running(state->exchanges, *exchange);
    while (true) {
        auto reused = sent.admits ? nullptr : state->take_idle(origin);
        if (reused) {
            exchange->adopt(reused);
        } else {
            auto* tls = sent.url.scheme == "https" ? &state->tls_context() : nullptr;
            auto opened = co_await exchange->open(tls);
            if (!opened)
                co_return std::unexpected(
                    ClientError{opened.error(), exchange->request_written(), exchange->address_refused()});
        }
        AnswerReader answer(sent.max_body, sent.method == Method::head, sent.sink);
        auto done = co_await exchange->transfer(answer);
        if (done) {
            if (answer.keep_alive() && !sent.admits) state->keep(origin, exchange->release_stream());
            co_return answer.release();
        }
        bool repeatable = reused && !answer.has_started() && exchange->ended().empty() &&
                          (may_repeat(sent.method) || !exchange->request_written());
        if (!repeatable) co_return std::unexpected(ClientError{done.error(), exchange->request_written()});
    }
}

}  // namespace parley::http

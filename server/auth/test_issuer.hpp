// For tests: an issuer on a loopback port, with everything on one io_context that the test drives itself.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "auth/jwks.hpp"
#include "base/async.hpp"
#include "http/client.hpp"
#include "http/router.hpp"
#include "http/server.hpp"

namespace parley::auth::test {

/// A monotonic clock that only the test moves.
struct FakeSteadyClock {
    std::chrono::steady_clock::time_point now{std::chrono::hours{1000}};
    MonotonicNow reader() {
        return [this] { return now; };
    }
};

/// Answers every GET of the key set with `answer` and counts how often it was asked.
class Issuer {
  public:
    Issuer() {
        router_.add(http::Method::get, "/auth/v1/.well-known/jwks.json", [this](http::Request&) {
            ++key_requests;
            return reply(this);
        });
        router_.add(http::Method::get, "/elsewhere", [this](http::Request&) {
            ++other_requests;
            return reply(this);
        });
        server_.emplace(io, http::ServerOptions{}, router_);
        server_->start();
        url_ = "http://127.0.0.1:" + std::to_string(server_->port());
    }

    const std::string& url() const { return url_; }
    std::string name() const { return url_ + "/auth/v1"; }
    void publish(boost::json::array keys) {
        answer = http::json_response(200, boost::json::serialize(boost::json::object{{"keys", std::move(keys)}}));
    }
    void shut_down() { run(server_->stop()); }

    /// Runs the loop until `work` has ended.
    template <class T>
    T run(awaitable<T> work) {
        std::optional<T> result;
        std::exception_ptr failure;
        asio::co_spawn(io, std::move(work), [&](std::exception_ptr error, T value) {
            failure = error;
            result = std::move(value);
        });
        turn([&] { return result.has_value(); });
        if (failure) std::rethrow_exception(failure);
        return std::move(*result);
    }
    void run(awaitable<void> work) {
        bool done = false;
        std::exception_ptr failure;
        asio::co_spawn(io, std::move(work), [&](std::exception_ptr error) {
            failure = error;
            done = true;
        });
        turn([&] { return done; });
        if (failure) std::rethrow_exception(failure);
    }
    template <class Condition>
    void turn(Condition reached) {
        io.restart();
        while (!reached()) io.run_one();
    }

    asio::io_context io{1};
    http::Client client{io};
    http::Response answer = http::json_response(200, R"({"keys":[]})");
    int key_requests = 0;
    int other_requests = 0;

  private:
    static awaitable<http::Response> reply(Issuer* self) { co_return self->answer; }

    http::Router router_;
    std::optional<http::Server> server_;
    std::string url_;
};

}  // namespace parley::auth::test

// A cheap HTTP/1.1 load generator: one thread, epoll, keep-alive, the bytes of every request made before the clock
// starts, and of an answer only status, length and end looked at.
#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parley::bench {

/// "http://127.0.0.1:8080/webhook" taken apart. Only numeric IPv4 addresses.
struct Url {
    explicit Url(std::string_view text);
    std::string authority;  ///< host:port
    std::string path;       ///< begins with /
    sockaddr_in address{};
};

/// The bytes of many requests, one after the other in memory.
class Requests {
  public:
    void add(std::string_view bytes);
    std::size_t size() const { return ends_.size(); }
    std::string_view operator[](std::size_t index) const;

  private:
    std::string bytes_;
    std::vector<std::size_t> ends_;
};

/// Follows one answer through the bytes of a connection.
class AnswerReader {
  public:
    enum class State { more, done, bad };

    /// Takes what was received. `bad`: not HTTP/1.x, no Content-Length, or bytes beyond the answer's end.
    State feed(std::string_view bytes);
    int status() const { return status_; }
    bool closes() const { return closes_; }

  private:
    State read_head();

    std::string head_;
    bool in_body_ = false;
    bool closes_ = false;
    int status_ = 0;
    std::size_t left_ = 0;
};

struct LoadPlan {
    int connections = 1;
    double seconds = 5;
    double rate = 0;      ///< requests per second; 0: each connection sends its next when the last is answered
    bool repeat = false;  ///< start again with the first request when all were sent
};

struct LoadResult {
    std::vector<std::uint32_t> latencies_us;  ///< of answers 200, ascending; at a rate from the time it was due
    std::vector<std::uint32_t> accepted;      ///< index of each request answered 200
    std::uint64_t status_200 = 0;
    std::uint64_t status_503 = 0;
    std::uint64_t status_other = 0;
    std::uint64_t broken = 0;      ///< connections that ended under a request, and answers that were no HTTP
    std::uint64_t unanswered = 0;  ///< 10 s after the end
    std::uint64_t unsent = 0;      ///< due at the rate before the end, but every connection was busy
    std::uint64_t bytes = 0;       ///< received
    std::int64_t begin_ns = 0;     ///< by the steady clock; at a rate request i is due i / rate seconds later
    double seconds = 0;            ///< first request to last answer
    double cpu_seconds = 0;        ///< of this program meanwhile
    bool ran_out = false;          ///< all requests were used before the time was over

    double per_second() const { return seconds > 0 ? static_cast<double>(status_200) / seconds : 0; }
    double percentile_ms(double share) const;
};

LoadResult run_load(const Url& url, const Requests& requests, const LoadPlan& plan);

}  // namespace parley::bench

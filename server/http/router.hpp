// The visible table of routes. Knows no product word.
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.hpp"
#include "http/message.hpp"

namespace parley::http {

/// What answers a request. May throw: the listener logs it and answers 500 (or 503, see ServiceUnavailable).
using Handler = std::function<awaitable<Response>(Request&)>;

/// Thrown by a handler when something it needs is away: answered 503 with `Retry-After: 1`.
struct ServiceUnavailable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline constexpr std::size_t kDefaultBodyLimit = 256 * 1024;

/// Asked before the body is read, and before `Expect: 100-continue` is answered: who is calling, whether so much of
/// this type is taken. Its answer refuses the request: the body is not read, and the connection closes when there is
/// one. nullopt lets the request in. May throw, and has its own handler deadline.
using Admit = std::function<awaitable<std::optional<Response>>(const Request&)>;

struct RouteOptions {
    std::size_t body_limit =
        kDefaultBodyLimit;  ///< bytes; a longer declared body is refused with 413 before it is read
    Admit admit{};          ///< empty: everybody
    /// A folder. Bodies then go to a TempFile in it, 64 KiB at a time, and the handler gets that as Request::file. When
    /// the disk is full the answer is 507 `disk_full`. Empty: bodies are in memory.
    std::string spool{};
};

struct Route {
    Method method;
    std::string pattern;  ///< "/a/{id}/b": a segment in braces matches one non-empty segment
    Handler handler;
    RouteOptions options{};
};

class Router {
  public:
    /// Routes are matched in the order in which they were added. GET routes answer HEAD as well (without the body).
    void add(Method method, std::string pattern, Handler handler, std::size_t body_limit = kDefaultBodyLimit);
    void add(Method method, std::string pattern, Handler handler, RouteOptions options);

    struct Match {
        const Route* route = nullptr;  ///< nullptr: 404 when `allowed` is empty, else 405
        std::vector<std::pair<std::string, std::string>> path_parameters;
        std::vector<Method> allowed;  ///< the methods this path has routes for (with HEAD beside GET)
    };
    Match match(Method method, std::string_view path) const;

  private:
    std::vector<Route> routes_;
};

}  // namespace parley::http

#include "http/router.hpp"

#include <algorithm>

namespace parley::http {
namespace {

using PathParameters = std::vector<std::pair<std::string, std::string>>;

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

/// Takes the first segment off `path`, which starts with '/'.
std::string_view take_segment(std::string_view& path) {
    auto end = path.find('/', 1);
    auto segment = path.substr(1, end == path.npos ? end : end - 1);
    path = end == path.npos ? std::string_view{} : path.substr(end);
    return segment;
}

/// Fills `parameters` only when the path matches.
bool matches(std::string_view pattern, std::string_view path, PathParameters& parameters) {
    if (pattern == path) return pattern.find('{') == pattern.npos;
    PathParameters found;
    while (!pattern.empty() && !path.empty()) {
        auto expected = take_segment(pattern);
        auto segment = take_segment(path);
        if (!is_parameter(expected)) {
            if (expected != segment) return false;
            continue;
        }
        auto value = percent_decode(segment, false);
        if (!value || value->empty()) return false;
        found.emplace_back(expected.substr(1, expected.size() - 2), std::move(*value));
    }
    if (!pattern.empty() || !path.empty()) return false;
    parameters = std::move(found);
    return true;
}

bool answers(Method offered, Method asked) {
    return offered == asked || (offered == Method::get && asked == Method::head);
}

}  // namespace

void Router::add(Method method, std::string pattern, Handler handler, std::size_t body_limit) {
    add(method, std::move(pattern), std::move(handler), RouteOptions{.body_limit = body_limit});
}

void Router::add(Method method, std::string pattern, Handler handler, RouteOptions options) {
    if (pattern.empty() || pattern.front() != '/') throw std::invalid_argument("a route pattern starts with '/'");
    routes_.push_back({method, std::move(pattern), std::move(handler), std::move(options)});
}

Router::Match Router::match(Method method, std::string_view path) const {
    Match match;
    if (path.empty() || path.front() != '/') return match;
    for (const auto& route : routes_) {
        if (!answers(route.method, method) || !matches(route.pattern, path, match.path_parameters)) continue;
        match.route = &route;
        return match;
    }
    auto allow = [&](Method allowed) {
        if (std::ranges::find(match.allowed, allowed) == match.allowed.end()) match.allowed.push_back(allowed);
    };
    PathParameters unused;
    for (const auto& route : routes_) {
        if (!matches(route.pattern, path, unused)) continue;
        allow(route.method);
        if (route.method == Method::get) allow(Method::head);
    }
    return match;
}

}  // namespace parley::http

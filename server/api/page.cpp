// The inbox page and what it needs to know before anybody has signed in.
#include <memory>

#include "api/routes.hpp"
#include "http/static_files.hpp"
#include "wire/json_writer.hpp"

namespace parley::api {
namespace {

/// Nothing but our own files runs or is loaded; the page talks to this server and to who signs its users in.
std::string content_security_policy(const PageSettings& settings) {
    return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
           "media-src 'self' blob:; manifest-src 'self'; connect-src 'self'" +
           (settings.auth_url.empty() ? "" : " " + settings.auth_url) +
           "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

awaitable<http::Response> page(const http::Request& request, std::shared_ptr<const PageSettings> shared,
                               std::string_view path) {
    const auto& settings = *shared;
    const auto* file = http::find_file(settings.files, path);
    if (!file) co_return http::problem(request, 404, "not_found", "There is nothing at this path.");
    auto response = http::file_response(request, *file);
    response.headers.push_back({"Content-Security-Policy", content_security_policy(settings)});
    response.headers.push_back({"Permissions-Policy", "camera=(self), microphone=(self), geolocation=(self)"});
    co_return response;
}

awaitable<http::Response> configuration(std::shared_ptr<const PageSettings> shared) {
    const auto& settings = *shared;
    std::string out = "{\"auth_url\":";
    wire::write_text(out, settings.auth_url);
    out += ",\"auth_key\":";
    wire::write_text(out, settings.auth_key);
    out += ",\"version\":";
    wire::write_text(out, settings.version);
    out += ",\"simulator_url\":";
    if (settings.simulator_url.empty())
        out += "null";
    else
        wire::write_text(out, settings.simulator_url);
    co_return http::json_response(200, out + "}");
}

}  // namespace

void add_page_routes(http::Router& router, PageSettings settings) {
    auto shared = std::make_shared<const PageSettings>(std::move(settings));
    auto serve = [shared](std::string_view path) {
        return [shared, path](http::Request& request) { return page(request, shared, path); };
    };
    // What the page itself finds its way by (web/src/app/router.ts).
    for (const char* pattern : {"/", "/c/{id}", "/settings", "/settings/{tab}", "/connection", "/connection/deliveries",
                                "/connection/deliveries/{id}", "/contacts/{id}"})
        router.add(http::Method::get, pattern, serve("/index.html"));
    for (const auto& file : shared->files)
        if (file.path != "/index.html") router.add(http::Method::get, std::string(file.path), serve(file.path));
    router.add(http::Method::get, "/config.json", [shared](http::Request&) { return configuration(shared); });
}

}  // namespace parley::api

// The route tables. Each adds its part; the order matters where patterns overlap (control routes first, objects last).
#pragma once

#include <optional>

#include "http/router.hpp"
#include "simulator/world.hpp"

namespace parley::simulator {

void add_phone_routes(http::Router& router, World& world);     ///< the phone page and its updates
void add_control_routes(http::Router& router, World& world);   ///< /_sim
void add_send_routes(http::Router& router, World& world);      ///< /{phone_number_id}/messages
void add_media_routes(http::Router& router, World& world);     ///< /{phone_number_id}/media, downloads
void add_template_routes(http::Router& router, World& world);  ///< /{waba_id}/message_templates
void add_object_routes(http::Router& router, World& world);    ///< numbers, subscriptions, /{id}

using GraphHandler = awaitable<http::Response> (*)(World&, http::Request&);
/// Adds `/{version}<pattern>` and `<pattern>` (the version may be left out). The handler runs only for a valid token
/// and a version of the form v1.2.
void add_graph_route(http::Router& router, World& world, http::Method method, const std::string& pattern,
                     GraphHandler handler, std::size_t body_limit = http::kDefaultBodyLimit);

/// The body as JSON, whether it came as JSON or as a form (where values may be JSON themselves, and names like
/// text[body] nest). An empty object when it is neither.
json::value body_of(const http::Request& request);

}  // namespace parley::simulator

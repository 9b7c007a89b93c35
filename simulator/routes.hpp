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
void add_block_routes(http::Router& router, World& world);     ///< /{phone_number_id}/block_users
void add_business_routes(http::Router& router, World& world);  ///< numbers, subscriptions, profile, /debug_token
void add_object_routes(http::Router& router, World& world);    ///< /{id}; the last

/// More of /_sim: templates, numbers and the token, customers and calls, media.
void add_business_controls(http::Router& router, World& world);
void add_customer_controls(http::Router& router, World& world);
void add_template_controls(http::Router& router, World& world);
/// A route of /_sim. Pages of other origins may not steer the simulator through the reader's browser.
using ControlHandler = awaitable<http::Response> (*)(World&, http::Request&);
void add_control_route(http::Router& router, World& world, http::Method method, const std::string& pattern,
                       ControlHandler handler, std::size_t body_limit = 4 * 1024 * 1024);
/// Always JSON, so that `curl -d` works without a content type; an empty object when it is not.
json::value control_body(const http::Request& request);

using GraphHandler = awaitable<http::Response> (*)(World&, http::Request&);
/// Adds `/{version}<pattern>` and `<pattern>` (the version may be left out). The handler runs only for a valid token
/// and a version of the form v1.2.
void add_graph_route(http::Router& router, World& world, http::Method method, const std::string& pattern,
                     GraphHandler handler, std::size_t body_limit = http::kDefaultBodyLimit);

/// The number or WABA that {id} names; nullptr when there is none or the presented token is another one's.
BusinessNumber* number_of(World& world, const http::Request& request);
Waba* waba_of(World& world, const http::Request& request);
/// The same for a number by its id.
bool may_use(const World& world, const http::Request& request, const BusinessNumber& number);

/// The body as JSON, whether it came as JSON or as a form (where values may be JSON themselves, and names like
/// text[body] nest). An empty object when it is neither.
json::value body_of(const http::Request& request);

}  // namespace parley::simulator

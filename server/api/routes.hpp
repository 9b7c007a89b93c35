// The route table of the product. Each resource has a file of its own; HTTP ends in it.
#pragma once

#include <functional>
#include <string>

#include "api/guard.hpp"
#include "base/metrics.hpp"
#include "flow/compose.hpp"
#include "flow/intake.hpp"
#include "http/router.hpp"

namespace parley::api {

/// `verify_token` empty: the handshake always fails.
void add_webhook_routes(http::Router& router, flow::Intake& intake, Metrics& metrics, const std::string& verify_token);
void add_conversation_routes(http::Router& router, Guard& guard, store::Pool& pool);
void add_message_routes(http::Router& router, Guard& guard, store::Pool& pool, flow::Composer& composer);
void add_number_routes(http::Router& router, Guard& guard, store::Pool& pool);

/// /healthz, /readyz and /metrics. `refresh` brings the gauges up to date before they are shown; `stopping` makes
/// /readyz fail while the server drains.
void add_operation_routes(http::Router& router, store::Pool& pool, Metrics& metrics, std::function<void()> refresh,
                          const bool& stopping);

}  // namespace parley::api

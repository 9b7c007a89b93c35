// The route table of the product. Each resource has a file of its own; HTTP ends in it.
#pragma once

#include <functional>
#include <string>

#include "api/guard.hpp"
#include "auth/sign_in.hpp"
#include "base/metrics.hpp"
#include "flow/compose.hpp"
#include "flow/contacts.hpp"
#include "flow/doctor.hpp"
#include "flow/intake.hpp"
#include "flow/media_fetcher.hpp"
#include "flow/receipts.hpp"
#include "flow/template_sync.hpp"
#include "http/router.hpp"
#include "http/static_files.hpp"
#include "realtime/hub.hpp"

namespace parley::api {

/// The handshake takes `verify_token` (empty: none) and those that are stored. What comes is noted in `sightings`.
void add_webhook_routes(http::Router& router, flow::Intake& intake, Metrics& metrics, const std::string& verify_token,
                        const flow::StoredTrust& stored, flow::WebhookSightings& sightings, const Clock& clock);
void add_conversation_routes(http::Router& router, Guard& guard, store::Pool& pool, flow::Receipts& receipts);
void add_message_routes(http::Router& router, Guard& guard, store::Pool& pool, flow::Composer& composer,
                        flow::Receipts& receipts);
void add_contact_routes(http::Router& router, Guard& guard, store::Pool& pool, flow::Contacts& contacts);
void add_media_routes(http::Router& router, Guard& guard, store::Pool& pool, media::FileStore& files,
                      flow::MediaFetcher& fetcher);
void add_template_routes(http::Router& router, Guard& guard, store::Pool& pool, flow::TemplateSync& templates);
void add_number_routes(http::Router& router, Guard& guard, store::Pool& pool);

/// What setting up numbers needs.
struct NumberSetup {
    store::Pool& pool;
    Seal& seal;
    wa::GraphClient& graph;
    flow::GraphTokens& tokens;
    flow::StoredTrust& trust;
    bool shared_app_secret = false;  ///< the configuration has one that speaks for all numbers
    bool shared_verify_token = false;
};
void add_settings_routes(http::Router& router, Guard& guard, NumberSetup setup);
/// /connection: whether everything is in place, for admins and owners.
void add_connection_routes(http::Router& router, Guard& guard, flow::Doctor& doctor);
/// A report as the API answers it.
json::object report_object(const flow::Report& report);
/// /deliveries: the journal of webhook deliveries, for admins and owners.
void add_delivery_routes(http::Router& router, Guard& guard, store::Pool& pool, flow::MediaFetcher& fetcher);
/// `sign_in`: where people sign in here, otherwise nullptr.
void add_member_routes(http::Router& router, Guard& guard, store::Pool& pool, auth::SignIn* sign_in);
/// /me, /accounts and /settings/account.
void add_me_routes(http::Router& router, Guard& guard, store::Pool& pool);

/// The built-in sign-in under /auth/v1, for clients made for Supabase.
void add_auth_token_routes(http::Router& router, auth::SignIn& sign_in, const std::string& version);
void add_auth_user_routes(http::Router& router, auth::SignIn& sign_in, auth::TokenVerifier& verifier);
/// For scripts on the server's side: asks for the admin key.
void add_auth_admin_routes(http::Router& router, auth::SignIn& sign_in);

/// The WebSocket of events. `origins`: whose pages may connect, beside the server's own.
void add_event_routes(http::Router& router, realtime::Hub& hub, std::vector<std::string> origins);

struct PageSettings {
    std::span<const http::StaticFile> files;
    std::string auth_url;  ///< whose users sign in (a Supabase project); empty: this server's own
    std::string auth_key;
    std::string version;
    std::string simulator_url;  ///< where the demo's phone is; empty outside the demo
};
/// "/", "/c/{id}" and the other paths of the page, its files and /config.json.
void add_page_routes(http::Router& router, PageSettings settings);

/// /healthz, /readyz and /metrics. `refresh` brings the gauges up to date before they are shown; `stopping` makes
/// /readyz fail while the server drains.
void add_operation_routes(http::Router& router, store::Pool& pool, Metrics& metrics, std::function<void()> refresh,
                          const bool& stopping);

}  // namespace parley::api

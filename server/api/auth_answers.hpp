// How /auth/v1 reads and answers, in the shapes of Supabase's API that its clients rely on.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "auth/sign_in.hpp"
#include "auth/verifier.hpp"
#include "base/json.hpp"
#include "http/router.hpp"

namespace parley::api {

inline constexpr std::size_t kAuthBodyLimit = 16 * 1024;

/// Both forms of Supabase's errors in one: {"code","error_code","message","msg"}. Clients believe `code` only beside
/// the header X-Supabase-Api-Version.
http::Response refused(const auth::Refusal& refusal);
boost::json::object user_object(const store::User& user);
http::Response user_answer(const store::User& user);
/// Without `expires_at`: clients then reckon with their own clock, which may be wrong.
http::Response session_answer(const auth::OpenSession& session);

/// The body as an object; 400 bad_json.
auth::Granted<json::value> auth_body(const http::Request& request);
/// A string member; empty when absent or null. 400 validation_failed for anything else.
auth::Granted<std::optional<std::string>> auth_text(const json::value& body, std::string_view name);
/// An object whose members are to be merged; those that are null are to be removed.
auth::Granted<store::MetadataChange> metadata_member(const json::value& body, std::string_view name);

/// What the bearer token says; its session is not looked up. 401 no_authorization, 403 bad_jwt.
awaitable<auth::Granted<auth::Claims>> bearer_claims(auth::TokenVerifier& verifier, const http::Request& request);
/// The one token after "Bearer"; empty without exactly one such header.
std::string_view bearer_of(const http::Request& request);

}  // namespace parley::api

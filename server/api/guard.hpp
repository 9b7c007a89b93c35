// What stands before and behind every handler of the API: who is calling, and how errors become answers.
#pragma once

#include <functional>

#include "auth/verifier.hpp"
#include "base/result.hpp"
#include "domain/role.hpp"
#include "http/router.hpp"
#include "store/accounts.hpp"

namespace parley::api {

/// A verified caller with a place in an account.
struct Principal {
    std::string user_id;
    AccountId account;
    std::string role;
};

using AccountHandler = std::function<awaitable<http::Response>(http::Request&, Principal)>;

class Guard {
  public:
    Guard(auth::TokenVerifier& verifier, store::Pool& pool) : verifier_(verifier), pool_(pool) {}

    /// Answers 401 without a valid token, 403 without a membership, and 503 while the database is away. The header
    /// X-Account-Id chooses among the accounts of the caller; without it it is that of the oldest membership.
    http::Handler require_member(AccountHandler handler) { return require_role(Role::agent, std::move(handler)); }
    /// And 403 to whoever has a lower role.
    http::Handler require_role(Role least, AccountHandler handler);

    /// Who calls, for what has to be decided before a body is read.
    awaitable<Result<Principal>> identify(const http::Request& request);

  private:
    static awaitable<http::Response> run(Guard& guard, Role least, const AccountHandler& handler,
                                         http::Request& request);

    auth::TokenVerifier& verifier_;
    store::Pool& pool_;
};

/// The problem that an Errc is, with its HTTP status.
http::Response problem_of(const http::Request& request, const Error& error, std::string_view extra_members = {});
unsigned status_of(Errc code);

/// Runs a handler and turns a database that is away into 503 with Retry-After.
http::Handler guarded(http::Handler handler);

}  // namespace parley::api

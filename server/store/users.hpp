// The people who sign in here, where there is no Supabase project. They belong to no account: see store/accounts.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "store/pool.hpp"

namespace parley::store {

struct User {
    std::string id;                    ///< a UUID in lower case
    std::string email;                 ///< ASCII letters in lower case; two that differ in case alone are one
    std::string password_hash;         ///< encoded Argon2id; empty: none
    std::string user_metadata = "{}";  ///< a JSON object that the user may write; at most 4096 bytes
    std::string app_metadata = "{}";   ///< a JSON object that only administrators write; at most 4096 bytes
    std::optional<TimePoint> email_confirmed_at;
    std::optional<TimePoint> last_sign_in_at;
    std::optional<TimePoint> banned_until;
    TimePoint created_at;
    TimePoint updated_at;
};

struct NewUser {
    std::string id;
    std::string email;
    std::string password_hash;  ///< empty: none
    std::string user_metadata = "{}";
    std::string app_metadata = "{}";
};

/// Members to set, and members to take away, of a metadata object.
struct MetadataChange {
    std::string set = "{}";
    std::vector<std::string> remove = {};
};

/// What is absent stays as it is.
struct UserChange {
    std::optional<std::string> email = std::nullopt;
    std::optional<std::string> password_hash = std::nullopt;
    MetadataChange user_metadata = {};
    MetadataChange app_metadata = {};
    std::optional<std::chrono::seconds> ban = std::nullopt;  ///< from now; 0 lifts a ban
};

enum class UserError {
    exists,  // the address or the id is taken
    metadata_too_large,
    not_found,
};

struct UserPage {
    std::vector<User> users;
    std::int64_t total = 0;
};

User read_user(const Row& row);

awaitable<std::optional<User>> find_user(Pool& pool, std::string id);
awaitable<std::optional<User>> find_user_by_email(Pool& pool, std::string email);
/// Newest first.
awaitable<UserPage> page_of_users(Pool& pool, std::int64_t limit, std::int64_t offset);
awaitable<std::expected<User, UserError>> add_user(Pool& pool, NewUser user);

/// Which of a user's sessions a change ends.
struct EndSessions {
    bool any = false;
    std::string except = {};  ///< a session that goes on; empty: none does
};
/// `ended` receives the sessions that the change ended.
awaitable<std::expected<User, UserError>> update_user(Pool& pool, std::string id, UserChange change, EndSessions end,
                                                      std::vector<std::string>& ended);
/// Ends their sessions and memberships too. False when there is neither such a user nor such a member.
awaitable<bool> remove_user(Pool& pool, std::string id);

/// An attempt to sign in with a password, counted already.
struct SignInAttempt {
    std::optional<User> user;      ///< whose password is to be looked at
    std::chrono::seconds wait{0};  ///< the user exists and has to wait so long
};
awaitable<SignInAttempt> begin_sign_in(Pool& pool, std::string email);

struct Person {
    std::optional<AccountId> account;
    std::string user_id;
    std::string role;   ///< empty without an account
    std::string email;  ///< empty for members who sign in elsewhere
};
awaitable<std::vector<Person>> list_people(Pool& pool);

}  // namespace parley::store

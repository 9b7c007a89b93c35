// Who works in an account, and the accounts that one works in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/role.hpp"
#include "store/pool.hpp"

namespace parley::store {

struct MemberRecord {
    std::string user_id;
    std::string role;
    std::optional<std::string> email;  ///< of those who sign in here
    std::optional<std::string> name;   ///< the same, if they have one
    TimePoint created_at;
};
awaitable<std::vector<MemberRecord>> members_of(Pool& pool, AccountId account);

enum class MemberAction { add, change, remove };
/// Does what check_role_change allows `actor` to do to `user_id`; `role` is not looked at when removing. What is true
/// of both is read under the account's lock, so that two owners cannot take each other's place at once. Errc::not_found
/// for changing or removing somebody who is no member; Errc::wrong_state for adding one who is.
awaitable<Result<std::optional<MemberRecord>>> change_member(Pool& pool, AccountId account, std::string actor,
                                                             std::string user_id, MemberAction action, Role role);

struct AccountOfUser {
    AccountId id;
    std::string name;
    std::string role;
};
/// The oldest membership first.
awaitable<std::vector<AccountOfUser>> accounts_of_user(Pool& pool, std::string user_id);

inline constexpr std::int64_t kAccountsOfOwner = 100;
/// Errc::forbidden unless the user owns an account already, and fewer than kAccountsOfOwner.
awaitable<Result<AccountId>> add_account_of(Pool& pool, std::string owner, std::string name);
/// False when there is no such account.
awaitable<bool> rename_account(Pool& pool, AccountId account, std::string name);

}  // namespace parley::store

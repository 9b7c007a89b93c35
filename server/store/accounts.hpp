// Accounts, their business numbers and members.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/pool.hpp"

namespace parley::store {

struct Membership {
    AccountId account;
    std::string role;  ///< "owner", "admin" or "agent"
};

struct NumberOverview {
    std::string phone_number_id;
    std::optional<std::string> waba_id;
    std::string display_phone_number;
    std::string verified_name;
    std::int64_t unread_count = 0;
};

struct NumberSettings {
    std::string phone_number_id;
    std::string waba_id;               ///< empty: unknown, or as it is
    std::string display_phone_number;  ///< the same
    std::string verified_name;         ///< the same
};

/// The account that a user works in: the one that is named, or that of the oldest membership.
awaitable<std::optional<Membership>> find_membership(Pool& pool, std::string user_id,
                                                     std::optional<AccountId> account = std::nullopt);
/// Those that are in use, not the retired ones.
awaitable<std::vector<NumberOverview>> numbers_of(Pool& pool, AccountId account);

awaitable<AccountId> add_account(Pool& pool, std::string name);
/// Errc::invalid_argument when the number belongs to another account or the account does not exist.
awaitable<Result<void>> put_number(Pool& pool, AccountId account, NumberSettings number);
/// Errc::invalid_argument when the account does not exist.
awaitable<Result<void>> put_member(Pool& pool, AccountId account, std::string user_id, std::string role);

/// What the environment names at start: the first account with its number and owner. Idempotent; later starts add what
/// is missing and change nothing else.
struct FirstAccount {
    NumberSettings number;      ///< empty phone_number_id: nothing to do
    std::string owner_user_id;  ///< empty: no owner is added
};
awaitable<void> ensure_first_account(Pool& pool, FirstAccount wanted);

}  // namespace parley::store

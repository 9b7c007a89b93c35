// Business numbers as their account sets them up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/accounts.hpp"
#include "store/credentials.hpp"

namespace parley::store {

struct NumberRecord {
    std::string phone_number_id;
    std::string waba_id;               ///< empty: unknown
    std::string name;                  ///< what the account calls it; may be empty
    std::string display_phone_number;  ///< the same
    std::string verified_name;         ///< the same
    std::string read_receipts;         ///< "on_open", "on_reply" or "never"
    bool send_typing = true;
    std::optional<TimePoint> retired_at;
    TimePoint created_at;
    std::optional<TimePoint> last_delivery_at;  ///< when a webhook last brought something of this number
    std::vector<SealedCredential> credentials;  ///< those that are set

    const SealedCredential* credential(CredentialKind kind) const;
};

awaitable<std::vector<NumberRecord>> number_records(Pool& pool, AccountId account);
/// Errc::not_found, also for a number of another account.
awaitable<Result<NumberRecord>> find_number(Pool& pool, AccountId account, std::string phone_number_id);
/// The account that a number belongs to.
awaitable<std::optional<AccountId>> account_of_number(Pool& pool, std::string phone_number_id);

enum class NumberSaved { added, changed, taken };  // taken: it belongs to another account, nothing is saved
/// Adds a number, or changes one of this account and takes it into use again. `name` absent leaves the name.
awaitable<NumberSaved> save_number(Pool& pool, Seal& seal, AccountId account, NumberSettings number,
                                   std::optional<std::string> name, CredentialChange credentials);

/// What is absent stays as it is.
struct NumberChange {
    std::optional<std::string> name = std::nullopt;
    std::optional<std::string> waba_id = std::nullopt;
    std::optional<std::string> read_receipts = std::nullopt;
    std::optional<bool> send_typing = std::nullopt;
    std::optional<std::string> display_phone_number = std::nullopt;
    std::optional<std::string> verified_name = std::nullopt;
    CredentialChange credentials = {};
};
awaitable<void> change_number(Pool& pool, Seal& seal, AccountId account, std::string phone_number_id,
                              NumberChange change);

enum class NumberRemoved { removed, retired, not_found };
/// Removes a number that has no conversation; any other is retired: nothing is sent from it, its threads stay.
awaitable<NumberRemoved> remove_number(Pool& pool, AccountId account, std::string phone_number_id);

}  // namespace parley::store

// The secrets of business numbers: sealed in the database, each opens for its own row alone.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/seal.hpp"
#include "store/pool.hpp"

namespace parley::store {

enum class CredentialKind {
    token,         // for the Graph API
    app_secret,    // signs webhooks; two, comma-separated, during a rotation
    verify_token,  // answers the webhook handshake
};

/// What is absent stays as it is; what is empty is taken away.
struct CredentialChange {
    std::optional<std::string> token = std::nullopt;
    std::optional<std::string> app_secret = std::nullopt;
    std::optional<std::string> verify_token = std::nullopt;
    bool empty() const { return !token && !app_secret && !verify_token; }
};
/// Adds what writes it to `batch`; the number is there by then.
void change_credentials(Batch& batch, Seal& seal, AccountId account, std::string_view phone_number_id,
                        const CredentialChange& change);

struct SealedCredential {
    AccountId account;
    std::string phone_number_id;
    CredentialKind kind = CredentialKind::token;
    std::string sealed;
};
/// The secret, or why there is none.
std::expected<std::string, std::string> open_credential(Seal& seal, const SealedCredential& credential);

struct NumberToken {
    bool retired = false;                    ///< nothing is to be sent from the number
    std::optional<SealedCredential> sealed;  ///< absent: it has none of its own
};
/// Of an unknown number: neither.
awaitable<NumberToken> token_of_number(Pool& pool, AccountId account, std::string phone_number_id);
/// The newest token of the account's numbers in this WhatsApp Business Account.
awaitable<NumberToken> token_of_waba(Pool& pool, AccountId account, std::string waba_id);
/// The app secrets and verify tokens of all accounts.
awaitable<std::vector<SealedCredential>> webhook_credentials(Pool& pool);
/// Whether any number has a token of its own.
awaitable<bool> has_any_token(Pool& pool);

}  // namespace parley::store

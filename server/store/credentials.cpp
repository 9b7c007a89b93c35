#include "store/credentials.hpp"

#include <stdexcept>

namespace parley::store {
namespace {

std::string_view name_of(CredentialKind kind) {
    switch (kind) {
        case CredentialKind::token:
            return "token";
        case CredentialKind::app_secret:
            return "app_secret";
        case CredentialKind::verify_token:
            return "verify_token";
    }
    return "";
}

CredentialKind read_kind(std::string_view name) {
    for (auto kind : {CredentialKind::token, CredentialKind::app_secret, CredentialKind::verify_token})
        if (name == name_of(kind)) return kind;
    throw std::logic_error("a credential of an unknown kind");
}

std::string place_of(AccountId account, std::string_view phone_number_id, CredentialKind kind) {
    return "number_credentials/" + std::to_string(account.value) + "/" + std::string(phone_number_id) + "/" +
           std::string(name_of(kind));
}

awaitable<NumberToken> read_token(Pool& pool, const char* query, AccountId account, std::string of) {
    Params params;
    params.add(account).add(of);
    auto rows = co_await pool.query(query, std::move(params));
    NumberToken token;
    if (rows.empty()) co_return token;
    auto row = rows.front();
    token.retired = row.get<bool>("retired");
    if (auto sealed = row.get<std::optional<std::string>>("sealed"))
        token.sealed = {account, row.get<std::string>("phone_number_id"), CredentialKind::token, std::move(*sealed)};
    co_return token;
}

}  // namespace

void change_credentials(Batch& batch, Seal& seal, AccountId account, std::string_view phone_number_id,
                        const CredentialChange& change) {
    auto put = [&](CredentialKind kind, const std::optional<std::string>& secret) {
        if (!secret) return;
        Params params;
        params.add(account).add(phone_number_id).add(name_of(kind));
        if (!secret->empty()) params.add(seal.close(*secret, place_of(account, phone_number_id, kind)));
        batch.add(secret->empty() ? "remove_credential" : "put_credential", std::move(params));
    };
    put(CredentialKind::token, change.token);
    put(CredentialKind::app_secret, change.app_secret);
    put(CredentialKind::verify_token, change.verify_token);
}

std::expected<std::string, std::string> open_credential(Seal& seal, const SealedCredential& credential) {
    return seal.open(credential.sealed, place_of(credential.account, credential.phone_number_id, credential.kind));
}

awaitable<NumberToken> token_of_number(Pool& pool, AccountId account, std::string phone_number_id) {
    co_return co_await read_token(pool, "token_of_number", account, std::move(phone_number_id));
}

awaitable<NumberToken> token_of_waba(Pool& pool, AccountId account, std::string waba_id) {
    co_return co_await read_token(pool, "token_of_waba", account, std::move(waba_id));
}

awaitable<std::vector<SealedCredential>> webhook_credentials(Pool& pool) {
    auto rows = co_await pool.query("webhook_credentials");
    std::vector<SealedCredential> out;
    for (auto row : rows)
        out.push_back({row.get<AccountId>("account_id"), row.get<std::string>("phone_number_id"),
                       read_kind(row.get<std::string_view>("kind")), row.get<std::string>("sealed")});
    co_return out;
}

awaitable<bool> has_any_token(Pool& pool) {
    auto rows = co_await pool.query("any_token");
    co_return rows.front().get<bool>("found");
}

}  // namespace parley::store

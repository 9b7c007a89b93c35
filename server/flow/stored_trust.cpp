#include "flow/stored_trust.hpp"

#include <span>
#include <utility>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "store/credentials.hpp"
#include "wa/signature.hpp"

namespace parley::flow {
namespace {

constexpr std::chrono::seconds kRefresh{2};

/// Without empty parts: anybody can sign with an empty key.
std::vector<std::string> split(std::string_view secrets) {
    std::vector<std::string> out;
    while (!secrets.empty()) {
        auto one = secrets.substr(0, secrets.find(','));
        if (!one.empty()) out.emplace_back(one);
        secrets.remove_prefix(std::min(secrets.size(), one.size() + 1));
    }
    return out;
}

}  // namespace

awaitable<void> StoredTrust::refresh() {
    auto credentials = co_await store::webhook_credentials(pool_);
    std::map<std::string, std::set<AccountId>> app_secrets;
    std::set<std::string> verify_tokens;
    std::map<std::string, std::string> opened;
    for (const auto& credential : credentials) {
        auto known = opened_.find(credential.sealed);
        std::string secret;
        if (known != opened_.end() && !known->second.empty()) {
            secret = known->second;
        } else if (auto open = store::open_credential(seal_, credential)) {
            secret = std::move(*open);
        } else if (known == opened_.end()) {
            log::error("credential_unreadable", {{"account_id", credential.account.value},
                                                 {"phone_number_id", credential.phone_number_id},
                                                 {"reason", open.error()}});
        }
        opened[credential.sealed] = secret;
        if (secret.empty()) continue;
        if (credential.kind == store::CredentialKind::verify_token)
            verify_tokens.insert(std::move(secret));
        else
            for (auto& one : split(secret)) app_secrets[std::move(one)].insert(credential.account);
    }
    app_secrets_ = std::move(app_secrets);
    verify_tokens_ = std::move(verify_tokens);
    opened_ = std::move(opened);
}

awaitable<void> StoredTrust::keep_fresh(Executor executor) {
    for (;;) {
        co_await sleep_for(executor, kRefresh);
        try {
            co_await refresh();
        } catch (const store::DbError& error) {
            log::warn("stored_secrets_not_read", {{"reason", error.what()}});
        }
    }
}

std::vector<AccountId> StoredTrust::vouching(std::string_view signature, std::string_view body) const {
    for (const auto& [secret, accounts] : app_secrets_)
        if (wa::signature_matches(signature, body, std::span(&secret, 1))) return {accounts.begin(), accounts.end()};
    return {};
}

bool StoredTrust::verifies(std::string_view token) const {
    bool known = false;
    for (const auto& one : verify_tokens_) known |= equal_constant_time(token, one);
    return known;
}

}  // namespace parley::flow

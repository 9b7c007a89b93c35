#include "flow/directory.hpp"

namespace parley::flow {
namespace {

std::string text_of(const store::IdentityKey& key) {
    std::string text;
    text.reserve(key.phone_number_id.size() + key.kind.size() + key.value.size() + 2);
    return text.append(key.phone_number_id).append(1, '\0').append(key.kind).append(1, '\0').append(key.value);
}

}  // namespace

std::optional<AccountId> Directory::account_of(const std::string& phone_number_id) const {
    auto found = numbers_.find(phone_number_id);
    if (found == numbers_.end() || !versions_.contains(found->second.value)) return std::nullopt;
    return found->second;
}

std::int64_t Directory::version_of(AccountId account) const {
    return versions_.at(account.value);
}

const Directory::Customer* Directory::find(const store::IdentityKey& key) {
    auto text = text_of(key);
    auto found = recent_.find(text);
    if (found == recent_.end()) {
        auto old = older_.extract(text);
        if (old.empty()) return nullptr;
        found = recent_.insert(std::move(old)).position;
    }
    auto version = versions_.find(found->second.account.value);
    if (version == versions_.end() || version->second != found->second.version) return nullptr;
    return &found->second;
}

void Directory::learn_number(std::string phone_number_id, AccountId account, std::int64_t version) {
    numbers_.insert_or_assign(std::move(phone_number_id), account);
    versions_.insert_or_assign(account.value, version);
}

void Directory::learn(const store::IdentityKey& key, Customer customer) {
    versions_.insert_or_assign(customer.account.value, customer.version);
    if (recent_.size() >= capacity_) older_ = std::exchange(recent_, {});
    recent_.insert_or_assign(text_of(key), std::move(customer));
}

void Directory::forget(AccountId account) {
    versions_.erase(account.value);
}

}  // namespace parley::flow

// Who wrote lately: numbers, customers and their conversations as they were read from the database, so that storing a
// message of a known customer asks nothing first. An answer holds as long as its account's directory_version does;
// whoever moves or removes what is remembered here raises it (adding a customer does not). Ingest checks it under the
// account's lock, so several processes may each have a directory of their own.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "store/inbound.hpp"

namespace parley::flow {

class Directory {
  public:
    struct Customer {
        AccountId account;
        std::int64_t version = 0;
        ContactId contact;
        std::optional<ConversationId> conversation;  ///< with the business number of the key
        std::string name;
        std::string address = {};  ///< where replies of that conversation go
    };

    /// Keeps between `customers` and twice as many: those that were asked for last.
    explicit Directory(std::size_t customers = 10'000) : capacity_(customers) {}

    std::optional<AccountId> account_of(const std::string& phone_number_id) const;
    std::int64_t version_of(AccountId account) const;
    /// nullptr when not remembered. Valid until the next call of a member that is not const.
    const Customer* find(const store::IdentityKey& key);

    void learn_number(std::string phone_number_id, AccountId account, std::int64_t version);
    void learn(const store::IdentityKey& key, Customer customer);
    void forget(AccountId account);

  private:
    std::size_t capacity_;
    std::unordered_map<std::string, AccountId> numbers_;
    std::unordered_map<std::int64_t, std::int64_t> versions_;  // by account
    std::unordered_map<std::string, Customer> recent_;
    std::unordered_map<std::string, Customer> older_;  // what recent_ was when it was last full
};

}  // namespace parley::flow

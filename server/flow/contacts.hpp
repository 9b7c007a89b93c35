// Blocking a customer at Meta, for all business numbers that they write to.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "flow/graph_tokens.hpp"
#include "store/contacts.hpp"
#include "wa/graph.hpp"

namespace parley::flow {

class Contacts {
  public:
    Contacts(store::Pool& pool, wa::GraphClient& graph, GraphTokens& tokens, const Clock& clock)
        : pool_(pool), graph_(graph), tokens_(tokens), clock_(clock) {}
    Contacts(const Contacts&) = delete;
    Contacts& operator=(const Contacts&) = delete;

    /// Meta takes no messages of a blocked customer any more. It blocks only who wrote to a number in the last 24
    /// hours, so this holds for those numbers of the account that the customer wrote to. Errors: not_found, wrong_state
    /// (a group, nobody who wrote lately, no token), send_failed (Meta refuses or cannot be reached).
    awaitable<Result<void>> block(AccountId account, ContactId id);
    /// The same errors.
    awaitable<Result<void>> unblock(AccountId account, ContactId id);

  private:
    awaitable<Result<void>> change(AccountId account, ContactId id, bool block);
    awaitable<Result<void>> ask(AccountId account, store::ContactConversation conversation, bool block);

    store::Pool& pool_;
    wa::GraphClient& graph_;
    GraphTokens& tokens_;
    const Clock& clock_;
};

}  // namespace parley::flow

#include "flow/graph_tokens.hpp"

#include "base/log.hpp"

namespace parley::flow {

std::string GraphTokens::choose(const store::NumberToken& token) const {
    if (token.retired) return {};
    if (!token.sealed) return shared_;
    auto opened = store::open_credential(*seal_, *token.sealed);
    if (opened) return std::move(*opened);
    log::error("credential_unreadable", {{"account_id", token.sealed->account.value},
                                         {"phone_number_id", token.sealed->phone_number_id},
                                         {"reason", opened.error()}});
    return {};
}

awaitable<std::string> GraphTokens::of_number(AccountId account, std::string phone_number_id) {
    if (!pool_) co_return shared_;
    auto token = co_await store::token_of_number(*pool_, account, std::move(phone_number_id));
    co_return choose(token);
}

awaitable<std::string> GraphTokens::of_waba(AccountId account, std::string waba_id) {
    if (!pool_) co_return shared_;
    auto token = co_await store::token_of_waba(*pool_, account, std::move(waba_id));
    co_return choose(token);
}

}  // namespace parley::flow

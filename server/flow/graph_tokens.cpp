#include "flow/graph_tokens.hpp"

namespace parley::flow {

awaitable<std::string> GraphTokens::of_number(AccountId, std::string) {
    co_return shared_;
}

awaitable<std::string> GraphTokens::of_waba(AccountId, std::string) {
    co_return shared_;
}

}  // namespace parley::flow

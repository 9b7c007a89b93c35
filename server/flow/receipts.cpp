#include "flow/receipts.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/log.hpp"
#include "domain/conversation.hpp"

namespace parley::flow {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

/// More at once are left to the next opening.
constexpr std::size_t kMostAtOnce = 200;
constexpr std::array<std::chrono::milliseconds, 3> kPauses{1s, 5s, 20s};

std::string body_of(const std::string& wamid, bool typing) {
    json::object body{{"messaging_product", "whatsapp"}, {"status", "read"}, {"message_id", wamid}};
    if (typing) body["typing_indicator"] = json::object{{"type", "text"}};
    return boost::json::serialize(body);
}

}  // namespace

void Receipts::typing(AccountId account, ConversationId conversation) {
    auto now = Steady::now();
    if (typing_told_.size() >= kMostAtOnce)
        std::erase_if(typing_told_, [&](const auto& told) { return told.second + kTypingInterval <= now; });
    auto [told, first] = typing_told_.try_emplace({account, conversation}, now);
    if (!first && now < told->second + kTypingInterval) return;
    told->second = now;
    begin(Cause::typing, account, conversation);
}

void Receipts::begin(Cause cause, AccountId account, ConversationId conversation) {
    Place place{account, conversation};
    if (stopping_ || telling_.size() + showing_typing_.size() >= kMostAtOnce) return;
    if (cause == Cause::typing) {
        if (!showing_typing_.insert(place).second) return;
    } else if (auto [telling, fresh] = telling_.try_emplace(place, false); !fresh) {
        telling->second = true;
        return;
    }
    asio::co_spawn(executor_, run(cause, account, conversation), asio::detached);
}

awaitable<void> Receipts::run(Cause cause, AccountId account, ConversationId conversation) {
    Place place{account, conversation};
    bool again = true;
    while (std::exchange(again, false)) {
        try {
            co_await tell(cause, account, conversation);
        } catch (const std::exception& error) {
            log::warn("receipt_waits", {{"conversation_id", conversation.value}, {"reason", error.what()}});
        }
        if (cause != Cause::typing) again = std::exchange(telling_[place], false) && !stopping_;
    }
    if (cause == Cause::typing)
        showing_typing_.erase(place);
    else
        telling_.erase(place);
    idle_.notify();
}

awaitable<void> Receipts::tell(Cause cause, AccountId account, ConversationId conversation) {
    auto newest = co_await store::newest_incoming(pool_, account, conversation);
    if (!newest || newest->policy == "never") co_return;
    bool typing = cause == Cause::typing;
    bool wanted = newest->policy == (cause == Cause::replied ? "on_reply" : "on_open");
    if (!wanted || (!typing && !newest->due)) co_return;
    bool open = service_window(newest->last_incoming_at, clock_.now()) == ServiceWindow::open;
    if (typing && (!newest->send_typing || !open)) co_return;
    auto token = co_await tokens_.of_number(account, newest->phone_number_id);
    if (token.empty()) co_return;
    bool marked = co_await mark(*newest, std::move(token), typing);
    if (marked) co_await store::note_receipt(pool_, account, conversation, std::move(*newest));
}

awaitable<bool> Receipts::mark(store::NewestIncoming newest, std::string token, bool typing) {
    for (std::size_t tries = 0;; ++tries) {
        wa::GraphCall call;
        call.method = http::Method::post;
        call.path = "/" + newest.phone_number_id + "/messages";
        call.body = body_of(newest.wamid, typing);
        call.token = token;
        auto answer = co_await graph_.call(std::move(call));
        if (answer) co_return true;
        const auto& refused = answer.error();
        log::warn("receipt_refused", {{"message_id", newest.id.value},
                                      {"code", refused.error.code},
                                      {"http_status", refused.http_status},
                                      {"try", static_cast<std::int64_t>(tries + 1)}});
        // Meta will not take it tomorrow either.
        if (refused.remedy == wa::Remedy::give_up) co_return true;
        bool passing = refused.remedy != wa::Remedy::fix_account;
        if (!passing || typing || stopping_ || tries == kPauses.size()) co_return false;
        std::chrono::milliseconds pause = kPauses[tries];
        if (refused.retry_after) pause = std::max<std::chrono::milliseconds>(pause, *refused.retry_after);
        // So long a wait is left to the next opening.
        if (pause > 1min) co_return false;
        co_await sleep_for(executor_, pause);
        if (stopping_) co_return false;
    }
}

awaitable<void> Receipts::stop(std::chrono::seconds patience) {
    stopping_ = true;
    auto deadline = Steady::now() + patience;
    while (!telling_.empty() || !showing_typing_.empty()) {
        auto left = deadline - Steady::now();
        if (left <= 0s) co_return;
        co_await idle_.wait_for(left);
    }
}

}  // namespace parley::flow

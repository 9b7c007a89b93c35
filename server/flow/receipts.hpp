// Blue ticks and "typing ..." on customers' phones, as each business number wants them (reference, section 11).
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "base/async.hpp"
#include "base/time.hpp"
#include "flow/graph_tokens.hpp"
#include "store/receipts.hpp"
#include "wa/graph.hpp"

namespace parley::flow {

/// Tells Meta in the background; nobody waits for it. What is told is remembered with the conversation once Meta has
/// taken it, so what a process that dies leaves undone, the next opening of the thread tells.
class Receipts {
  public:
    Receipts(asio::io_context& io, store::Pool& pool, wa::GraphClient& graph, GraphTokens& tokens, const Clock& clock)
        : executor_(io.get_executor()), pool_(pool), graph_(graph), tokens_(tokens), clock_(clock), idle_(executor_) {}
    Receipts(const Receipts&) = delete;
    Receipts& operator=(const Receipts&) = delete;

    /// An agent has the thread open.
    void opened(AccountId account, ConversationId conversation) { begin(Cause::opened, account, conversation); }
    /// Meta took a reply of ours.
    void replied(AccountId account, ConversationId conversation) { begin(Cause::replied, account, conversation); }
    /// An agent types. Shown only while the window is open and where threads are marked as read when they are opened:
    /// Meta knows no typing without that.
    void typing(AccountId account, ConversationId conversation);

    /// Tells nothing more, and waits for what is being told, for at most `patience`.
    awaitable<void> stop(std::chrono::seconds patience);

    /// Meta shows it for 25 s.
    static constexpr std::chrono::seconds kTypingInterval{20};

  private:
    enum class Cause { opened, replied, typing };
    using Place = std::pair<AccountId, ConversationId>;

    void begin(Cause cause, AccountId account, ConversationId conversation);
    awaitable<void> run(Cause cause, AccountId account, ConversationId conversation);
    awaitable<void> tell(Cause cause, AccountId account, ConversationId conversation);
    /// True when the newest message needs no mark any more.
    awaitable<bool> mark(store::NewestIncoming newest, std::string token, bool typing);

    Executor executor_;
    store::Pool& pool_;
    wa::GraphClient& graph_;
    GraphTokens& tokens_;
    const Clock& clock_;
    Signal idle_;
    bool stopping_ = false;
    std::map<Place, bool> telling_;  // true: look once more when it is done
    std::set<Place> showing_typing_;
    std::map<Place, std::chrono::steady_clock::time_point> typing_told_;
};

}  // namespace parley::flow

// Keeps the lists of message templates as Meta has them: at start, every six hours, soon after webhooks about
// templates, and when somebody asks.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "flow/graph_tokens.hpp"
#include "store/templates.hpp"
#include "wa/graph.hpp"
#include "wa/template_list.hpp"

namespace parley::flow {

/// What became of reading the lists of one account.
struct SyncReport {
    bool finished = false;                                             ///< false: it goes on, the rest is not known yet
    std::int64_t synced = 0;                                           ///< templates in the lists that were read
    std::vector<std::pair<std::string, store::SyncProblem>> problems;  ///< by WABA id
};

class TemplateSync {
  public:
    TemplateSync(asio::io_context& io, store::Pool& pool, wa::GraphClient& graph, GraphTokens& tokens,
                 const Clock& clock)
        : executor_(io.get_executor()),
          pool_(pool),
          graph_(graph),
          tokens_(tokens),
          clock_(clock),
          wake_(executor_),
          idle_(executor_) {}
    TemplateSync(const TemplateSync&) = delete;
    TemplateSync& operator=(const TemplateSync&) = delete;

    /// The lists are first read a few seconds later.
    void start();
    /// Reads no further list and waits for the present ones, for at most `patience`. Idempotent.
    awaitable<void> stop(std::chrono::seconds patience);

    /// Reads all lists of the account, waiting for at most `patience`; they are read to the end in any case.
    /// Errc::wrong_state while the account's lists are being read because of such a call. Throws DbError.
    awaitable<Result<SyncReport>> sync_now(AccountId account, std::chrono::milliseconds patience);

  private:
    struct Run;
    struct List {
        std::vector<wa::TemplateDefinition> templates;
        bool whole = true;  ///< false: there are more pages than are read
    };
    awaitable<void> run();
    awaitable<void> run_account(AccountId account, std::shared_ptr<Run> run);
    /// The number of templates, or why the list could not be read; either is noted.
    awaitable<std::expected<std::int64_t, store::SyncProblem>> sync(store::ListedWaba waba);
    awaitable<std::expected<List, store::SyncProblem>> read_list(std::string waba_id, std::string token);

    Executor executor_;
    store::Pool& pool_;
    wa::GraphClient& graph_;
    GraphTokens& tokens_;
    const Clock& clock_;
    Signal wake_;
    Signal idle_;
    bool stopping_ = false;
    bool running_ = false;
    std::map<AccountId, std::shared_ptr<Run>> runs_;
};

}  // namespace parley::flow

#include "flow/template_sync.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <set>
#include <utility>

#include "base/log.hpp"

namespace parley::flow {
namespace {

using namespace std::chrono_literals;

constexpr auto kPoll = 2s;
constexpr auto kPauseAfterFailure = 30s;
constexpr int kMaxPages = 50;

store::SyncProblem problem_of(const wa::Refused& refused) {
    if (refused.http_status == 0) return {"unreachable", "Meta could not be reached.", std::nullopt};
    return {"refused", "Meta answered: " + refused.error.title, refused.error.code};
}

/// A template that moved from one page to the next while they were read comes twice.
std::vector<store::MessageTemplate> to_store(const std::vector<wa::TemplateDefinition>& listed) {
    std::vector<store::MessageTemplate> out;
    std::set<std::string_view> ids;
    std::set<std::pair<std::string_view, std::string_view>> names;
    for (const auto& one : listed) {
        if (ids.contains(one.id) || names.contains({one.name, one.language})) continue;
        ids.insert(one.id);
        names.emplace(one.name, one.language);
        store::MessageTemplate stored;
        stored.id = one.id;
        stored.name = one.name;
        stored.language = one.language;
        stored.category = one.category;
        stored.status = one.status;
        stored.parameter_format = one.parameter_format;
        stored.components = boost::json::serialize(one.components);
        stored.quality = one.quality;
        stored.rejected_reason = one.rejected_reason;
        out.push_back(std::move(stored));
    }
    return out;
}

}  // namespace

struct TemplateSync::Run {
    explicit Run(Executor executor) : over(executor) {}
    Signal over;
    SyncReport report;
    std::exception_ptr failure;
};

void TemplateSync::start() {
    running_ = true;
    asio::co_spawn(executor_, run(), asio::detached);
}

awaitable<void> TemplateSync::stop(std::chrono::seconds patience) {
    stopping_ = true;
    wake_.notify();
    auto deadline = std::chrono::steady_clock::now() + patience;
    while (running_ || !runs_.empty()) {
        auto left = deadline - std::chrono::steady_clock::now();
        if (left <= 0s) co_return;
        co_await idle_.wait_for(left);
    }
}

awaitable<void> TemplateSync::run() {
    bool all_due = false;
    std::chrono::steady_clock::duration pause = kPoll;
    co_await wake_.wait_for(pause);
    while (!stopping_) {
        pause = kPoll;
        try {
            if (!all_due) co_await store::make_template_syncs_due(pool_);
            all_due = true;
            auto wabas = co_await store::claim_template_syncs(pool_);
            for (auto& waba : wabas)
                if (!stopping_) co_await sync(std::move(waba));
        } catch (const std::exception& error) {
            // What was claimed would wait for hours.
            all_due = false;
            pause = kPauseAfterFailure;
            log::warn("template_sync_waits", {{"reason", error.what()}});
        }
        if (!stopping_) co_await wake_.wait_for(pause);
    }
    running_ = false;
    idle_.notify();
}

awaitable<std::expected<TemplateSync::List, store::SyncProblem>> TemplateSync::read_list(std::string waba_id,
                                                                                         std::string token) {
    List list;
    std::string after;
    bool restarted = false;
    for (int page = 0; page < kMaxPages; ++page) {
        wa::GraphCall call{.path = wa::template_list_path(waba_id, after), .body = {}, .token = token};
        auto answer = co_await graph_.call(std::move(call));
        if (!answer && answer.error().error.code == wa::kBadCursor && !std::exchange(restarted, true)) {
            list = {};
            after.clear();
            continue;
        }
        if (!answer) co_return std::unexpected(problem_of(answer.error()));
        auto read = wa::read_template_page(*answer);
        if (!read)
            co_return std::unexpected(
                store::SyncProblem{"unreadable", "What Meta answered is no list of templates.", std::nullopt});
        std::move(read->templates.begin(), read->templates.end(), std::back_inserter(list.templates));
        if (read->next.empty() || read->next == after) co_return list;
        after = std::move(read->next);
    }
    list.whole = false;
    co_return list;
}

awaitable<std::expected<std::int64_t, store::SyncProblem>> TemplateSync::sync(store::ListedWaba waba) {
    std::optional<store::SyncProblem> problem;
    auto token = co_await tokens_.of_waba(waba.account, waba.waba_id);
    if (token.empty()) {
        problem = {"no_token", "There is no Graph token for this WhatsApp Business Account.", std::nullopt};
        co_await store::note_sync_problem(pool_, waba, *problem);
        co_return std::unexpected(*problem);
    }
    auto read_at = clock_.now();
    auto list = co_await read_list(waba.waba_id, std::move(token));
    if (!list) {
        log::warn("templates_not_synced", {{"account_id", waba.account.value},
                                           {"waba_id", waba.waba_id},
                                           {"problem", list.error().code},
                                           {"code", list.error().meta_code.value_or(0)}});
        // A call that the end of the program cut short says nothing of Meta.
        if (!stopping_) co_await store::note_sync_problem(pool_, waba, list.error());
        co_return std::unexpected(list.error());
    }
    if (!list->whole)
        problem = {"too_many", "There are more templates than are read; the first ones are up to date.", std::nullopt};
    auto templates = to_store(list->templates);
    auto count = static_cast<std::int64_t>(templates.size());
    co_await store::replace_templates(pool_, waba, std::move(templates), list->whole, problem, read_at);
    log::info("templates_synced",
              {{"account_id", waba.account.value}, {"waba_id", waba.waba_id}, {"templates", count}});
    co_return count;
}

awaitable<void> TemplateSync::run_account(AccountId account, std::shared_ptr<Run> run) {
    try {
        auto wabas = co_await store::template_syncs_of(pool_, account);
        for (const auto& state : wabas) {
            if (stopping_) break;
            store::ListedWaba waba{account, state.waba_id};
            auto synced = co_await sync(std::move(waba));
            if (synced)
                run->report.synced += *synced;
            else
                run->report.problems.emplace_back(state.waba_id, std::move(synced.error()));
        }
        run->report.finished = true;
    } catch (...) {
        run->failure = std::current_exception();
    }
    runs_.erase(account);
    run->over.notify();
    idle_.notify();
}

awaitable<Result<SyncReport>> TemplateSync::sync_now(AccountId account, std::chrono::milliseconds patience) {
    if (runs_.contains(account))
        co_return failure(Errc::wrong_state, "The templates are being read from Meta already.");
    auto run = std::make_shared<Run>(executor_);
    runs_[account] = run;
    // Not a part of the caller's coroutine: that may be cancelled.
    asio::co_spawn(executor_, run_account(account, run), asio::detached);
    co_await run->over.wait_for(patience);
    if (run->failure) std::rethrow_exception(run->failure);
    co_return run->report;
}

}  // namespace parley::flow

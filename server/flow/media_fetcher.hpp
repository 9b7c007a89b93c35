// Fetches the files that customers sent: their messages are stored already, so nothing but the picture waits. Several
// fetchers (processes) may run against one database.
#pragma once

#include <random>

#include "base/async.hpp"
#include "base/time.hpp"
#include "flow/graph_tokens.hpp"
#include "media/file_store.hpp"
#include "store/media.hpp"
#include "wa/graph.hpp"

namespace parley::flow {

class MediaFetcher {
  public:
    MediaFetcher(asio::io_context& io, store::Pool& pool, wa::GraphClient& graph, GraphTokens& tokens,
                 media::FileStore& files, const Clock& clock);
    MediaFetcher(const MediaFetcher&) = delete;
    MediaFetcher& operator=(const MediaFetcher&) = delete;

    void start();
    /// Claims nothing more and waits for what is in progress, for at most `patience`; the rest is fetched by the next
    /// fetcher when its lease ends. Idempotent.
    awaitable<void> stop(std::chrono::seconds patience);
    /// There is something to fetch.
    void wake() { work_.notify(); }

  private:
    awaitable<void> run();
    awaitable<void> claim_due();
    awaitable<void> fetch(store::MediaJob job);
    awaitable<void> attempt(store::MediaJob job);
    awaitable<void> settle(store::MediaJob job, wa::MediaFacts facts, std::shared_ptr<TempFile> file);
    awaitable<void> refused(store::MediaJob job, wa::Refused refusal);
    /// Tries again later, or gives up when Meta has forgotten the file by then.
    awaitable<void> later(store::MediaJob job, std::chrono::milliseconds delay, std::string code, std::string detail,
                          bool counts = true);

    Executor executor_;
    store::Pool& pool_;
    wa::GraphClient& graph_;
    GraphTokens& tokens_;
    media::FileStore& files_;
    const Clock& clock_;
    Signal work_;
    Signal idle_;
    bool stopping_ = false;
    bool running_ = false;
    int in_flight_ = 0;
    std::minstd_rand random_{std::random_device{}()};
};

/// True when the bytes are those that `claimed` (base64 or hex; empty: nobody said) names. `sha256` is lower-case hex.
bool is_same_hash(std::string_view claimed, std::string_view sha256);

}  // namespace parley::flow

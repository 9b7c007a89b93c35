// Brings the file of a message to Meta before the message is sent; a copy that is there already is used again.
#pragma once

#include <expected>

#include "flow/graph_tokens.hpp"
#include "media/file_store.hpp"
#include "store/outbox.hpp"
#include "wa/graph.hpp"

namespace parley::flow {

class MediaUploader {
  public:
    MediaUploader(asio::io_context& io, store::Pool& pool, wa::GraphClient& graph, media::FileStore& files)
        : executor_(io.get_executor()), pool_(pool), graph_(graph), files_(files) {}
    MediaUploader(const MediaUploader&) = delete;
    MediaUploader& operator=(const MediaUploader&) = delete;

    /// Meta's id of the file of `item`, which has one. Uploading twice does no harm, so nothing is recorded before it;
    /// the claim is kept meanwhile.
    awaitable<std::expected<std::string, wa::Refused>> graph_id_of(store::OutboxItem item, std::string token);

  private:
    awaitable<void> keep_claim(store::OutboxItem item, std::shared_ptr<bool> done);

    Executor executor_;
    store::Pool& pool_;
    wa::GraphClient& graph_;
    media::FileStore& files_;
};

}  // namespace parley::flow

#include "flow/media_uploader.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/log.hpp"
#include "store/media.hpp"

namespace parley::flow {
namespace {

constexpr std::chrono::seconds kRenewal{10};

std::unexpected<wa::Refused> lost(std::string details) {
    wa::Refused refused;
    refused.error = {.code = 0, .title = "The file is gone", .details = std::move(details)};
    return std::unexpected(std::move(refused));
}

/// Ends the renewing of a claim however the upload ends.
struct Done {
    std::shared_ptr<bool> flag = std::make_shared<bool>(false);
    Done() = default;
    ~Done() { *flag = true; }
    Done(const Done&) = delete;
    Done& operator=(const Done&) = delete;
};

}  // namespace

awaitable<std::expected<std::string, wa::Refused>> MediaUploader::graph_id_of(store::OutboxItem item,
                                                                              std::string token) {
    auto media = item.media.value();
    auto known = co_await store::find_upload(pool_, item.account, media, item.phone_number_id);
    if (!known.empty()) co_return known;
    auto file = co_await store::find_media(pool_, item.account, media);
    if (!file || file->state != "stored") co_return lost("The file of this message is not stored here.");
    auto path = co_await files_.locate(file->sha256);
    if (!path) co_return lost("The file of this message is not in the media store any more.");
    Done done;
    asio::co_spawn(executor_, keep_claim(item, done.flag), asio::detached);
    auto id = co_await graph_.upload(item.phone_number_id, *path, *file->type, token);
    if (id) co_await store::put_upload(pool_, item.account, media, item.phone_number_id, *id);
    co_return id;
}

awaitable<void> MediaUploader::keep_claim(store::OutboxItem item, std::shared_ptr<bool> done) {
    for (bool held = true; held;) {
        co_await sleep_for(executor_, kRenewal);
        if (*done) co_return;
        try {
            held = co_await store::extend_claim(pool_, item);
        } catch (const store::DbError& error) {
            log::warn("claim_not_renewed", {{"outbox_id", item.id.value}, {"reason", error.what()}});
        }
    }
}

}  // namespace parley::flow

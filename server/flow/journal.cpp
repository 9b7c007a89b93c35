#include "flow/journal.hpp"

#include "flow/intake.hpp"
#include "wa/parse.hpp"

namespace parley::flow {

awaitable<std::optional<OpenedDelivery>> open_delivery(store::Pool& pool, AccountId account, DeliveryId id) {
    auto found = co_await store::find_delivery(pool, account, id);
    if (!found) co_return std::nullopt;
    auto numbers = wa::parse_delivery(found->body, found->row.received_at).numbers;
    bool of_others = co_await store::names_other_account(pool, account, std::move(numbers));
    co_return OpenedDelivery{std::move(*found), of_others};
}

awaitable<bool> replay_delivery(store::Pool& pool, DeliveryId id) {
    auto raw = co_await store::raw_delivery(pool, id);
    if (!raw) co_return false;
    PendingDelivery pending;
    pending.delivery = wa::parse_delivery(raw->body, raw->received_at);
    pending.body = std::move(raw->body);
    pending.received_at = raw->received_at;
    pending.replay_of = id;
    pending.vouched_by = std::move(raw->vouched_by);
    Directory directory;
    co_await ingest_isolating(pool, directory, {&pending, 1});
    co_return true;
}

}  // namespace parley::flow

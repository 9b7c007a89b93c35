#include "store/outbox.hpp"

#include "base/crypto.hpp"
#include "store/inbound.hpp"

namespace parley::store {
namespace {

Params step(const OutboxItem& item) {
    Params params;
    params.add(item.account).add(item.id).add(item.lease);
    return params;
}

void add_lock(Batch& batch, AccountId account) {
    Params params;
    params.add(account);
    batch.add("lock_account", std::move(params));
}

void add_finish(Batch& batch, const OutboxItem& item, std::int64_t attempt, std::string_view outcome,
                const std::optional<MessageError>& error) {
    if (attempt == 0) return;
    Params params;
    params.add(item.account).add(item.id).add(attempt).add(outcome);
    if (error) {
        params.add(error->code).add(error->title).add(error->details);
    } else {
        params.add_null().add_null().add_null();
    }
    batch.add("finish_attempt", std::move(params));
}

}  // namespace

awaitable<std::vector<OutboxItem>> claim(Pool& pool, std::vector<std::string> paused_numbers, std::int64_t limit) {
    auto lease = random_uuid();
    auto paused = Column::of_text(paused_numbers.size());
    for (const auto& number : paused_numbers) paused.add(number);
    Params params;
    params.add(lease).add(std::move(paused)).add(limit);
    auto rows = co_await pool.query("claim_outbox", std::move(params));
    std::vector<OutboxItem> items;
    for (auto row : rows) {
        OutboxItem item;
        item.account = row.get<AccountId>("account_id");
        item.id = row.get<OutboxId>("id");
        item.message = row.get<MessageId>("message_id");
        item.conversation = row.get<ConversationId>("conversation_id");
        item.phone_number_id = row.get<std::string>("phone_number_id");
        item.recipient = row.get<std::string>("recipient");
        item.lease = lease;
        item.attempts = row.get<std::int64_t>("attempts");
        item.created_at = row.get<TimePoint>("created_at");
        item.text = row.get<std::string>("message");
        item.kind = row.get<std::string>("message_type");
        item.media_url = row.get<std::optional<std::string>>("media_url").value_or("");
        item.payload = row.get<std::optional<std::string>>("payload").value_or("");
        item.reply_to = row.get<std::optional<std::string>>("reply_to_whatsapp_message_id").value_or("");
        item.media = row.get<std::optional<MediaId>>("media_id");
        items.push_back(std::move(item));
    }
    co_return items;
}

awaitable<std::optional<TimePoint>> next_due(Pool& pool) {
    auto rows = co_await pool.query("next_outbox_time");
    co_return rows.front().get<std::optional<TimePoint>>("at");
}

awaitable<std::optional<std::int64_t>> start_attempt(Pool& pool, const OutboxItem& item) {
    auto rows = co_await pool.query("start_attempt", step(item));
    if (rows.empty()) co_return std::nullopt;
    co_return rows.front().get<std::int64_t>("attempt");
}

awaitable<bool> extend_claim(Pool& pool, OutboxItem item) {
    auto rows = co_await pool.query("extend_claim", step(item));
    co_return !rows.empty();
}

awaitable<void> settle_accepted(Pool& pool, const OutboxItem& item, std::int64_t attempt, std::string wamid) {
    auto transaction = co_await Transaction::begin(pool);
    Batch batch;
    add_lock(batch, item.account);
    auto settle = step(item);
    settle.add(wamid);
    batch.add("settle_accepted", std::move(settle));
    add_finish(batch, item, attempt, "accepted", std::nullopt);
    Params parked;
    parked.add(item.account).add(wamid);
    batch.add("take_parked_of_message", std::move(parked));
    auto results = co_await transaction.run(std::move(batch));

    // What came in before this answer was processed (statuses often do) waited under the wamid.
    auto updates = read_parked(results.back());
    std::vector<PlacedStatus> statuses;
    Batch applied;
    for (const auto& update : updates) {
        if (auto* report = std::get_if<StatusReport>(&update.item))
            statuses.push_back({update.account, report, {}});
        else
            apply_change(applied, {update.account, update.contact, &update.item});
    }
    if (!statuses.empty()) apply_statuses(applied, statuses);
    co_await transaction.run_and_commit(std::move(applied));
}

awaitable<void> settle_refused(Pool& pool, const OutboxItem& item, std::int64_t attempt, MessageError error) {
    Batch batch;
    add_lock(batch, item.account);
    auto settle = step(item);
    settle.add(error.code).add(error.title).add(error.details);
    batch.add("settle_refused", std::move(settle));
    add_finish(batch, item, attempt, "refused", error);
    co_await pool.run(std::move(batch));
}

awaitable<void> settle_unknown(Pool& pool, const OutboxItem& item, std::int64_t attempt, std::string reason) {
    Batch batch;
    add_lock(batch, item.account);
    batch.add("settle_unknown", step(item));
    add_finish(batch, item, attempt, "unknown", MessageError{0, reason, ""});
    co_await pool.run(std::move(batch));
}

awaitable<void> put_back(Pool& pool, const OutboxItem& item, std::int64_t attempt, TimePoint available_at,
                         std::optional<MessageError> error) {
    Batch batch;
    if (error) add_lock(batch, item.account);
    auto release = step(item);
    release.add(available_at);
    batch.add("release_claim", std::move(release));
    add_finish(batch, item, attempt, "refused", error);
    if (error) {
        Params note;
        note.add(item.account).add(item.id).add(error->code).add(error->title).add(error->details);
        batch.add("note_waiting_error", std::move(note));
    }
    co_await pool.run(std::move(batch));
}

awaitable<void> rescue_expired(Pool& pool) {
    co_await pool.query("return_expired_claims");
    auto rows = co_await pool.query("lost_sends");
    for (auto row : rows) {
        OutboxItem item;
        item.account = row.get<AccountId>("account_id");
        item.id = row.get<OutboxId>("id");
        item.lease = row.get<std::string>("lease");
        auto attempt = row.get<std::int64_t>("attempts");
        co_await settle_unknown(pool, item, attempt, "the sender stopped before the answer came");
    }
}

}  // namespace parley::store

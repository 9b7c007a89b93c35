#include "store/media.hpp"

#include "base/crypto.hpp"

namespace parley::store {
namespace {

Params lock_of(AccountId account) {
    Params params;
    params.add(account);
    return params;
}

Params step(const MediaJob& job) {
    Params params;
    params.add(job.account).add(job.id).add(job.lease);
    return params;
}

}  // namespace

awaitable<Result<StoredMedia>> find_media(Pool& pool, AccountId account, MediaId id) {
    using Text = std::optional<std::string>;
    Params params;
    params.add(account).add(id);
    auto rows = co_await pool.query("media", std::move(params));
    if (rows.empty()) co_return failure(Errc::not_found, "There is no such file.");
    auto row = rows.front();
    StoredMedia out;
    out.id = row.get<MediaId>("id");
    out.state = row.get<std::string>("state");
    out.claimed_type = row.get<std::string>("claimed_type");
    out.type = row.get<Text>("type");
    out.size = row.get<std::optional<std::int64_t>>("size");
    out.file_name = row.get<std::string>("file_name");
    out.voice = row.get<bool>("voice");
    out.problem_code = row.get<Text>("problem_code");
    out.problem_detail = row.get<Text>("problem_detail");
    out.sha256 = row.get<Text>("sha256").value_or("");
    out.created_at = row.get<TimePoint>("created_at");
    co_return out;
}

awaitable<MediaId> add_media(Pool& pool, AccountId account, NewMedia media) {
    Params params;
    params.add(account).add(media.claimed_type).add(media.file_name).add(media.voice).add(media.type);
    params.add(media.sha256).add(media.size);
    auto rows = co_await pool.query("add_media", std::move(params));
    co_return rows.front().get<MediaId>("id");
}

awaitable<std::vector<MediaJob>> claim_media(Pool& pool, std::int64_t limit) {
    auto lease = random_uuid();
    Params params;
    params.add(lease).add(limit);
    auto rows = co_await pool.query("claim_media", std::move(params));
    std::vector<MediaJob> jobs;
    for (auto row : rows) {
        MediaJob job;
        job.account = row.get<AccountId>("account_id");
        job.id = row.get<MediaId>("id");
        job.lease = lease;
        job.phone_number_id = row.get<std::string>("phone_number_id");
        job.graph_id = row.get<std::string>("graph_id");
        job.claimed_type = row.get<std::string>("claimed_type");
        job.claimed_sha256 = row.get<std::string>("claimed_sha256");
        job.attempts = row.get<std::int64_t>("attempts");
        job.expires_at = row.get<std::optional<TimePoint>>("expires_at");
        jobs.push_back(std::move(job));
    }
    co_return jobs;
}

awaitable<void> settle_stored(Pool& pool, const MediaJob& job, std::string sha256, std::string type,
                              std::int64_t size) {
    auto params = step(job);
    params.add(sha256).add(type).add(size).add_null().add_null();
    Batch batch;
    batch.add("lock_account", lock_of(job.account)).add("settle_media", std::move(params));
    co_await pool.run(std::move(batch));
}

awaitable<void> settle_failed(Pool& pool, const MediaJob& job, std::string code, std::string detail) {
    auto params = step(job);
    params.add_null().add_null().add_null().add(code).add(detail);
    Batch batch;
    batch.add("lock_account", lock_of(job.account)).add("settle_media", std::move(params));
    co_await pool.run(std::move(batch));
}

awaitable<void> postpone(Pool& pool, const MediaJob& job, TimePoint when, std::string code, std::string detail,
                         bool counts) {
    auto params = step(job);
    params.add(when).add(code).add(detail).add(counts);
    co_await pool.query("postpone_media", std::move(params));
}

awaitable<Result<void>> retry_media(Pool& pool, AccountId account, MediaId id) {
    auto media = co_await find_media(pool, account, id);
    if (!media) co_return std::unexpected(media.error());
    Params params;
    params.add(account).add(id);
    Batch batch;
    batch.add("lock_account", lock_of(account)).add("retry_media", std::move(params));
    co_await pool.run(std::move(batch));
    co_return Result<void>{};
}

awaitable<std::string> find_upload(Pool& pool, AccountId account, MediaId id, std::string phone_number_id) {
    Params params;
    params.add(account).add(id).add(phone_number_id);
    auto rows = co_await pool.query("media_upload", std::move(params));
    co_return rows.empty() ? std::string() : rows.front().get<std::string>("graph_id");
}

awaitable<void> put_upload(Pool& pool, AccountId account, MediaId id, std::string phone_number_id,
                           std::string graph_id) {
    Params params;
    params.add(account).add(id).add(phone_number_id).add(graph_id);
    co_await pool.query("put_media_upload", std::move(params));
}

awaitable<void> drop_upload(Pool& pool, AccountId account, MediaId id, std::string phone_number_id) {
    Params params;
    params.add(account).add(id).add(phone_number_id);
    co_await pool.query("drop_media_upload", std::move(params));
}

}  // namespace parley::store

#include "store/deliveries.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <stdexcept>

namespace parley::store {
namespace {

/// bytea travels as text: "\x" and hexadecimal digits.
std::string read_bytes(std::string_view text) {
    std::string terminated(text);
    std::size_t size = 0;
    auto* bytes = PQunescapeBytea(reinterpret_cast<const unsigned char*>(terminated.c_str()), &size);
    if (!bytes) throw std::bad_alloc();
    std::string out(reinterpret_cast<const char*>(bytes), size);
    PQfreemem(bytes);
    return out;
}

/// "1,2"
std::vector<AccountId> read_accounts(std::string_view text) {
    std::vector<AccountId> out;
    while (!text.empty()) {
        auto one = text.substr(0, text.find(','));
        out.push_back({detail::to_int64(one, "vouched_by")});
        text.remove_prefix(std::min(text.size(), one.size() + 1));
    }
    return out;
}

JournaledDelivery read_row(const Row& row) {
    return {row.get<DeliveryId>("id"),
            row.get<AccountId>("account_id"),
            row.get<TimePoint>("received_at"),
            row.get<std::string>("state"),
            row.get<std::string>("problem"),
            row.get<std::string>("fields"),
            row.get<std::int64_t>("items"),
            row.get<std::int64_t>("bytes"),
            row.get<std::optional<TimePoint>>("replayed_at")};
}

}  // namespace

awaitable<std::vector<JournaledDelivery>> list_deliveries(Pool& pool, bool all, std::int64_t limit) {
    Params params;
    params.add(all).add(limit);
    auto rows = co_await pool.query("list_deliveries", std::move(params));
    std::vector<JournaledDelivery> out;
    for (auto row : rows) out.push_back(read_row(row));
    co_return out;
}

awaitable<std::vector<DeliveryId>> problem_deliveries(Pool& pool) {
    auto rows = co_await pool.query("problem_delivery_ids");
    std::vector<DeliveryId> out;
    for (auto row : rows) out.push_back(row.get<DeliveryId>("id"));
    co_return out;
}

awaitable<std::optional<RawDelivery>> raw_delivery(Pool& pool, DeliveryId id) {
    Params params;
    params.add(id);
    auto rows = co_await pool.query("delivery_to_replay", std::move(params));
    if (rows.empty()) co_return std::nullopt;
    auto row = rows.front();
    co_return RawDelivery{id, row.get<TimePoint>("received_at"), read_bytes(row.get<std::string_view>("body")),
                          read_accounts(row.get<std::string_view>("vouched_by"))};
}

awaitable<std::vector<JournaledDelivery>> deliveries_of(Pool& pool, AccountId account, DeliveryFilter filter) {
    Params params;
    params.add(account).add(filter.before).add(filter.limit);
    bool problems = filter.state == "partial" || filter.state == "dead";
    if (problems)
        params.add(filter.state);
    else
        params.add(filter.state == "stored");
    auto rows = co_await pool.query(problems ? "problem_deliveries_of" : "deliveries_of", std::move(params));
    std::vector<JournaledDelivery> out;
    for (auto row : rows) out.push_back(read_row(row));
    co_return out;
}

awaitable<std::optional<DeliveryWithBody>> find_delivery(Pool& pool, AccountId account, DeliveryId id) {
    Params params;
    params.add(account).add(id);
    auto rows = co_await pool.query("find_delivery", std::move(params));
    if (rows.empty()) co_return std::nullopt;
    auto row = rows.front();
    co_return DeliveryWithBody{read_row(row), read_bytes(row.get<std::string_view>("body"))};
}

awaitable<bool> names_other_account(Pool& pool, AccountId account, std::vector<BusinessNumber> numbers) {
    auto ids = Column::of_text(numbers.size()), wabas = Column::of_text(numbers.size());
    for (const auto& number : numbers) {
        ids.add(number.phone_number_id);
        wabas.add(number.waba_id);
    }
    Params params;
    params.add(account).add(std::move(ids)).add(std::move(wabas));
    auto rows = co_await pool.query("names_other_account", std::move(params));
    co_return rows.front().get<bool>("named");
}

awaitable<std::int64_t> estimated_messages(Pool& pool) {
    auto rows = co_await pool.query("estimated_messages");
    co_return rows.front().get<std::int64_t>("messages");
}

awaitable<void> refresh_statistics(Pool& pool) {
    auto transaction = co_await Transaction::begin(pool);
    Batch batch;
    batch.add("sample_few_rows").add("refresh_statistics");
    co_await transaction.run_and_commit(std::move(batch));
}

awaitable<void> delete_older(Pool& pool, TimePoint deliveries_before, TimePoint parked_before) {
    Params deliveries, parked;
    deliveries.add(deliveries_before);
    parked.add(parked_before);
    Batch batch;
    batch.add("delete_old_deliveries", std::move(deliveries)).add("delete_old_parked_updates", std::move(parked));
    co_await pool.run(std::move(batch));
}

}  // namespace parley::store

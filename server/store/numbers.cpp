#include "store/numbers.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace parley::store {
namespace {

NumberRecord read_number(AccountId account, const Row& row) {
    NumberRecord number;
    number.phone_number_id = row.get<std::string>("phone_number_id");
    number.waba_id = row.get<std::string>("waba_id");
    number.name = row.get<std::string>("name");
    number.display_phone_number = row.get<std::string>("display_phone_number");
    number.verified_name = row.get<std::string>("verified_name");
    number.read_receipts = row.get<std::string>("read_receipts");
    number.send_typing = row.get<bool>("send_typing");
    number.retired_at = row.get<std::optional<TimePoint>>("retired_at");
    number.created_at = row.get<TimePoint>("created_at");
    number.last_delivery_at = row.get<std::optional<TimePoint>>("last_delivery_at");
    constexpr std::array kinds{std::pair{"token", CredentialKind::token},
                               std::pair{"app_secret", CredentialKind::app_secret},
                               std::pair{"verify_token", CredentialKind::verify_token}};
    for (const auto& [column, kind] : kinds)
        if (auto sealed = row.get<std::optional<std::string>>(column))
            number.credentials.push_back({account, number.phone_number_id, kind, std::move(*sealed)});
    return number;
}

Params named(AccountId account, const std::string& phone_number_id) {
    Params params;
    params.add(account).add(phone_number_id);
    return params;
}

}  // namespace

const SealedCredential* NumberRecord::credential(CredentialKind kind) const {
    auto found = std::ranges::find(credentials, kind, &SealedCredential::kind);
    return found == credentials.end() ? nullptr : &*found;
}

awaitable<std::vector<NumberRecord>> number_records(Pool& pool, AccountId account) {
    Params params;
    params.add(account).add_null();
    auto rows = co_await pool.query("number_settings", std::move(params));
    std::vector<NumberRecord> out;
    for (auto row : rows) out.push_back(read_number(account, row));
    co_return out;
}

awaitable<Result<NumberRecord>> find_number(Pool& pool, AccountId account, std::string phone_number_id) {
    auto rows = co_await pool.query("number_settings", named(account, phone_number_id));
    if (rows.empty()) co_return failure(Errc::not_found, "There is no such business number.");
    co_return read_number(account, rows.front());
}

awaitable<std::optional<AccountId>> account_of_number(Pool& pool, std::string phone_number_id) {
    Params params;
    params.add(phone_number_id).add("");
    auto rows = co_await pool.query("account_of_number", std::move(params));
    if (rows.empty()) co_return std::nullopt;
    co_return rows.front().get<AccountId>("account_id");
}

awaitable<NumberSaved> save_number(Pool& pool, Seal& seal, AccountId account, NumberSettings number,
                                   std::optional<std::string> name, CredentialChange credentials) {
    auto params = named(account, number.phone_number_id);
    params.add(number.waba_id).add(number.display_phone_number).add(number.verified_name).add(name);
    Batch batch;
    batch.add("save_number", std::move(params));
    change_credentials(batch, seal, account, number.phone_number_id, credentials);
    try {
        auto results = co_await pool.run(std::move(batch));
        co_return results.front().front().get<bool>("added") ? NumberSaved::added : NumberSaved::changed;
    } catch (const DbError& error) {
        if (error.constraint() != "phone_numbers_one_account") throw;
    }
    co_return NumberSaved::taken;
}

awaitable<void> change_number(Pool& pool, Seal& seal, AccountId account, std::string phone_number_id,
                              NumberChange change) {
    auto params = named(account, phone_number_id);
    params.add(change.name).add(change.waba_id).add(change.read_receipts).add(change.send_typing);
    params.add(change.display_phone_number).add(change.verified_name);
    Batch batch;
    batch.add("change_number", std::move(params));
    change_credentials(batch, seal, account, phone_number_id, change.credentials);
    co_await pool.run(std::move(batch));
}

awaitable<NumberRemoved> remove_number(Pool& pool, AccountId account, std::string phone_number_id) {
    Params locked;
    locked.add(account);
    Batch batch;
    batch.add("forget_directory", std::move(locked));
    batch.add("remove_unused_number", named(account, phone_number_id));
    batch.add("retire_number", named(account, phone_number_id));
    auto results = co_await pool.run(std::move(batch));
    if (!results[1].empty()) co_return NumberRemoved::removed;
    co_return results[2].empty() ? NumberRemoved::not_found : NumberRemoved::retired;
}

}  // namespace parley::store

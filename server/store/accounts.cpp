#include "store/accounts.hpp"

namespace parley::store {
namespace {

Params params_of(AccountId account, const NumberSettings& number) {
    Params params;
    params.add(account).add(number.phone_number_id).add(number.waba_id);
    params.add(number.display_phone_number).add(number.verified_name);
    return params;
}

}  // namespace

awaitable<std::optional<Membership>> find_membership(Pool& pool, std::string user_id,
                                                     std::optional<AccountId> account) {
    Params params;
    params.add(user_id).add(account);
    auto rows = co_await pool.query("find_principal", std::move(params));
    if (rows.empty()) co_return std::nullopt;
    co_return Membership{rows.front().get<AccountId>("account_id"), rows.front().get<std::string>("role")};
}

awaitable<std::vector<NumberOverview>> numbers_of(Pool& pool, AccountId account) {
    Params params;
    params.add(account);
    auto rows = co_await pool.query("numbers_of_account", std::move(params));
    std::vector<NumberOverview> out;
    for (auto row : rows)
        out.push_back({row.get<std::string>("phone_number_id"), row.get<std::optional<std::string>>("waba_id"),
                       row.get<std::string>("display_phone_number"), row.get<std::string>("verified_name"),
                       row.get<std::int64_t>("unread_count")});
    co_return out;
}

awaitable<AccountId> add_account(Pool& pool, std::string name) {
    Params params;
    params.add(name);
    auto rows = co_await pool.query("add_account", std::move(params));
    co_return rows.front().get<AccountId>("id");
}

awaitable<Result<void>> put_number(Pool& pool, AccountId account, NumberSettings number) {
    auto params = params_of(account, number);
    std::string constraint;
    try {
        co_await pool.query("put_number", std::move(params));
        co_return Result<void>{};
    } catch (const DbError& error) {
        if (error.kind() != DbErrorKind::data) throw;
        constraint = error.constraint();
    }
    if (constraint == "phone_numbers_one_account")
        co_return failure(Errc::invalid_argument, "The number belongs to another account.", "phone_number_id");
    if (constraint == "phone_numbers_account_id_fkey")
        co_return failure(Errc::invalid_argument, "There is no such account.", "account");
    co_return failure(Errc::invalid_argument, "phone_number_id must have 1 to 64 characters.", "phone_number_id");
}

awaitable<Result<void>> put_member(Pool& pool, AccountId account, std::string user_id, std::string role) {
    Params params;
    params.add(account).add(user_id).add(role);
    try {
        co_await pool.query("put_member", std::move(params));
        co_return Result<void>{};
    } catch (const DbError& error) {
        if (error.kind() != DbErrorKind::data) throw;
    }
    co_return failure(Errc::invalid_argument, "There is no such account, or the role is not owner, admin or agent.",
                      "account");
}

awaitable<void> ensure_first_account(Pool& pool, FirstAccount wanted) {
    if (wanted.number.phone_number_id.empty() && wanted.owner_user_id.empty()) co_return;
    auto transaction = co_await Transaction::begin(pool);
    co_await transaction.query("lock_first_account");
    Params of_number;
    of_number.add(wanted.number.phone_number_id).add(wanted.number.waba_id);
    auto known = co_await transaction.query("account_of_number", std::move(of_number));
    AccountId account;
    if (!known.empty()) {
        account = known.front().get<AccountId>("account_id");
    } else {
        auto accounts = co_await transaction.query("list_accounts");
        if (accounts.empty()) {
            Params name;
            name.add("Default");
            auto added = co_await transaction.query("add_account", std::move(name));
            account = added.front().get<AccountId>("id");
        } else {
            account = accounts.front().get<AccountId>("id");
        }
    }
    Batch batch;
    if (!wanted.number.phone_number_id.empty()) batch.add("put_number", params_of(account, wanted.number));
    if (!wanted.owner_user_id.empty()) {
        Params owner;
        owner.add(account).add(wanted.owner_user_id).add("owner");
        batch.add("add_member_if_absent", std::move(owner));
    }
    co_await transaction.run_and_commit(std::move(batch));
}

}  // namespace parley::store

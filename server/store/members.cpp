#include "store/members.hpp"

#include <utility>

namespace parley::store {
namespace {

MemberRecord read_member(const Row& row) {
    return {row.get<std::string>("user_id"), row.get<std::string>("role"), row.get<std::optional<std::string>>("email"),
            row.get<std::optional<std::string>>("name"), row.get<TimePoint>("created_at")};
}

Params of_member(AccountId account, const std::string& user_id) {
    Params params;
    params.add(account).add(user_id);
    return params;
}

std::optional<Role> role_in(const Row& row, std::string_view column) {
    auto name = row.get<std::optional<std::string>>(column);
    return name ? read_role(*name) : std::nullopt;
}

}  // namespace

awaitable<std::vector<MemberRecord>> members_of(Pool& pool, AccountId account) {
    Params params;
    params.add(account).add_null();
    auto rows = co_await pool.query("members_of_account", std::move(params));
    std::vector<MemberRecord> out;
    for (auto row : rows) out.push_back(read_member(row));
    co_return out;
}

awaitable<Result<std::optional<MemberRecord>>> change_member(Pool& pool, AccountId account, std::string actor,
                                                             std::string user_id, MemberAction action, Role role) {
    auto transaction = co_await Transaction::begin(pool);
    Params locked, asked;
    locked.add(account);
    asked.add(account).add(actor).add(user_id);
    Batch questions;
    questions.add("lock_account", std::move(locked)).add("roles_for_change", std::move(asked));
    auto answers = co_await transaction.run(std::move(questions));
    auto found = answers[1].front();
    RoleChange change;
    change.actor = role_in(found, "actor").value_or(Role::agent);
    change.own = actor == user_id;
    change.from = role_in(found, "target");
    if (action != MemberAction::remove) change.to = role;
    change.other_owners = found.get<bool>("other_owners");
    if (action != MemberAction::add && !change.from) co_return failure(Errc::not_found, "There is no such member.");
    if (auto allowed = check_role_change(change); !allowed) co_return std::unexpected(allowed.error());
    if (action == MemberAction::add && change.from)
        co_return failure(Errc::wrong_state, "This user is a member already: change the role instead.");

    auto params = of_member(account, user_id);
    Batch batch;
    if (action == MemberAction::remove) {
        batch.add("remove_member_but_last_owner", std::move(params));
    } else {
        params.add(name_of(role));
        batch.add(action == MemberAction::add ? "add_member_if_absent" : "change_member", std::move(params));
    }
    batch.add("members_of_account", of_member(account, user_id));
    auto results = co_await transaction.run_and_commit(std::move(batch));
    std::optional<MemberRecord> member;
    if (!results[1].empty()) member = read_member(results[1].front());
    co_return member;
}

awaitable<std::vector<AccountOfUser>> accounts_of_user(Pool& pool, std::string user_id) {
    Params params;
    params.add(user_id);
    auto rows = co_await pool.query("accounts_of_user", std::move(params));
    std::vector<AccountOfUser> out;
    for (auto row : rows)
        out.push_back({row.get<AccountId>("id"), row.get<std::string>("name"), row.get<std::string>("role")});
    co_return out;
}

awaitable<Result<AccountId>> add_account_of(Pool& pool, std::string owner, std::string name) {
    Params params;
    params.add(name).add(owner).add(kAccountsOfOwner);
    auto rows = co_await pool.query("add_account_of_owner", std::move(params));
    if (rows.empty())
        co_return failure(Errc::forbidden, "This needs the role owner in some account, and fewer than " +
                                               std::to_string(kAccountsOfOwner) + " of them.");
    co_return rows.front().get<AccountId>("id");
}

awaitable<bool> rename_account(Pool& pool, AccountId account, std::string name) {
    Params params;
    params.add(account).add(name);
    auto rows = co_await pool.query("rename_account", std::move(params));
    co_return !rows.empty();
}

}  // namespace parley::store

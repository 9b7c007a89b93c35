#include "store/templates.hpp"

#include <utility>

namespace parley::store {
namespace {

/// The text as a LIKE pattern that finds it anywhere; empty text gives no pattern.
std::string containing(std::string_view text) {
    if (text.empty()) return {};
    std::string pattern = "%";
    for (char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

std::vector<MessageTemplate> read_templates(const Rows& rows) {
    std::vector<MessageTemplate> out;
    out.reserve(rows.size());
    for (auto row : rows) {
        MessageTemplate one;
        one.id = row.get<std::string>("template_id");
        one.waba_id = row.get<std::string>("waba_id");
        one.name = row.get<std::string>("name");
        one.language = row.get<std::string>("language");
        one.category = row.get<std::string>("category");
        one.status = row.get<std::string>("status");
        one.parameter_format = row.get<std::string>("parameter_format");
        one.components = row.get<std::string>("components");
        one.quality = row.get<std::optional<std::string>>("quality");
        one.rejected_reason = row.get<std::optional<std::string>>("rejected_reason");
        one.synced_at = row.get<std::optional<TimePoint>>("synced_at");
        out.push_back(std::move(one));
    }
    return out;
}

Params sync_params(const ListedWaba& waba, const std::optional<SyncProblem>& problem, TimePoint read_at) {
    Params params;
    params.add(waba.account).add(waba.waba_id);
    if (problem)
        params.add(problem->code).add(problem->detail).add(problem->meta_code);
    else
        params.add_null().add_null().add_null();
    params.add(read_at);
    return params;
}

void add_list(Batch& batch, const ListedWaba& waba, const std::vector<MessageTemplate>& templates, bool whole) {
    auto n = templates.size();
    auto ids = Column::of_text(n), names = Column::of_text(n), languages = Column::of_text(n),
         categories = Column::of_text(n), statuses = Column::of_text(n), formats = Column::of_text(n),
         components = Column::of_text(n), qualities = Column::of_text(n), reasons = Column::of_text(n);
    for (const auto& one : templates) {
        ids.add(one.id);
        names.add(one.name);
        languages.add(one.language);
        categories.add(one.category);
        statuses.add(one.status);
        formats.add(one.parameter_format);
        components.add(one.components);
        qualities.add_nullable(one.quality.value_or(""));
        reasons.add_nullable(one.rejected_reason.value_or(""));
    }
    Params listed, stored;
    listed.add(waba.account).add(waba.waba_id).add(ids).add(names).add(languages).add(whole);
    stored.add(waba.account).add(waba.waba_id).add(std::move(ids)).add(std::move(names)).add(std::move(languages));
    stored.add(std::move(categories)).add(std::move(statuses)).add(std::move(formats)).add(std::move(components));
    stored.add(std::move(qualities)).add(std::move(reasons));
    batch.add("delete_templates_not_listed", std::move(listed));
    batch.add("put_templates", std::move(stored));
}

}  // namespace

awaitable<std::vector<MessageTemplate>> list_templates(Pool& pool, AccountId account, TemplateQuery query) {
    Params params;
    params.add(account).add(query.phone_number_id).add(containing(query.search)).add(query.language);
    params.add(query.category).add(query.status).add(query.limit).add(query.offset);
    auto rows = co_await pool.query("list_templates", std::move(params));
    co_return read_templates(rows);
}

awaitable<std::vector<MessageTemplate>> templates_named(Pool& pool, AccountId account, std::string phone_number_id,
                                                        std::string name) {
    Params params;
    params.add(account).add(phone_number_id).add(name);
    auto rows = co_await pool.query("templates_named", std::move(params));
    co_return read_templates(rows);
}

awaitable<std::vector<TemplateSyncState>> template_syncs_of(Pool& pool, AccountId account,
                                                            std::string phone_number_id) {
    Params params;
    params.add(account).add(phone_number_id);
    auto rows = co_await pool.query("template_syncs_of_account", std::move(params));
    std::vector<TemplateSyncState> out;
    for (auto row : rows) {
        TemplateSyncState state;
        state.waba_id = row.get<std::string>("waba_id");
        state.synced_at = row.get<std::optional<TimePoint>>("synced_at");
        if (auto problem = row.get<std::optional<std::string>>("problem"))
            state.problem = SyncProblem{std::move(*problem), row.get<std::string>("problem_detail"),
                                        row.get<std::optional<std::int64_t>>("problem_code")};
        out.push_back(std::move(state));
    }
    co_return out;
}

awaitable<std::vector<ListedWaba>> claim_template_syncs(Pool& pool) {
    auto rows = co_await pool.query("claim_template_syncs");
    std::vector<ListedWaba> out;
    for (auto row : rows) out.push_back({row.get<AccountId>("account_id"), row.get<std::string>("waba_id")});
    co_return out;
}

awaitable<void> make_template_syncs_due(Pool& pool) {
    co_await pool.query("make_template_syncs_due");
}

awaitable<void> replace_templates(Pool& pool, ListedWaba waba, std::vector<MessageTemplate> templates, bool whole,
                                  std::optional<SyncProblem> problem, TimePoint read_at) {
    Params lock;
    lock.add(waba.account);
    Batch batch;
    // As every writer does: webhooks change the same rows.
    batch.add("lock_account", std::move(lock));
    add_list(batch, waba, templates, whole);
    batch.add("note_template_sync", sync_params(waba, problem, read_at));
    co_await pool.run(std::move(batch));
}

awaitable<void> note_sync_problem(Pool& pool, ListedWaba waba, SyncProblem problem) {
    Params lock;
    lock.add(waba.account);
    Batch batch;
    batch.add("lock_account", std::move(lock));
    batch.add("note_template_sync", sync_params(waba, std::move(problem), {}));
    co_await pool.run(std::move(batch));
}

void apply_template_changes(Batch& batch, std::span<const TemplateChange> changes, std::span<const AccountId> of) {
    auto n = changes.size();
    auto wabas = Column::of_text(n), ids = Column::of_text(n), statuses = Column::of_text(n),
         reasons = Column::of_text(n), categories = Column::of_text(n), qualities = Column::of_text(n);
    for (const auto& change : changes) {
        wabas.add(change.waba_id);
        ids.add(change.template_id);
        statuses.add(change.status);
        reasons.add(change.rejected_reason);
        categories.add(change.category);
        qualities.add(change.quality);
    }
    auto accounts = Column::of_int64(of.size());
    for (auto account : of) accounts.add(account);
    Params params;
    params.add(std::move(wabas)).add(std::move(ids)).add(std::move(statuses)).add(std::move(reasons));
    params.add(std::move(categories)).add(std::move(qualities)).add(std::move(accounts));
    batch.add("apply_template_changes", std::move(params));
}

}  // namespace parley::store

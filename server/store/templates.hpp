// Message templates as Meta last told them, and when they are read from it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/delivery.hpp"
#include "store/pool.hpp"

namespace parley::store {

/// Words such as status and category are in upper case.
struct MessageTemplate {
    std::string id;
    std::string waba_id;
    std::string name;
    std::string language;
    std::string category;
    std::string status;
    std::string parameter_format;
    std::string components;  ///< a JSON array
    std::optional<std::string> quality;
    std::optional<std::string> rejected_reason;
    std::optional<TimePoint> synced_at;  ///< when its list was read; read only
};

struct TemplateQuery {
    std::string phone_number_id = {};  ///< those that this number can send; empty: all
    std::string search = {};           ///< a part of the name or body, in any case; empty: no search
    std::string language = {};         ///< empty: all
    std::string category = {};         ///< the same
    std::string status = {};           ///< the same
    std::int64_t limit = 200;
    std::int64_t offset = 0;
};

/// By name and language.
awaitable<std::vector<MessageTemplate>> list_templates(Pool& pool, AccountId account, TemplateQuery query);
/// All languages of one template that this number can send.
awaitable<std::vector<MessageTemplate>> templates_named(Pool& pool, AccountId account, std::string phone_number_id,
                                                        std::string name);

/// Why a list could not be read.
struct SyncProblem {
    std::string code;    ///< a stable word: "no_token", "unreachable", "refused", "unreadable", "too_many"
    std::string detail;  ///< one sentence for people
    std::optional<std::int64_t> meta_code;
};

struct TemplateSyncState {
    std::string waba_id;
    std::optional<TimePoint> synced_at;  ///< empty: never
    std::optional<SyncProblem> problem;  ///< of the last try
};

/// Of the account's WhatsApp Business Accounts; with `phone_number_id` of that number's alone.
awaitable<std::vector<TemplateSyncState>> template_syncs_of(Pool& pool, AccountId account,
                                                            std::string phone_number_id = {});

struct ListedWaba {
    AccountId account;
    std::string waba_id;
};

/// The lists that are to be read now; nobody else gets them before they are due again.
awaitable<std::vector<ListedWaba>> claim_template_syncs(Pool& pool);
awaitable<void> make_template_syncs_due(Pool& pool);

/// Stores a list: what is not in it goes (unless `whole` is false: there is more than was read), what is as it was
/// stays untouched. `problem` is noted with it. Throws DbError.
awaitable<void> replace_templates(Pool& pool, ListedWaba waba, std::vector<MessageTemplate> templates, bool whole,
                                  std::optional<SyncProblem> problem, TimePoint read_at);
/// The list could not be read: what is stored stays.
awaitable<void> note_sync_problem(Pool& pool, ListedWaba waba, SyncProblem problem);

/// What a delivery says, of these accounts only (none: of all that have the WhatsApp Business Account); their lists are
/// read again a moment later. For a batch that holds the accounts' rows.
void apply_template_changes(Batch& batch, std::span<const TemplateChange> changes, std::span<const AccountId> of);

}  // namespace parley::store

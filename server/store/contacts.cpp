#include "store/contacts.hpp"

#include <algorithm>

namespace parley::store {
namespace {

Params named(AccountId account, ContactId id) {
    Params params;
    params.add(account).add(id);
    return params;
}

/// The text as a LIKE pattern that finds it anywhere.
std::string containing(std::string_view text) {
    std::string pattern = "%";
    for (char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

/// People write "+1 (650) 555-1234"; addresses have the digits alone.
std::string without_punctuation(const std::string& text) {
    bool number = std::ranges::all_of(text, [](char c) { return std::string_view("0123456789+-(). ").contains(c); });
    if (!number || std::ranges::none_of(text, [](char c) { return c >= '0' && c <= '9'; })) return text;
    std::string digits;
    std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
    return digits;
}

void add_lock(Batch& batch, AccountId account) {
    Params lock;
    lock.add(account);
    batch.add("lock_account", std::move(lock));
}

Params of_merge(AccountId account, MergeId merge) {
    Params params;
    params.add(account).add(merge);
    return params;
}

void add_reactions(Batch& batch, AccountId account, MergeId merge, ContactId from, ContactId to) {
    auto params = of_merge(account, merge);
    params.add(from).add(to);
    batch.add("move_reactions", std::move(params));
}

Error no_such_contact(std::string member = {}) {
    return {Errc::not_found, "There is no such contact.", std::move(member)};
}

}  // namespace

awaitable<Result<Contact>> find_contact(Pool& pool, AccountId account, ContactId id) {
    auto kept = co_await pool.query("kept_contact", named(account, id));
    if (kept.empty()) co_return std::unexpected(no_such_contact());
    auto params = named(account, kept.front().get<ContactId>("id"));
    Batch batch;
    batch.add("contact", params).add("contact_identities", params).add("contact_conversations", params);
    batch.add("contact_merges", params);
    auto results = co_await pool.run(std::move(batch));
    if (results[0].empty()) co_return std::unexpected(no_such_contact());

    auto row = results[0].front();
    Contact contact;
    contact.id = row.get<ContactId>("id");
    contact.name = row.get<std::string>("title");
    contact.profile_name = row.get<std::string>("profile_name");
    contact.kind = row.get<std::string>("kind");
    contact.blocked_at = row.get<std::optional<TimePoint>>("blocked_at");
    for (auto each : results[1])
        contact.identities.push_back({each.get<std::string>("kind"), each.get<std::string>("value")});
    for (auto each : results[2])
        contact.conversations.push_back({each.get<ConversationId>("id"), each.get<std::string>("phone_number_id"),
                                         each.get<std::string>("customer_phone"),
                                         each.get<TimePoint>("last_message_at"),
                                         each.get<std::optional<TimePoint>>("last_incoming_at")});
    for (auto each : results[3])
        contact.merges.push_back(
            {each.get<MergeId>("id"), each.get<TimePoint>("merged_at"), each.get<std::string>("name")});
    co_return contact;
}

awaitable<std::vector<FoundContact>> search_contacts(Pool& pool, AccountId account, std::string text,
                                                     std::int64_t limit) {
    Params params;
    params.add(account).add(containing(text)).add(containing(without_punctuation(text))).add(limit);
    auto rows = co_await pool.query("search_contacts", std::move(params));
    std::vector<FoundContact> out;
    out.reserve(rows.size());
    for (auto row : rows)
        out.push_back({row.get<ContactId>("id"), row.get<std::string>("title"), row.get<std::string>("phone")});
    co_return out;
}

awaitable<void> rename_contact(Pool& pool, AccountId account, ContactId id, std::string name) {
    Batch batch;
    add_lock(batch, account);
    auto params = named(account, id);
    params.add(name);
    batch.add("rename_contact", std::move(params));
    co_await pool.run(std::move(batch));
}

awaitable<void> set_blocked(Pool& pool, AccountId account, ContactId id, bool blocked) {
    Batch batch;
    add_lock(batch, account);
    auto params = named(account, id);
    params.add(blocked);
    batch.add("set_contact_blocked", std::move(params));
    co_await pool.run(std::move(batch));
}

awaitable<void> learn_alias(Pool& pool, AccountId account, ConversationId conversation, std::string wa_id) {
    Batch batch;
    add_lock(batch, account);
    Params params;
    params.add(account).add(conversation).add(wa_id);
    batch.add("learn_alias", std::move(params));
    co_await pool.run(std::move(batch));
}

awaitable<bool> is_address_of(Pool& pool, AccountId account, ContactId contact, std::vector<std::string> addresses) {
    auto values = Column::of_text(addresses.size());
    for (const auto& address : addresses) values.add(address);
    auto params = named(account, contact);
    params.add(std::move(values));
    auto rows = co_await pool.query("is_address_of_contact", std::move(params));
    co_return !rows.empty();
}

awaitable<Result<void>> merge_contacts(Pool& pool, AccountId account, ContactId kept, ContactId other,
                                       std::string user) {
    auto transaction = co_await Transaction::begin(pool);
    Batch look;
    add_lock(look, account);
    look.add("kept_contact", named(account, kept)).add("kept_contact", named(account, other));
    auto found = co_await transaction.run(std::move(look));
    if (found[1].empty()) co_return std::unexpected(no_such_contact());
    if (found[2].empty()) co_return std::unexpected(no_such_contact("contact_id"));
    kept = found[1].front().get<ContactId>("id");
    other = found[2].front().get<ContactId>("id");
    if (kept == other) co_return failure(Errc::invalid_argument, "contact_id is the same contact.", "contact_id");
    auto open = named(account, kept);
    open.add(other).add_nullable(user);
    Batch begin;
    begin.add("contact", named(account, kept)).add("contact", named(account, other));
    begin.add("open_merge", std::move(open));
    auto begun = co_await transaction.run(std::move(begin));
    for (std::size_t i : {0UZ, 1UZ})
        if (begun[i].front().get<std::string_view>("kind") != "person")
            co_return failure(Errc::invalid_argument, "Groups cannot be merged.", i == 0 ? "" : "contact_id");
    auto merge = begun[2].front().get<MergeId>("id");

    auto params = of_merge(account, merge);
    Batch batch;
    batch.add("merge_identities", params).add("note_folded_conversations", params).add("move_conversations", params);
    add_reactions(batch, account, merge, other, kept);
    batch.add("fold_messages", params).add("fold_conversations", params).add("remove_folded_conversations", params);
    batch.add("close_merge", params);
    co_await transaction.run_and_commit(std::move(batch));
    co_return Result<void>{};
}

awaitable<Result<void>> undo_merge(Pool& pool, AccountId account, ContactId kept, MergeId merge, std::string user) {
    auto transaction = co_await Transaction::begin(pool);
    Batch look;
    add_lock(look, account);
    look.add("merge_to_undo", of_merge(account, merge));
    auto found = co_await transaction.run(std::move(look));
    if (found[1].empty() || found[1].front().get<ContactId>("contact_id") != kept)
        co_return failure(Errc::not_found, "There is no such merge of this contact.");
    auto row = found[1].front();
    auto other = row.get<ContactId>("merged_contact_id");
    if (row.get<bool>("undone")) co_return failure(Errc::wrong_state, "This merge was undone already.");
    if (row.get<bool>("merged_on"))
        co_return failure(Errc::wrong_state, "The contact went into another one since: undo that merge first.");
    if (row.get<bool>("folded_into"))
        co_return failure(Errc::wrong_state,
                          "A thread that would go back holds another contact's since: undo that merge first.");

    auto params = of_merge(account, merge);
    auto close = of_merge(account, merge);
    close.add_nullable(user);
    Batch batch;
    batch.add("unmerge_identities", params).add("unmove_conversations", params);
    batch.add("restore_folded_conversations", params).add("unfold_messages", params);
    add_reactions(batch, account, merge, kept, other);
    batch.add("recount_unmerged", params).add("close_undo", std::move(close));
    co_await transaction.run_and_commit(std::move(batch));
    co_return Result<void>{};
}

}  // namespace parley::store

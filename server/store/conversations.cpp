#include "store/conversations.hpp"

#include <limits>

namespace parley::store {
namespace {

/// The text as a LIKE pattern that finds it anywhere.
std::string containing(std::string_view text) {
    std::string pattern = "%";
    for (char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

}  // namespace

ConversationOverview read_conversation(const Row& row) {
    ConversationOverview out;
    out.id = row.get<ConversationId>("id");
    out.contact = row.get<ContactId>("contact_id");
    out.phone_number_id = row.get<std::string>("phone_number_id");
    out.customer_phone = row.get<std::string>("customer_phone");
    out.customer_name = row.get<std::string>("customer_name");
    out.last_message_at = row.get<TimePoint>("last_message_at");
    out.created_at = row.get<TimePoint>("created_at");
    out.unread_count = row.get<std::int64_t>("unread_count");
    out.status = row.get<std::string>("status");
    out.last_incoming_at = row.get<std::optional<TimePoint>>("last_incoming_at");
    out.is_group = row.get<bool>("is_group");
    out.preview = row.get<std::optional<std::string>>("preview").value_or("");
    out.last_message_type = row.get<std::optional<std::string>>("last_message_type");
    out.last_message_sender = row.get<std::optional<std::string>>("last_message_sender");
    out.last_message_status = row.get<std::optional<std::string>>("last_message_status");
    out.blocked = row.get<bool>("blocked");
    out.receipts_behind = row.get<bool>("receipts_behind");
    return out;
}

awaitable<std::vector<ConversationOverview>> list_conversations(Pool& pool, AccountId account,
                                                                ConversationQuery query) {
    Params params;
    params.add(account);
    if (query.after) {
        params.add(query.after->last_message_at).add(query.after->id);
    } else {
        params.add("infinity").add(std::numeric_limits<std::int64_t>::max());
    }
    params.add(query.limit).add(query.offset);
    std::string_view name = "recent_conversations";
    if (!query.search.empty()) {
        name = "search_conversations";
        params.add(query.phone_number_id).add(containing(query.search)).add(query.unread_only);
    } else if (query.unread_only) {
        name = "unread_conversations";
        params.add(query.phone_number_id);
    } else if (!query.phone_number_id.empty()) {
        name = "recent_conversations_of_number";
        params.add(query.phone_number_id);
    }
    auto rows = co_await pool.query(name, std::move(params));
    std::vector<ConversationOverview> out;
    out.reserve(rows.size());
    for (auto row : rows) out.push_back(read_conversation(row));
    co_return out;
}

awaitable<Result<ConversationOverview>> find_conversation(Pool& pool, AccountId account, ConversationId id) {
    Params params;
    params.add(account).add(id);
    auto rows = co_await pool.query("conversation", params);
    if (rows.empty()) {
        auto merged = co_await pool.query("merged_into", std::move(params));
        if (merged.empty()) co_return failure(Errc::not_found, "There is no such conversation.");
        Params kept;
        kept.add(account).add(merged.front().get<ConversationId>("kept_id"));
        rows = co_await pool.query("conversation", std::move(kept));
        if (rows.empty()) co_return failure(Errc::not_found, "There is no such conversation.");
    }
    co_return read_conversation(rows.front());
}

awaitable<void> mark_read(Pool& pool, AccountId account, ConversationId id) {
    Params lock, mark;
    lock.add(account);
    mark.add(account).add(id);
    Batch batch;
    batch.add("lock_account", std::move(lock)).add("mark_conversation_read", std::move(mark));
    co_await pool.run(std::move(batch));
}

}  // namespace parley::store

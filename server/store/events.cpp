#include "store/events.hpp"

namespace parley::store {

awaitable<EventPage> events_after(Pool& pool, AccountId account, std::int64_t offset, std::int64_t limit) {
    Params params;
    params.add(account).add(offset).add(limit);
    // The rows are read after the events that name them, so each event finds its own.
    Batch batch;
    batch.add("event_page", params).add("event_page_messages", params);
    batch.add("event_page_conversations", std::move(params));
    auto results = co_await pool.run(std::move(batch));
    EventPage page;
    page.events.reserve(results[0].size());
    for (auto row : results[0])
        page.events.push_back({row.get<std::int64_t>("offset"), row.get<std::string>("name"),
                               row.get<std::optional<ConversationId>>("conversation_id"),
                               row.get<std::optional<MessageId>>("message_id"), row.get<TimePoint>("created_at")});
    for (auto row : results[1]) {
        auto message = read_message(row);
        page.messages.emplace(message.id, std::move(message));
    }
    for (auto row : results[2]) {
        auto conversation = read_conversation(row);
        page.conversations.emplace(row.get<ConversationId>("named_id"), std::move(conversation));
    }
    co_return page;
}

awaitable<std::vector<EventPosition>> event_positions(Pool& pool, std::vector<AccountId> accounts) {
    auto ids = Column::of_int64(accounts.size());
    for (auto account : accounts) ids.add(account);
    Params params;
    params.add(std::move(ids));
    auto rows = co_await pool.query("event_positions", std::move(params));
    std::vector<EventPosition> out;
    out.reserve(rows.size());
    for (auto row : rows)
        out.push_back({row.get<AccountId>("account_id"), row.get<std::string>("event_epoch"),
                       row.get<std::int64_t>("event_offset"), row.get<std::int64_t>("oldest_offset")});
    co_return out;
}

awaitable<std::vector<bool>> still_members(Pool& pool, std::vector<Member> members) {
    auto accounts = Column::of_int64(members.size());
    auto users = Column::of_text(members.size());
    for (const auto& member : members) {
        accounts.add(member.account);
        users.add(member.user_id);
    }
    Params params;
    params.add(std::move(accounts)).add(std::move(users));
    auto rows = co_await pool.query("remaining_members", std::move(params));
    std::vector<bool> out(members.size(), false);
    for (auto row : rows) out.at(static_cast<std::size_t>(row.get<std::int64_t>("position"))) = true;
    co_return out;
}

awaitable<void> tell_presence(Pool& pool, std::string payload) {
    Params params;
    params.add(payload);
    co_await pool.query("tell_presence", std::move(params));
}

}  // namespace parley::store

#include "store/receipts.hpp"

namespace parley::store {

awaitable<std::optional<NewestIncoming>> newest_incoming(Pool& pool, AccountId account, ConversationId conversation) {
    Params params;
    params.add(account).add(conversation);
    auto rows = co_await pool.query("newest_incoming", std::move(params));
    if (rows.empty()) co_return std::nullopt;
    auto row = rows.front();
    NewestIncoming newest;
    newest.id = row.get<MessageId>("id");
    newest.wamid = row.get<std::string>("whatsapp_message_id");
    newest.phone_number_id = row.get<std::string>("phone_number_id");
    newest.policy = row.get<std::string>("read_receipts");
    newest.send_typing = row.get<bool>("send_typing");
    newest.last_incoming_at = row.get<TimePoint>("last_incoming_at");
    newest.due = row.get<bool>("due");
    co_return newest;
}

awaitable<void> note_receipt(Pool& pool, AccountId account, ConversationId conversation, NewestIncoming marked) {
    Params params;
    params.add(account).add(conversation).add(marked.id).add(marked.last_incoming_at);
    co_await pool.query("note_receipt", std::move(params));
}

}  // namespace parley::store

#include "store/messages.hpp"

#include <algorithm>
#include <limits>

#include "domain/number_variants.hpp"
#include "store/inbound.hpp"

namespace parley::store {
namespace {

std::optional<MessageError> read_error(const Row& row) {
    auto code = row.get<std::optional<std::int64_t>>("error_code");
    if (!code) return std::nullopt;
    return MessageError{*code, row.get<std::optional<std::string>>("error_title").value_or(""),
                        row.get<std::optional<std::string>>("error_details").value_or("")};
}

SendState read_state(const Row& row) {
    SendState state;
    state.id = row.get<MessageId>("id");
    state.conversation = row.get<ConversationId>("conversation_id");
    state.status = parse_message_status(row.get<std::string_view>("status")).value_or(MessageStatus::queued);
    state.whatsapp_message_id = row.get<std::optional<std::string>>("whatsapp_message_id").value_or("");
    state.error = read_error(row);
    return state;
}

std::optional<MediaOverview> read_media(const Row& row) {
    using Text = std::optional<std::string>;
    auto id = row.get<std::optional<MediaId>>("media_id");
    if (!id) return std::nullopt;
    MediaOverview media;
    media.id = *id;
    media.state = row.get<std::string>("media_state");
    media.claimed_type = row.get<std::string>("media_claimed_type");
    media.type = row.get<Text>("media_type");
    media.size = row.get<std::optional<std::int64_t>>("media_size");
    media.file_name = row.get<std::string>("media_file_name");
    media.voice = row.get<bool>("media_voice");
    media.problem_code = row.get<Text>("media_problem_code");
    media.problem_detail = row.get<Text>("media_problem_detail");
    return media;
}

}  // namespace

MessageOverview read_message(const Row& row) {
    using Time = std::optional<TimePoint>;
    using Text = std::optional<std::string>;
    MessageOverview out;
    out.id = row.get<MessageId>("id");
    out.conversation = row.get<ConversationId>("conversation_id");
    out.sender = row.get<std::string>("sender");
    out.message = row.get<std::string>("message");
    out.message_type = row.get<std::string>("message_type");
    out.media_url = row.get<Text>("media_url");
    out.is_read = row.get<bool>("is_read");
    out.whatsapp_message_id = row.get<Text>("whatsapp_message_id");
    out.created_at = row.get<TimePoint>("created_at");
    out.status = row.get<std::string>("status");
    out.payload = row.get<Text>("payload");
    out.reactions = row.get<Text>("reactions");
    out.reply_to_whatsapp_message_id = row.get<Text>("reply_to_whatsapp_message_id");
    out.client_message_id = row.get<Text>("client_message_id");
    out.queued_at = row.get<Time>("queued_at");
    out.sent_at = row.get<Time>("sent_at");
    out.delivered_at = row.get<Time>("delivered_at");
    out.read_at = row.get<Time>("read_at");
    out.played_at = row.get<Time>("played_at");
    out.failed_at = row.get<Time>("failed_at");
    out.error = read_error(row);
    out.edited_at = row.get<Time>("edited_at");
    out.revoked_at = row.get<Time>("revoked_at");
    out.media = read_media(row);
    return out;
}

awaitable<Result<MessagePage>> list_messages(Pool& pool, AccountId account, MessageQuery query, bool has_unread) {
    auto lease = co_await pool.acquire();
    auto anchor = query.before ? query.before : query.after;
    bool forward = !query.before && query.after;
    Params params;
    params.add(account).add(query.conversation);
    if (anchor) {
        Params position;
        position.add(account).add(query.conversation).add(*anchor);
        auto found = co_await lease->query("message_position", std::move(position));
        if (found.empty())
            co_return failure(Errc::invalid_argument, "There is no such message in this conversation.",
                              forward ? "after" : "before");
        params.add(found.front().get<TimePoint>("created_at")).add(*anchor);
    } else {
        params.add("infinity").add(std::numeric_limits<std::int64_t>::max());
    }
    // One more than asked for tells whether there is another page.
    params.add(query.limit + 1).add(query.offset);

    Batch batch;
    bool marking = query.mark_read && has_unread;
    if (marking) {
        Params lock;
        lock.add(account);
        batch.add("lock_account", std::move(lock));
    }
    batch.add(forward ? "messages_after" : "newest_messages", std::move(params));
    if (marking) {
        Params mark;
        mark.add(account).add(query.conversation);
        batch.add("mark_conversation_read", std::move(mark));
    }
    auto results = co_await lease->run(std::move(batch));
    const auto& rows = results[marking ? 1 : 0];

    MessagePage page;
    page.has_more = static_cast<std::int64_t>(rows.size()) > query.limit;
    auto count = std::min(rows.size(), static_cast<std::size_t>(query.limit));
    page.messages.reserve(count);
    for (std::size_t i = 0; i < count; ++i) page.messages.push_back(read_message(rows[i]));
    if (!forward) std::reverse(page.messages.begin(), page.messages.end());
    co_return page;
}

awaitable<Result<std::optional<SendState>>> find_by_client_id(Pool& pool, AccountId account,
                                                              std::string client_message_id, std::string request_hash) {
    Params params;
    params.add(account).add(client_message_id).add(Bytes{request_hash});
    auto rows = co_await pool.query("message_by_client_id", std::move(params));
    if (rows.empty()) co_return std::optional<SendState>{};
    if (!rows.front().get<std::optional<bool>>("same_request").value_or(false))
        co_return failure(Errc::idempotency_conflict, "This key was used before with another request.",
                          "client_message_id");
    co_return std::optional(read_state(rows.front()));
}

awaitable<std::optional<MessageId>> store_outgoing(Pool& pool, AccountId account, OutgoingReply reply) {
    Params lock, params;
    lock.add(account);
    params.add(account).add(reply.conversation).add(reply.text).add(reply.kind).add(reply.media);
    params.add(reply.sendable ? "queued" : "not_sent").add_nullable(reply.client_message_id);
    params.add(Bytes{reply.request_hash}).add_nullable(reply.sent_by).add(reply.phone_number_id).add(reply.recipient);
    if (reply.seen)
        params.add(*reply.seen);
    else
        params.add_null();
    params.add_nullable(reply.payload).add_nullable(reply.reply_to);
    Batch batch;
    batch.add("lock_account", std::move(lock)).add("store_outgoing", std::move(params));
    auto results = co_await pool.run(std::move(batch));
    if (results[1].empty()) co_return std::nullopt;
    co_return results[1].front().get<MessageId>("id");
}

awaitable<std::optional<MessageId>> store_reaction(Pool& pool, AccountId account, OutgoingReaction reaction) {
    Params lock, params;
    lock.add(account);
    params.add(account).add(reaction.conversation).add(reaction.emoji).add(reaction.target_wamid);
    params.add(reaction.sendable ? "queued" : "not_sent").add_nullable(reaction.client_message_id);
    params.add(Bytes{reaction.request_hash}).add_nullable(reaction.sent_by).add(reaction.phone_number_id);
    params.add(reaction.recipient).add(reaction.target);
    Batch batch;
    batch.add("lock_account", std::move(lock)).add("store_outgoing_reaction", std::move(params));
    auto results = co_await pool.run(std::move(batch));
    if (results[1].empty()) co_return std::nullopt;
    co_return results[1].front().get<MessageId>("id");
}

awaitable<std::vector<MessageVersion>> message_versions(Pool& pool, AccountId account, MessageId id) {
    Params params;
    params.add(account).add(id);
    auto rows = co_await pool.query("message_versions", std::move(params));
    std::vector<MessageVersion> out;
    for (auto row : rows) out.push_back({row.get<std::string>("message"), row.get<TimePoint>("replaced_at")});
    co_return out;
}

awaitable<Result<MessageOverview>> find_message(Pool& pool, AccountId account, MessageId id) {
    Params params;
    params.add(account).add(id);
    auto rows = co_await pool.query("message", std::move(params));
    if (rows.empty()) co_return failure(Errc::not_found, "There is no such message.");
    co_return read_message(rows.front());
}

awaitable<bool> requeue(Pool& pool, AccountId account, MessageId id, std::vector<MessageStatus> statuses) {
    auto words = Column::of_text(statuses.size());
    for (auto status : statuses) words.add(to_string(status));
    Params lock, params;
    lock.add(account);
    params.add(account).add(id).add(std::move(words));
    Batch batch;
    batch.add("lock_account", std::move(lock)).add("requeue_message", std::move(params));
    auto results = co_await pool.run(std::move(batch));
    co_return !results[1].empty();
}

awaitable<bool> confirm_sent(Pool& pool, AccountId account, MessageId id) {
    Params lock, params;
    lock.add(account);
    params.add(account).add(id);
    Batch batch;
    batch.add("lock_account", std::move(lock)).add("confirm_sent", std::move(params));
    auto results = co_await pool.run(std::move(batch));
    co_return !results[1].empty();
}

awaitable<SendState> send_state(Pool& pool, AccountId account, MessageId id) {
    Params params;
    params.add(account).add(id);
    auto rows = co_await pool.query("message_outcome", std::move(params));
    co_return read_state(rows.front());
}

awaitable<Result<ConversationId>> ensure_conversation(Pool& pool, AccountId account, std::string phone_number_id,
                                                      std::string address, TimePoint now) {
    auto transaction = co_await Transaction::begin(pool);
    Params lock, number, customer;
    lock.add(account);
    auto numbers = Column::of_text();
    numbers.add(phone_number_id);
    number.add(std::move(numbers));
    auto variants = Column::of_text();
    for (const auto& variant : variants_of(address)) variants.add(variant);
    customer.add(account).add(phone_number_id).add(address).add(std::move(variants));
    Batch batch;
    batch.add("lock_account", std::move(lock));
    batch.add("route_numbers", std::move(number));
    batch.add("conversation_of_customer", std::move(customer));
    auto found = co_await transaction.run(std::move(batch));
    if (found[1].empty() || found[1].front().get<AccountId>("account_id") != account)
        co_return failure(Errc::not_found, "There is no such business number.", "phone_number_id");

    ContactId contact;
    auto reply_to = address;
    Batch additions;
    if (!found[2].empty()) {
        auto row = found[2].front();
        contact = row.get<ContactId>("contact_id");
        if (!row.get<bool>("exact")) {
            NewIdentity spelling{account, "wa_id", address, contact};
            add_identities(additions, {&spelling, 1});
            reply_to = row.get<std::string>("address");
        }
        if (auto conversation = row.get<std::optional<ConversationId>>("conversation_id")) {
            co_await transaction.run_and_commit(std::move(additions));
            co_return *conversation;
        }
    } else {
        Params one;
        one.add(1);
        auto ids = co_await transaction.query("new_contact_ids", std::move(one));
        contact = ids.front().get<ContactId>("id");
        NewContact person{account, contact, false, ""};
        bool is_phone = address.front() >= '0' && address.front() <= '9';
        NewIdentity identity{account, is_phone ? "wa_id" : "user_id", address, contact};
        add_contacts(additions, {&person, 1});
        add_identities(additions, {&identity, 1});
    }
    NewConversation conversation{account, phone_number_id, contact, reply_to, "", now};
    add_conversations(additions, {&conversation, 1});
    auto added = co_await transaction.run_and_commit(std::move(additions));
    co_return added.back().front().get<ConversationId>("id");
}

}  // namespace parley::store

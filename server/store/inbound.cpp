#include "store/inbound.hpp"

#include "base/json.hpp"

namespace parley::store {
namespace {

void add_error(Params& params, std::span<const std::optional<MessageError>* const> errors) {
    auto codes = Column::of_int64(errors.size());
    auto titles = Column::of_text(errors.size());
    auto details = Column::of_text(errors.size());
    for (const auto* error : errors) {
        if (*error) {
            codes.add((*error)->code);
            titles.add((*error)->title);
            details.add((*error)->details);
        } else {
            codes.add_null();
            titles.add_null();
            details.add_null();
        }
    }
    params.add(std::move(codes)).add(std::move(titles)).add(std::move(details));
}

std::string parked_data(const boost::json::object& data) {
    return boost::json::serialize(data);
}

struct ChangeStatements {
    Batch& batch;
    const PlacedChange& change;

    void operator()(const ReactionChange& reaction) const {
        auto sender = to_string(reaction.sender);
        auto data = parked_data({{"sender", sender},
                                 {"contact_id", change.contact.value},
                                 {"emoji", reaction.emoji},
                                 {"at", to_rfc3339(reaction.at)},
                                 {"wamid", reaction.wamid}});
        Params params;
        params.add(change.account).add(reaction.target_wamid).add(sender).add(change.contact).add(reaction.emoji);
        params.add(reaction.at).add(reaction.wamid).add(data);
        batch.add("apply_reaction", std::move(params));
    }

    void operator()(const MessageEdit& edit) const {
        auto sender = to_string(edit.sender);
        auto data = parked_data({{"sender", sender},
                                 {"text", edit.text},
                                 {"payload", edit.payload},
                                 {"at", to_rfc3339(edit.at)},
                                 {"wamid", edit.wamid}});
        Params params;
        params.add(change.account).add(edit.target_wamid).add(sender).add(edit.text).add_nullable(edit.payload);
        params.add(edit.at).add(edit.wamid).add(data);
        batch.add("apply_edit", std::move(params));
    }

    void operator()(const MessageRevoke& revoke) const {
        auto sender = to_string(revoke.sender);
        auto data = parked_data({{"sender", sender}, {"at", to_rfc3339(revoke.at)}, {"wamid", revoke.wamid}});
        Params params;
        params.add(change.account).add(revoke.target_wamid).add(sender).add(revoke.at).add(revoke.wamid).add(data);
        batch.add("apply_revoke", std::move(params));
    }

    // Set-based, or without a target message: not changes of this kind.
    void operator()(const IncomingMessage&) const {}
    void operator()(const StatusReport&) const {}
    void operator()(const IdentityChange&) const {}
};

Sender sender_of(const json::value& data) {
    return json::text(data, "sender") == "agent" ? Sender::agent : Sender::customer;
}

TimePoint time_of(const json::value& data) {
    return parse_utc(json::text(data, "at")).value_or(TimePoint{});
}

}  // namespace

void add_contacts(Batch& batch, std::span<const NewContact> contacts) {
    auto n = contacts.size();
    auto accounts = Column::of_int64(n), ids = Column::of_int64(n);
    auto kinds = Column::of_text(n), names = Column::of_text(n);
    for (const auto& contact : contacts) {
        accounts.add(contact.account);
        ids.add(contact.id);
        kinds.add(contact.group ? "group" : "person");
        names.add(contact.name);
    }
    Params params;
    params.add(std::move(accounts)).add(std::move(ids)).add(std::move(kinds)).add(std::move(names));
    batch.add("add_contacts", std::move(params));
}

void add_identities(Batch& batch, std::span<const NewIdentity> identities) {
    auto n = identities.size();
    auto accounts = Column::of_int64(n), contacts = Column::of_int64(n);
    auto kinds = Column::of_text(n), values = Column::of_text(n);
    for (const auto& identity : identities) {
        accounts.add(identity.account);
        kinds.add(identity.kind);
        values.add(identity.value);
        contacts.add(identity.contact);
    }
    Params params;
    params.add(std::move(accounts)).add(std::move(kinds)).add(std::move(values)).add(std::move(contacts));
    batch.add("add_identities", std::move(params));
}

void add_conversations(Batch& batch, std::span<const NewConversation> conversations) {
    auto n = conversations.size();
    auto accounts = Column::of_int64(n), contacts = Column::of_int64(n);
    auto numbers = Column::of_text(n), phones = Column::of_text(n), names = Column::of_text(n);
    auto times = Column::of_time(n);
    for (const auto& conversation : conversations) {
        accounts.add(conversation.account);
        numbers.add(conversation.phone_number_id);
        contacts.add(conversation.contact);
        phones.add(conversation.customer_phone);
        names.add(conversation.customer_name);
        times.add(conversation.at);
    }
    Params params;
    params.add(std::move(accounts)).add(std::move(numbers)).add(std::move(contacts));
    params.add(std::move(phones)).add(std::move(names)).add(std::move(times));
    batch.add("add_conversations", std::move(params));
}

void refresh_customers(Batch& batch, std::span<const CustomerRefresh> customers) {
    auto n = customers.size();
    auto accounts = Column::of_int64(n), contacts = Column::of_int64(n);
    auto names = Column::of_text(n), phones = Column::of_text(n);
    auto times = Column::of_time(n);
    for (const auto& customer : customers) {
        accounts.add(customer.account);
        contacts.add(customer.contact);
        names.add(customer.name);
        phones.add(customer.wa_id);
        times.add(customer.at);
    }
    Params params;
    params.add(std::move(accounts)).add(std::move(contacts)).add(std::move(names)).add(std::move(phones));
    params.add(std::move(times));
    batch.add("refresh_customers", std::move(params));
}

void move_addresses(Batch& batch, std::span<const AddressMove> moves) {
    auto n = moves.size();
    auto accounts = Column::of_int64(n), conversations = Column::of_int64(n);
    auto addresses = Column::of_text(n);
    auto times = Column::of_time(n);
    for (const auto& move : moves) {
        accounts.add(move.account);
        conversations.add(move.conversation);
        addresses.add(move.wa_id);
        times.add(move.at);
    }
    Params params;
    params.add(std::move(accounts)).add(std::move(conversations)).add(std::move(addresses)).add(std::move(times));
    batch.add("move_addresses", std::move(params));
}

void store_messages(Batch& batch, std::span<const PlacedMessage> messages) {
    auto n = messages.size();
    auto accounts = Column::of_int64(n), conversations = Column::of_int64(n);
    auto senders = Column::of_text(n), texts = Column::of_text(n), types = Column::of_text(n);
    auto payloads = Column::of_text(n), wamids = Column::of_text(n), replies = Column::of_text(n);
    auto times = Column::of_time(n);
    auto counts = Column::of_bool(n), opens = Column::of_bool(n);
    std::vector<const std::optional<MessageError>*> errors;
    errors.reserve(n);
    for (const auto& [account, conversation, message] : messages) {
        accounts.add(account);
        conversations.add(conversation);
        senders.add(to_string(message->sender));
        texts.add(message->text);
        types.add(message->type);
        payloads.add_nullable(message->payload);
        wamids.add(message->wamid);
        times.add(message->sent_at);
        replies.add_nullable(message->reply_to_wamid);
        counts.add(message->counts_as_unread);
        opens.add(message->opens_window);
        errors.push_back(&message->error);
    }
    Params params;
    params.add(std::move(accounts)).add(std::move(conversations)).add(std::move(senders)).add(std::move(texts));
    params.add(std::move(types)).add(std::move(payloads)).add(std::move(wamids)).add(std::move(times));
    params.add(std::move(replies)).add(std::move(counts)).add(std::move(opens));
    add_error(params, errors);
    batch.add("store_messages", std::move(params));
}

void announce_media(Batch& batch, std::span<const PlacedMessage> messages) {
    auto accounts = Column::of_int64();
    auto wamids = Column::of_text(), numbers = Column::of_text(), ids = Column::of_text();
    auto types = Column::of_text(), hashes = Column::of_text(), names = Column::of_text();
    auto voices = Column::of_bool();
    auto ends = Column::of_time();
    for (const auto& [account, conversation, message] : messages) {
        if (!message->media) continue;
        const auto& media = *message->media;
        accounts.add(account);
        wamids.add(message->wamid);
        numbers.add(message->number.phone_number_id);
        ids.add(media.id);
        types.add(media.mime_type);
        hashes.add(media.sha256);
        names.add(media.file_name);
        voices.add(media.voice);
        ends.add(message->sent_at + kMediaKept);
    }
    if (accounts.size() == 0) return;
    Params params;
    params.add(std::move(accounts)).add(std::move(wamids)).add(std::move(numbers)).add(std::move(ids));
    params.add(std::move(types)).add(std::move(hashes)).add(std::move(names)).add(std::move(voices));
    params.add(std::move(ends));
    batch.add("announce_media", std::move(params));
}

void apply_statuses(Batch& batch, std::span<const PlacedStatus> statuses) {
    auto own_accounts = Column::of_int64(), own_messages = Column::of_int64();
    auto own_numbers = Column::of_text(), own_wamids = Column::of_text();
    auto n = statuses.size();
    auto accounts = Column::of_int64(n);
    auto wamids = Column::of_text(n), words = Column::of_text(n);
    auto times = Column::of_time(n);
    std::vector<const std::optional<MessageError>*> errors;
    errors.reserve(n);
    for (const auto& status : statuses) {
        if (status.own_message.value != 0) {
            own_accounts.add(status.account);
            own_messages.add(status.own_message);
            own_numbers.add(status.report->number.phone_number_id);
            own_wamids.add(status.report->wamid);
        }
        accounts.add(status.account);
        wamids.add(status.report->wamid);
        words.add(to_string(status.report->status));
        times.add(status.report->at);
        errors.push_back(&status.report->error);
    }
    if (own_accounts.size() > 0) {
        Params params;
        params.add(std::move(own_accounts)).add(std::move(own_messages));
        params.add(std::move(own_numbers)).add(std::move(own_wamids));
        batch.add("adopt_by_callback", std::move(params));
    }
    Params params;
    params.add(std::move(accounts)).add(std::move(wamids)).add(std::move(words)).add(std::move(times));
    add_error(params, errors);
    batch.add("apply_statuses", std::move(params));
}

void apply_change(Batch& batch, const PlacedChange& change) {
    std::visit(ChangeStatements{batch, change}, *change.item);
}

void move_identity(Batch& batch, AccountId account, std::string_view kind, std::string_view from, std::string_view to) {
    Params params;
    params.add(account).add(kind).add(from).add(to);
    batch.add("move_identity", std::move(params));
}

void journal(Batch& batch, std::span<const JournalEntry> entries) {
    auto n = entries.size();
    auto accounts = Column::of_int64(n), items = Column::of_int64(n);
    auto times = Column::of_time(n);
    auto states = Column::of_text(n), problems = Column::of_text(n), fields = Column::of_text(n);
    auto bodies = Column::of_bytes(n);
    auto vouchers = Column::of_text(n);
    for (const auto& entry : entries) {
        accounts.add(entry.account);
        times.add(entry.received_at);
        states.add(entry.state);
        problems.add_nullable(entry.problem);
        fields.add(entry.fields);
        items.add(entry.items);
        bodies.add(entry.body);
        vouchers.add_nullable(entry.vouched_by);
    }
    Params params;
    params.add(std::move(accounts)).add(std::move(times)).add(std::move(states)).add(std::move(problems));
    params.add(std::move(fields)).add(std::move(items)).add(std::move(bodies)).add(std::move(vouchers));
    batch.add("journal_deliveries", std::move(params));
}

std::vector<ParkedUpdate> read_parked(const Rows& rows) {
    std::vector<ParkedUpdate> out;
    for (auto row : rows) {
        auto parsed = json::parse(row.get<std::string_view>("data"));
        if (!parsed) continue;
        const auto& data = *parsed;
        auto target = row.get<std::string>("whatsapp_message_id");
        auto kind = row.get<std::string_view>("kind");
        ParkedUpdate update{row.get<AccountId>("account_id"), {json::integer(data, "contact_id").value_or(0)}, {}};
        if (kind == "status") {
            StatusReport report;
            report.wamid = target;
            report.status = parse_message_status(json::text(data, "status")).value_or(MessageStatus::sent);
            report.at = time_of(data);
            if (auto code = json::integer(data, "error_code"))
                report.error = MessageError{*code, json::text(data, "error_title"), json::text(data, "error_details")};
            update.item = std::move(report);
        } else if (kind == "reaction") {
            ReactionChange reaction;
            reaction.sender = sender_of(data);
            reaction.wamid = json::text(data, "wamid");
            reaction.target_wamid = target;
            reaction.emoji = json::text(data, "emoji");
            reaction.at = time_of(data);
            update.item = std::move(reaction);
        } else if (kind == "edit") {
            MessageEdit edit;
            edit.sender = sender_of(data);
            edit.wamid = json::text(data, "wamid");
            edit.target_wamid = target;
            edit.text = json::text(data, "text");
            edit.payload = json::text(data, "payload");
            edit.at = time_of(data);
            update.item = std::move(edit);
        } else {
            MessageRevoke revoke;
            revoke.sender = sender_of(data);
            revoke.wamid = json::text(data, "wamid");
            revoke.target_wamid = target;
            revoke.at = time_of(data);
            update.item = std::move(revoke);
        }
        out.push_back(std::move(update));
    }
    return out;
}

}  // namespace parley::store

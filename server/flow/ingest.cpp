#include "flow/ingest.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>
#include <unordered_map>

#include "base/text.hpp"
#include "flow/identities.hpp"
#include "store/inbound.hpp"

namespace parley::flow {
namespace {

/// One transaction's worth of deliveries on their way through the steps of `ingest`.
class Ingestion {
  public:
    explicit Ingestion(std::span<const PendingDelivery> deliveries) : deliveries_(deliveries) {}

    /// Locks the accounts; then numbers, identities and parked updates.
    store::Batch ask();
    void read_routes(std::span<const store::Rows> rows);
    bool has_numbers_to_add() const { return !numbers_to_add_.empty(); }
    /// And identities and parked updates once more, now that these numbers have an account.
    store::Batch add_numbers();
    void read_places(std::vector<store::Rows> rows);
    /// Decides what every item needs, from what read_places was given last.
    void plan();

    std::size_t contacts_to_add() const { return identities_.contacts_to_add(); }
    store::Batch ask_for_new_contacts() const;
    void read_new_contacts(const std::vector<store::Rows>& rows);
    store::Batch add_customers() const;
    void read_conversations(const std::vector<store::Rows>& rows);

    store::Batch store_all() const;

  private:
    AccountId account_of(const BusinessNumber& number) const;
    void ask_for_places(store::Batch& batch);
    void add_journal(store::Batch& batch) const;

    std::span<const PendingDelivery> deliveries_;
    std::unordered_map<std::string, AccountId> accounts_of_numbers_;
    std::unordered_map<std::string, AccountId> accounts_of_wabas_;
    std::vector<std::pair<AccountId, BusinessNumber>> numbers_to_add_;
    std::vector<const DeliveryItem*> routed_;
    std::vector<store::ParkedUpdate> parked_;
    store::Rows places_;
    Identities identities_{accounts_of_numbers_};
};

AccountId Ingestion::account_of(const BusinessNumber& number) const {
    auto found = accounts_of_numbers_.find(number.phone_number_id);
    return found == accounts_of_numbers_.end() ? AccountId{} : found->second;
}

store::Batch Ingestion::ask() {
    std::set<std::string_view> numbers, wabas;
    for (const auto& pending : deliveries_) {
        for (const auto& number : pending.delivery.numbers) {
            if (!number.phone_number_id.empty()) numbers.insert(number.phone_number_id);
            if (!number.waba_id.empty()) wabas.insert(number.waba_id);
        }
    }
    auto column = [](const std::set<std::string_view>& values) {
        auto out = store::Column::of_text(values.size());
        for (auto value : values) out.add(value);
        return out;
    };
    store::Batch batch;
    store::Params both, first, second;
    both.add(column(numbers)).add(column(wabas));
    first.add(column(numbers));
    second.add(column(wabas));
    batch.add("lock_accounts", std::move(both));
    batch.add("route_numbers", std::move(first));
    batch.add("route_wabas", std::move(second));
    ask_for_places(batch);
    return batch;
}

void Ingestion::read_routes(std::span<const store::Rows> rows) {
    for (auto row : rows[1])
        accounts_of_numbers_[row.get<std::string>("phone_number_id")] = row.get<AccountId>("account_id");
    for (auto row : rows[2]) accounts_of_wabas_[row.get<std::string>("waba_id")] = row.get<AccountId>("account_id");
    for (const auto& pending : deliveries_) {
        if (pending.journal_only) continue;
        for (const auto& number : pending.delivery.numbers) {
            if (number.phone_number_id.empty() || accounts_of_numbers_.contains(number.phone_number_id)) continue;
            auto waba = accounts_of_wabas_.find(number.waba_id);
            if (waba == accounts_of_wabas_.end()) continue;
            accounts_of_numbers_[number.phone_number_id] = waba->second;
            numbers_to_add_.emplace_back(waba->second, number);
        }
        for (const auto& item : pending.delivery.items)
            if (account_of(number_of(item)).value != 0) routed_.push_back(&item);
    }
}

store::Batch Ingestion::add_numbers() {
    store::Batch batch;
    for (const auto& [account, number] : numbers_to_add_) {
        store::Params params;
        params.add(account).add(number.phone_number_id).add(number.waba_id).add(number.display_phone_number);
        batch.add("add_number", std::move(params));
    }
    ask_for_places(batch);
    return batch;
}

void Ingestion::ask_for_places(store::Batch& batch) {
    std::set<std::pair<std::string_view, std::string_view>> incoming;
    for (const auto& pending : deliveries_) {
        if (pending.journal_only) continue;
        for (const auto& item : pending.delivery.items) {
            identities_.ask_for(item);
            if (auto* message = std::get_if<IncomingMessage>(&item))
                incoming.emplace(message->number.phone_number_id, message->wamid);
        }
    }
    auto numbers = store::Column::of_text(), kinds = store::Column::of_text(), values = store::Column::of_text();
    for (const auto& key : identities_.keys()) {
        numbers.add(key.phone_number_id);
        kinds.add(key.kind);
        values.add(key.value);
    }
    auto message_numbers = store::Column::of_text(), wamids = store::Column::of_text();
    for (const auto& [number, wamid] : incoming) {
        message_numbers.add(number);
        wamids.add(wamid);
    }
    store::Params identity_keys, messages;
    identity_keys.add(std::move(numbers)).add(std::move(kinds)).add(std::move(values));
    messages.add(std::move(message_numbers)).add(std::move(wamids));
    batch.add("find_identities", std::move(identity_keys));
    batch.add("take_parked_updates", std::move(messages));
}

void Ingestion::read_places(std::vector<store::Rows> rows) {
    // The two last results; asked twice, parked updates come but once.
    auto parked = store::read_parked(rows.back());
    std::move(parked.begin(), parked.end(), std::back_inserter(parked_));
    places_ = std::move(rows[rows.size() - 2]);
}

void Ingestion::plan() {
    for (auto row : places_)
        identities_.found(static_cast<std::size_t>(row.get<std::int64_t>("position")), row.get<ContactId>("contact_id"),
                          row.get<std::optional<ConversationId>>("conversation_id"),
                          row.get<std::string_view>("customer_name"));
    for (const auto* item : routed_) identities_.plan(*item);
}

store::Batch Ingestion::ask_for_new_contacts() const {
    auto accounts = store::Column::of_int64();
    auto wamids = store::Column::of_text();
    for (const auto* item : routed_) {
        auto* message = std::get_if<IncomingMessage>(item);
        if (!message || !identities_.is_added(message->number, message->customer)) continue;
        accounts.add(account_of(message->number));
        wamids.add(message->wamid);
    }
    store::Batch batch;
    store::Params count, messages;
    count.add(static_cast<std::int64_t>(contacts_to_add()));
    messages.add(std::move(accounts)).add(std::move(wamids));
    batch.add("new_contact_ids", std::move(count));
    batch.add("stored_messages", std::move(messages));
    return batch;
}

void Ingestion::read_new_contacts(const std::vector<store::Rows>& rows) {
    // A message that is stored although its customer is unknown was sent from a number that the customer gave up since
    // and comes again now: nobody is to be added for it.
    std::set<std::pair<AccountId, std::string>> stored;
    for (auto row : rows[1]) stored.emplace(row.get<AccountId>("account_id"), row.get<std::string>("wamid"));
    if (!stored.empty()) {
        std::erase_if(routed_, [&](const DeliveryItem* item) {
            auto* message = std::get_if<IncomingMessage>(item);
            return message && stored.contains({account_of(message->number), message->wamid});
        });
        identities_.forget_plans();
        plan();
    }
    std::vector<ContactId> ids;
    for (auto row : rows[0]) ids.push_back(row.get<ContactId>("id"));
    identities_.assign_ids(ids);
}

store::Batch Ingestion::add_customers() const {
    store::Batch batch;
    // The conversations come last: read_conversations reads the last result.
    if (auto contacts = identities_.new_contacts(); !contacts.empty()) store::add_contacts(batch, contacts);
    if (auto aliases = identities_.new_identities(); !aliases.empty()) store::add_identities(batch, aliases);
    if (auto customers = identities_.refreshed(); !customers.empty()) store::refresh_customers(batch, customers);
    if (auto conversations = identities_.new_conversations(); !conversations.empty())
        store::add_conversations(batch, conversations);
    return batch;
}

void Ingestion::read_conversations(const std::vector<store::Rows>& rows) {
    if (rows.empty() || identities_.new_conversations().empty()) return;
    for (auto row : rows.back())
        identities_.added_conversation(row.get<std::string_view>("phone_number_id"), row.get<ContactId>("contact_id"),
                                       row.get<ConversationId>("id"));
}

void Ingestion::add_journal(store::Batch& batch) const {
    std::vector<store::JournalEntry> entries;
    entries.reserve(deliveries_.size());
    for (const auto& pending : deliveries_) {
        const auto& delivery = pending.delivery;
        store::JournalEntry entry;
        entry.received_at = pending.received_at;
        entry.body = pending.body;
        entry.items = static_cast<std::int64_t>(delivery.items.size());
        for (const auto& field : delivery.fields) entry.fields += (entry.fields.empty() ? "" : ",") + field;
        for (const auto& number : delivery.numbers) {
            if (entry.account.value != 0) break;
            entry.account = account_of(number);
            auto waba = accounts_of_wabas_.find(number.waba_id);
            if (entry.account.value == 0 && waba != accounts_of_wabas_.end()) entry.account = waba->second;
        }
        std::size_t unrouted = 0;
        std::string_view unknown_number;
        for (const auto& item : delivery.items) {
            if (account_of(number_of(item)).value != 0) continue;
            ++unrouted;
            unknown_number = number_of(item).phone_number_id;
        }
        entry.problem = delivery.understood ? pending.problem : delivery.problem;
        auto also = [&](const std::string& text) { entry.problem += (entry.problem.empty() ? "" : "; ") + text; };
        if (delivery.items_skipped > 0) also(std::to_string(delivery.items_skipped) + " malformed items");
        if (unrouted > 0 && unknown_number.empty())
            also("no phone_number_id");
        else if (unrouted > 0)
            also("phone_number_id " + std::string(first_code_points(unknown_number, 64)) + " is not configured");
        auto lost = std::max(unrouted, pending.items_refused);
        bool nothing_stored = !delivery.understood || (lost > 0 && lost == delivery.items.size());
        entry.state = entry.problem.empty() ? "stored" : nothing_stored ? "dead" : "partial";
        if (!pending.replay_of) {
            entries.push_back(std::move(entry));
            continue;
        }
        store::Params params;
        params.add(*pending.replay_of).add(entry.account).add(entry.state).add_nullable(entry.problem).add(entry.items);
        batch.add("update_replayed_delivery", std::move(params));
    }
    if (!entries.empty()) store::journal(batch, entries);
}

store::Batch Ingestion::store_all() const {
    std::vector<store::PlacedMessage> messages;
    std::vector<store::PlacedStatus> statuses;
    std::vector<store::PlacedChange> changes;
    std::vector<std::pair<AccountId, const IdentityChange*>> moves;
    std::set<std::pair<AccountId, std::string_view>> seen;

    for (const auto* item : routed_) {
        auto account = account_of(number_of(*item));
        if (auto* message = std::get_if<IncomingMessage>(item)) {
            if (!seen.emplace(account, message->wamid).second) continue;
            messages.push_back({account, identities_.conversation_of(message->number, message->customer), message});
        } else if (auto* report = std::get_if<StatusReport>(item)) {
            auto own = read_callback_data(report->callback_data);
            statuses.push_back({account, report, own && own->account == account ? own->message : MessageId{}});
        } else if (auto* change = std::get_if<IdentityChange>(item)) {
            moves.emplace_back(account, change);
        } else if (auto* reaction = std::get_if<ReactionChange>(item);
                   reaction && reaction->sender == Sender::customer) {
            changes.push_back({account, identities_.author_of(*reaction), item});
        } else {
            changes.push_back({account, {}, item});
        }
    }
    for (const auto& parked : parked_) {
        if (auto* report = std::get_if<StatusReport>(&parked.item))
            statuses.push_back({parked.account, report, {}});
        else
            changes.push_back({parked.account, parked.contact, &parked.item});
    }

    store::Batch batch;
    if (!messages.empty()) store::store_messages(batch, messages);
    if (!statuses.empty()) store::apply_statuses(batch, statuses);
    for (const auto& change : changes) store::apply_change(batch, change);
    for (const auto& [account, change] : moves) {
        if (!change->old_wa_id.empty() && !change->new_wa_id.empty() && change->old_wa_id != change->new_wa_id)
            store::move_identity(batch, account, "wa_id", change->old_wa_id, change->new_wa_id);
        if (!change->old_user_id.empty() && !change->new_user_id.empty() && change->old_user_id != change->new_user_id)
            store::move_identity(batch, account, "user_id", change->old_user_id, change->new_user_id);
    }
    add_journal(batch);
    return batch;
}

}  // namespace

awaitable<void> ingest(store::Pool& pool, std::span<const PendingDelivery> deliveries) {
    Ingestion ingestion(deliveries);
    auto transaction = co_await store::Transaction::begin(pool);
    auto questions = ingestion.ask();
    auto answers = co_await transaction.run(std::move(questions));
    ingestion.read_routes(answers);
    ingestion.read_places(std::move(answers));
    if (ingestion.has_numbers_to_add()) {
        auto numbers = ingestion.add_numbers();
        auto again = co_await transaction.run(std::move(numbers));
        ingestion.read_places(std::move(again));
    }
    ingestion.plan();
    if (ingestion.contacts_to_add() > 0) {
        auto question = ingestion.ask_for_new_contacts();
        auto added = co_await transaction.run(std::move(question));
        ingestion.read_new_contacts(added);
    }
    if (auto customers = ingestion.add_customers(); !customers.empty()) {
        auto added = co_await transaction.run(std::move(customers));
        ingestion.read_conversations(added);
    }
    auto everything = ingestion.store_all();
    co_await transaction.run_and_commit(std::move(everything));
}

std::string callback_data_of(AccountId account, MessageId message) {
    return "parley:" + std::to_string(account.value) + ":" + std::to_string(message.value);
}

std::optional<OwnMessage> read_callback_data(std::string_view data) {
    constexpr std::string_view prefix = "parley:";
    if (!data.starts_with(prefix)) return std::nullopt;
    data.remove_prefix(prefix.size());
    OwnMessage own;
    const char* end = data.data() + data.size();
    auto [colon, error] = std::from_chars(data.data(), end, own.account.value);
    if (error != std::errc{} || colon == end || *colon != ':') return std::nullopt;
    auto [last, second_error] = std::from_chars(colon + 1, end, own.message.value);
    if (second_error != std::errc{} || last != end) return std::nullopt;
    return own;
}

}  // namespace parley::flow

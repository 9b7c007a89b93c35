#include "flow/ingest.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>
#include <unordered_map>

#include "base/text.hpp"
#include "flow/identities.hpp"
#include "store/inbound.hpp"
#include "store/templates.hpp"

namespace parley::flow {
namespace {

store::Params identity_keys(std::span<const store::IdentityKey> keys) {
    auto n = keys.size();
    auto numbers = store::Column::of_text(n), kinds = store::Column::of_text(n), values = store::Column::of_text(n);
    for (const auto& key : keys) {
        numbers.add(key.phone_number_id);
        kinds.add(key.kind);
        values.add(key.value);
    }
    store::Params params;
    params.add(std::move(numbers)).add(std::move(kinds)).add(std::move(values));
    return params;
}

/// Whether what the delivery says of an account is to be believed.
bool vouched(const PendingDelivery& pending, AccountId account) {
    return pending.vouched_by.empty() || std::ranges::find(pending.vouched_by, account) != pending.vouched_by.end();
}

/// One transaction's worth of deliveries on their way through the steps of `ingest`.
class Ingestion {
  public:
    explicit Ingestion(std::span<const PendingDelivery> deliveries) : deliveries_(deliveries) { collect(); }

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

    store::Batch store_items() const;
    void add_journal(store::Batch& batch) const;

    /// The other way to know numbers and places: what the directory lacks is to be looked up, then tried again.
    store::Batch ask_directory(Directory& directory);
    void teach(Directory& directory, const std::vector<store::Rows>& rows) const;
    /// False when there is more to do than storing.
    bool recall(Directory& directory);
    /// store_items, failing when what was recalled is not so any more or updates wait for these messages.
    store::Batch store_if_as_recalled(const Directory& directory) const;
    void forget(Directory& directory) const;

  private:
    AccountId account_of(const BusinessNumber& number) const;
    /// The keys of all customers and the ids of all incoming messages.
    void collect();
    void ask_for_places(store::Batch& batch) const;
    store::Params incoming_messages() const;
    std::span<const PendingDelivery> deliveries_;
    std::unordered_map<std::string, AccountId> accounts_of_numbers_;
    std::unordered_map<std::string, AccountId> accounts_of_wabas_;
    std::vector<std::pair<AccountId, BusinessNumber>> numbers_to_add_;
    std::vector<const DeliveryItem*> routed_;
    std::vector<store::ParkedUpdate> parked_;
    std::set<std::pair<std::string_view, std::string_view>> incoming_;  // (phone_number_id, wamid)
    std::vector<store::IdentityKey> looked_up_;
    store::Rows places_;
    Identities identities_{accounts_of_numbers_};
};

AccountId Ingestion::account_of(const BusinessNumber& number) const {
    auto found = accounts_of_numbers_.find(number.phone_number_id);
    return found == accounts_of_numbers_.end() ? AccountId{} : found->second;
}

store::Batch Ingestion::ask() {
    identities_.ask_for_variants();
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
            if (waba == accounts_of_wabas_.end() || !vouched(pending, waba->second)) continue;
            accounts_of_numbers_[number.phone_number_id] = waba->second;
            numbers_to_add_.emplace_back(waba->second, number);
        }
        for (const auto& item : pending.delivery.items)
            if (auto account = account_of(number_of(item)); account.value != 0 && vouched(pending, account))
                routed_.push_back(&item);
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

void Ingestion::collect() {
    for (const auto& pending : deliveries_) {
        if (pending.journal_only) continue;
        for (const auto& item : pending.delivery.items) {
            identities_.ask_for(item);
            if (auto* message = std::get_if<IncomingMessage>(&item))
                incoming_.emplace(message->number.phone_number_id, message->wamid);
        }
    }
}

store::Params Ingestion::incoming_messages() const {
    auto numbers = store::Column::of_text(incoming_.size()), wamids = store::Column::of_text(incoming_.size());
    for (const auto& [number, wamid] : incoming_) {
        numbers.add(number);
        wamids.add(wamid);
    }
    store::Params params;
    params.add(std::move(numbers)).add(std::move(wamids));
    return params;
}

void Ingestion::ask_for_places(store::Batch& batch) const {
    batch.add("find_identities", identity_keys(identities_.keys()));
    batch.add("take_parked_updates", incoming_messages());
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
                          row.get<std::string_view>("customer_name"), row.get<std::string_view>("customer_phone"));
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
    if (auto moves = identities_.address_moves(); !moves.empty()) store::move_addresses(batch, moves);
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
        if (!vouched(pending, entry.account)) entry.account = pending.vouched_by.front();
        for (auto account : pending.vouched_by)
            entry.vouched_by += (entry.vouched_by.empty() ? "{" : ",") + std::to_string(account.value);
        if (!entry.vouched_by.empty()) entry.vouched_by += '}';
        std::size_t unrouted = 0, foreign = 0;
        std::string_view unknown_number;
        for (const auto& item : delivery.items) {
            auto account = account_of(number_of(item));
            if (account.value != 0 && !vouched(pending, account)) ++foreign;
            if (account.value != 0) continue;
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
        if (foreign > 0)
            also(std::to_string(foreign) + " items of another account than the one whose app secret signed them");
        auto lost = std::max(unrouted + foreign, pending.items_refused);
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

store::Batch Ingestion::store_items() const {
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
    if (!messages.empty()) {
        store::store_messages(batch, messages);
        store::announce_media(batch, messages);
    }
    if (!statuses.empty()) store::apply_statuses(batch, statuses);
    for (const auto& change : changes) store::apply_change(batch, change);
    for (const auto& pending : deliveries_)
        if (const auto& told = pending.delivery.template_changes; !told.empty() && !pending.journal_only)
            store::apply_template_changes(batch, told, pending.vouched_by);
    for (const auto& [account, change] : moves) {
        if (!change->old_wa_id.empty() && !change->new_wa_id.empty() && change->old_wa_id != change->new_wa_id)
            store::move_identity(batch, account, "wa_id", change->old_wa_id, change->new_wa_id);
        if (!change->old_user_id.empty() && !change->new_user_id.empty() && change->old_user_id != change->new_user_id)
            store::move_identity(batch, account, "user_id", change->old_user_id, change->new_user_id);
    }
    return batch;
}

store::Batch Ingestion::ask_directory(Directory& directory) {
    std::set<std::string_view> numbers;
    for (const auto& pending : deliveries_)
        for (const auto& number : pending.delivery.numbers)
            if (!number.phone_number_id.empty() && !directory.account_of(number.phone_number_id))
                numbers.insert(number.phone_number_id);
    for (const auto& key : identities_.keys())
        if (!directory.find(key)) looked_up_.push_back(key);
    store::Batch batch;
    if (!numbers.empty()) {
        auto column = store::Column::of_text(numbers.size());
        for (auto number : numbers) column.add(number);
        store::Params params;
        params.add(std::move(column));
        batch.add("route_numbers", std::move(params));
    }
    if (!looked_up_.empty()) batch.add("find_identities", identity_keys(looked_up_));
    return batch;
}

void Ingestion::teach(Directory& directory, const std::vector<store::Rows>& rows) const {
    if (rows.size() > (looked_up_.empty() ? 0 : 1)) {
        for (auto row : rows.front())
            directory.learn_number(row.get<std::string>("phone_number_id"), row.get<AccountId>("account_id"),
                                   row.get<std::int64_t>("directory_version"));
    }
    if (looked_up_.empty()) return;
    for (auto row : rows.back())
        directory.learn(looked_up_.at(static_cast<std::size_t>(row.get<std::int64_t>("position"))),
                        {row.get<AccountId>("account_id"), row.get<std::int64_t>("directory_version"),
                         row.get<ContactId>("contact_id"), row.get<std::optional<ConversationId>>("conversation_id"),
                         row.get<std::string>("customer_name"), row.get<std::string>("customer_phone")});
}

bool Ingestion::recall(Directory& directory) {
    for (const auto& pending : deliveries_) {
        if (pending.journal_only || pending.replay_of || !pending.delivery.template_changes.empty()) return false;
        for (const auto& number : pending.delivery.numbers) {
            auto account = directory.account_of(number.phone_number_id);
            if (!account) return false;
            accounts_of_numbers_[number.phone_number_id] = *account;
        }
        for (const auto& item : pending.delivery.items) {
            auto account = account_of(number_of(item));
            if (account.value == 0 || !vouched(pending, account)) return false;
            if (std::holds_alternative<IdentityChange>(item)) return false;
            routed_.push_back(&item);
        }
    }
    for (std::size_t i = 0; i < identities_.keys().size(); ++i) {
        const auto* customer = directory.find(identities_.keys()[i]);
        if (customer)
            identities_.found(i, customer->contact, customer->conversation, customer->name, customer->address);
    }
    for (const auto* item : routed_) identities_.plan(*item);
    return contacts_to_add() == 0 && add_customers().empty();
}

store::Batch Ingestion::store_if_as_recalled(const Directory& directory) const {
    std::set<AccountId> accounts;
    for (const auto& [number, account] : accounts_of_numbers_) accounts.insert(account);
    auto ids = store::Column::of_int64(accounts.size()), versions = store::Column::of_int64(accounts.size());
    for (auto account : accounts) {
        ids.add(account);
        versions.add(directory.version_of(account));
    }
    store::Batch batch;
    store::Params params;
    params.add(std::move(ids)).add(std::move(versions));
    add_journal(batch);
    batch.add("lock_accounts_as_recalled", std::move(params));
    if (!incoming_.empty()) batch.add("expect_no_parked_updates", incoming_messages());
    batch.append(store_items());
    return batch;
}

void Ingestion::forget(Directory& directory) const {
    for (const auto& [number, account] : accounts_of_numbers_) directory.forget(account);
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
    auto everything = ingestion.store_items();
    ingestion.add_journal(everything);
    co_await transaction.run_and_commit(std::move(everything));
}

awaitable<void> ingest(store::Pool& pool, Directory& directory, std::span<const PendingDelivery> deliveries) {
    Ingestion ingestion(deliveries);
    if (auto questions = ingestion.ask_directory(directory); !questions.empty()) {
        auto answers = co_await pool.run(std::move(questions));
        ingestion.teach(directory, answers);
    }
    if (ingestion.recall(directory)) {
        auto everything = ingestion.store_if_as_recalled(directory);
        try {
            // One batch is one transaction.
            co_await pool.run_in_line(std::move(everything));
            co_return;
        } catch (const store::DbError& error) {
            if (error.kind() != store::DbErrorKind::data) throw;
            ingestion.forget(directory);
        }
    }
    co_await ingest(pool, deliveries);
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

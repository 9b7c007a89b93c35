#include "simulator/state.hpp"

#include <array>

#include "base/crypto.hpp"
#include "simulator/meta_ids.hpp"

namespace parley::simulator {
namespace {

int rank(std::string_view status) {
    constexpr std::array<std::string_view, 5> kOrder{"accepted", "sent", "delivered", "read", "played"};
    for (std::size_t i = 0; i < kOrder.size(); ++i) {
        if (kOrder[i] == status) return static_cast<int>(i);
    }
    return status == "failed" ? 9 : -1;
}

}  // namespace

bool window_open(const Customer& customer, std::string_view phone_number_id, TimePoint now) {
    auto last = customer.last_incoming.find(phone_number_id);
    return last != customer.last_incoming.end() && now < last->second + kServiceWindow;
}

State::State(Executor executor, const Clock& clock) : executor_(executor), clock_(clock), changes_(executor) {
    reset();
}

void State::reset() {
    messages_.clear();
    changed_messages_.clear();
    by_wamid_.clear();
    customers_.clear();
    by_alias_.clear();
    changed_customers_.clear();
    groups_.clear();
    sequence_ = 0;
    last_number_ = 0;
    epoch_ = random_uuid();
    seed();
    changes_.ring();
}

void State::seed() {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kPeople{{{"4915555012345", "Tom Becker"},
                                                                                    {"971505550142", "Layla Hassan"},
                                                                                    {"919845550123", "Ravi Patel"},
                                                                                    {"16505551234", "Sheena Nelson"},
                                                                                    {"5511955501234", "Ana Souza"}}};
    for (auto [wa_id, name] : kPeople) customer(std::string(wa_id), {}).name = name;
    Customer& hidden = customer({}, "FR.13491208655302741918");
    hidden.name = "Noé Lambert";
    hidden.username = "@noelambert";
    Group& lovers = group("HBgLMTU1NTA3ODM4ODEVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA");
    lovers.subject = "Succulent lovers";
    lovers.participants = {"16505551234", "919845550123"};
}

Customer* State::find_customer(std::string_view wa_id_or_user_id) {
    std::string key(wa_id_or_user_id);
    if (auto found = customers_.find(key); found != customers_.end()) return &found->second;
    auto alias = by_alias_.find(key);
    return alias == by_alias_.end() ? nullptr : &customers_.at(alias->second);
}

Customer& State::customer(const std::string& wa_id, const std::string& user_id) {
    if (Customer* known = find_customer(wa_id.empty() ? user_id : wa_id)) return *known;
    if (customers_.size() >= kMaxCustomers) {
        auto idle = customers_.find(changed_customers_.begin()->second);
        std::erase_if(by_alias_, [&](const auto& alias) { return alias.second == idle->first; });
        customers_.erase(idle);
        changed_customers_.erase(changed_customers_.begin());
    }
    Customer made;
    made.key = wa_id.empty() ? user_id : wa_id;
    made.wa_id = wa_id;
    made.user_id = user_id.empty() ? user_id_of(wa_id) : user_id;
    made.hides_number = wa_id.empty();
    by_alias_[made.user_id] = made.key;
    std::string key = made.key;
    Customer& stored = customers_[key] = std::move(made);
    touch(stored);
    return stored;
}

void State::change_number(Customer& customer, const std::string& wa_id) {
    customer.wa_id = wa_id;
    customer.user_id = user_id_of(wa_id);
    by_alias_[wa_id] = customer.key;
    by_alias_[customer.user_id] = customer.key;
    touch(customer);
}

Group& State::group(const std::string& id) {
    if (auto found = groups_.find(id); found != groups_.end()) return found->second;
    if (groups_.size() >= kMaxGroups) groups_.erase(groups_.begin());
    note_change();
    return groups_[id] = Group{.id = id, .subject = "Group", .participants = {}};
}

const Group* State::find_group(std::string_view id) const {
    auto found = groups_.find(id);
    return found == groups_.end() ? nullptr : &found->second;
}

void State::touch(Customer& customer) {
    changed_customers_.erase(customer.changed);
    customer.changed = ++sequence_;
    changed_customers_[customer.changed] = customer.key;
    changes_.ring();
}

std::vector<const Customer*> State::customers_after(std::uint64_t sequence, std::size_t limit) const {
    std::vector<const Customer*> found;
    for (auto it = changed_customers_.upper_bound(sequence); it != changed_customers_.end() && found.size() < limit;
         ++it) {
        found.push_back(&customers_.at(it->second));
    }
    return found;
}

ChatMessage& State::add(ChatMessage message) {
    if (messages_.size() >= kMaxMessages) drop_oldest();
    message.number = ++last_number_;
    message.changed = 0;
    if (message.at == TimePoint{}) message.at = now();
    by_wamid_[message.wamid] = message.number;
    std::uint64_t number = message.number;
    ChatMessage& stored = messages_[number] = std::move(message);
    touch(stored);
    return stored;
}

void State::drop_oldest() {
    auto oldest = messages_.begin();
    changed_messages_.erase(oldest->second.changed);
    auto named = by_wamid_.find(oldest->second.wamid);
    if (named != by_wamid_.end() && named->second == oldest->first) by_wamid_.erase(named);
    messages_.erase(oldest);
}

ChatMessage* State::find(std::string_view wamid) {
    auto found = by_wamid_.find(std::string(wamid));
    return found == by_wamid_.end() ? nullptr : &messages_.at(found->second);
}

void State::touch(ChatMessage& message) {
    changed_messages_.erase(message.changed);
    message.changed = ++sequence_;
    changed_messages_[message.changed] = message.number;
    changes_.ring();
}

void State::note_change() {
    ++sequence_;
    changes_.ring();
}

bool State::advance(ChatMessage& message, std::string_view status) {
    if (rank(status) <= rank(message.status)) return false;
    message.status = status;
    touch(message);
    return true;
}

std::vector<const ChatMessage*> State::changed_after(std::uint64_t sequence, std::size_t limit) const {
    std::vector<const ChatMessage*> found;
    for (auto it = changed_messages_.upper_bound(sequence); it != changed_messages_.end() && found.size() < limit;
         ++it) {
        found.push_back(&messages_.at(it->second));
    }
    return found;
}

std::vector<const ChatMessage*> State::numbered_after(std::uint64_t number) const {
    std::vector<const ChatMessage*> found;
    for (auto it = messages_.upper_bound(number); it != messages_.end(); ++it) found.push_back(&it->second);
    return found;
}

void State::mark_read_by_business(const ChatMessage& message) {
    // Newest first: what came before an already read one was marked with it.
    for (auto it = std::make_reverse_iterator(messages_.upper_bound(message.number)); it != messages_.rend(); ++it) {
        ChatMessage& earlier = it->second;
        if (earlier.from_business || earlier.customer != message.customer ||
            earlier.phone_number_id != message.phone_number_id) {
            continue;
        }
        if (earlier.read_by_business) return;
        earlier.read_by_business = true;
        touch(earlier);
    }
}

std::vector<ChatMessage*> State::unread_by(std::string_view customer) {
    std::vector<ChatMessage*> found;
    for (auto& [number, message] : messages_) {
        int reached = rank(message.status);
        if (message.from_business && message.customer == customer && reached >= 0 && reached < rank("read")) {
            found.push_back(&message);
        }
    }
    return found;
}

}  // namespace parley::simulator

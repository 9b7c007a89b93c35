// What the simulator remembers: customers and the messages of both directions. In memory and bounded.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "simulator/bell.hpp"

namespace parley::simulator {

/// A simulated person with the app. Known by wa_id, or by user_id alone when they hide their number.
struct Customer {
    std::string key;  ///< wa_id when there is one, else user_id
    std::string wa_id;
    std::string user_id;
    std::string name;
    std::string username;       ///< empty: none
    bool hides_number = false;  ///< from, wa_id and recipient_id are left out of webhooks
    std::map<std::string, TimePoint, std::less<>> last_incoming;  ///< by phone_number_id; opens the 24 h window
    bool blocks_business = false;                                 ///< what the business sends does not reach them
    std::optional<TimePoint> typing_until;                        ///< the business shows that it is typing
    std::uint64_t changed = 0;                                    ///< the sequence number of the last change
};

inline constexpr auto kServiceWindow = std::chrono::hours{24};
bool window_open(const Customer& customer, std::string_view phone_number_id, TimePoint now);

/// A group of the Groups API. Its id is the party of its messages.
struct Group {
    std::string id;
    std::string subject;
    std::vector<std::string> participants;  ///< Customer::key
};

/// One message. `status` of the business's own: accepted, sent, delivered, read, played, failed. Of a customer's: how
/// far its webhook is: queued, retrying, delivered, dropped (no room), blocked (there is none, by the business's wish).
struct ChatMessage {
    std::uint64_t number = 0;  ///< 1, 2, ... in the order of creation
    std::uint64_t changed = 0;
    std::string wamid;
    std::string phone_number_id;  ///< the business number
    std::string customer;         ///< Customer::key, or a group id
    bool from_business = false;
    std::string type;
    TimePoint at;
    json::object body;      ///< the send request, or the message object of the webhook
    json::object rendered;  ///< a template as the customer sees it, see render_template
    std::string status;
    std::string callback_data;
    std::string category = "service";
    bool by_user_id = false;        ///< the send was addressed to a BSUID
    bool read_by_business = false;  ///< the business marked the customer's message as read
    unsigned attempts = 0;          ///< of the webhook
    std::string problem;            ///< why the last attempt failed, or Meta's error of a failed send
};

class State {
  public:
    static constexpr std::size_t kMaxMessages = 10'000;
    static constexpr std::size_t kMaxCustomers = 50'000;
    static constexpr std::size_t kMaxGroups = 1'000;

    State(Executor executor, const Clock& clock);
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    /// Forgets everything but the seeded customers; `epoch` changes.
    void reset();

    /// By wa_id or by user_id; nullptr when unknown.
    Customer* find_customer(std::string_view wa_id_or_user_id);
    /// Finds or creates. With only a user_id the customer hides their number. A new customer may push out the one that
    /// has been idle longest.
    Customer& customer(const std::string& wa_id, const std::string& user_id);
    /// The customer goes on with another number, and so with another user id; the old number still finds them.
    void change_number(Customer& customer, const std::string& wa_id);
    /// Finds or creates.
    Group& group(const std::string& id);
    const Group* find_group(std::string_view id) const;
    const std::map<std::string, Group, std::less<>>& groups() const { return groups_; }
    std::vector<const Customer*> customers_after(std::uint64_t sequence, std::size_t limit) const;
    void touch(Customer& customer);

    /// Stores a message, giving it number, changed and (when not set) the time. May drop the oldest.
    ChatMessage& add(ChatMessage message);
    ChatMessage* find(std::string_view wamid);
    /// Marks the message as changed and wakes who waits for changes.
    void touch(ChatMessage& message);
    /// Moves a sent message forward; false when that would go back (or nothing changes).
    bool advance(ChatMessage& message, std::string_view status);

    /// The messages changed after `sequence`, oldest change first.
    std::vector<const ChatMessage*> changed_after(std::uint64_t sequence, std::size_t limit) const;
    /// The messages numbered above `number`, in order.
    std::vector<const ChatMessage*> numbered_after(std::uint64_t number) const;
    /// The business's messages to that customer that were accepted, sent or delivered.
    std::vector<ChatMessage*> unread_by(std::string_view customer);
    /// The business has read `message` of a customer, and what that customer wrote before it.
    void mark_read_by_business(const ChatMessage& message);

    /// Something that is not kept here changed (the webhook counters): who waits for changes looks again.
    void note_change();

    std::uint64_t sequence() const { return sequence_; }
    std::string_view epoch() const { return epoch_; }
    std::size_t message_count() const { return messages_.size(); }
    std::size_t customer_count() const { return customers_.size(); }
    TimePoint now() const { return clock_.now(); }
    Bell& changes() { return changes_; }
    Executor executor() const { return executor_; }

  private:
    void seed();
    void drop_oldest();

    Executor executor_;
    const Clock& clock_;
    Bell changes_;
    std::string epoch_;
    std::uint64_t sequence_ = 0;
    std::uint64_t last_number_ = 0;
    std::map<std::uint64_t, ChatMessage> messages_;            // by number
    std::map<std::uint64_t, std::uint64_t> changed_messages_;  // changed -> number
    std::unordered_map<std::string, std::uint64_t> by_wamid_;
    std::unordered_map<std::string, Customer> customers_;     // by key
    std::unordered_map<std::string, std::string> by_alias_;   // user_id or changed wa_id -> key
    std::map<std::string, Group, std::less<>> groups_;        // by id
    std::map<std::uint64_t, std::string> changed_customers_;  // changed -> key
};

}  // namespace parley::simulator

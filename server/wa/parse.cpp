#include "wa/parse.hpp"

#include <exception>
#include <new>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "wa/contact_book.hpp"
#include "wa/fields.hpp"
#include "wa/parse_call.hpp"
#include "wa/parse_message.hpp"
#include "wa/template_list.hpp"

namespace parley::wa {
namespace {

constexpr std::size_t kLongestField = 100;

/// Meta's word for a fate. Not domain's parse_message_status alone: that knows words of ours too, such as "queued".
std::optional<MessageStatus> read_status_word(std::string_view word) {
    auto status = parse_message_status(word);
    if (!status || *status < MessageStatus::sent) return std::nullopt;
    return status;
}

/// Reads the body from the outside in, gathering what it says in a Delivery.
class Reader {
  public:
    explicit Reader(TimePoint arrival) : arrival_(arrival) {}

    Delivery read(std::string_view body) && {
        auto parsed = json::parse_storable(body);
        if (!parsed) return refuse("not JSON");
        if (!parsed->is_object()) return refuse("not an object");
        auto* entries = json::find_array(*parsed, "entry");
        if (!entries) return refuse("no entry array");
        delivery_.understood = true;
        for (const auto& entry : *entries) guarded([&] { return read_entry(entry); });
        return std::move(delivery_);
    }

  private:
    Delivery refuse(std::string_view problem) {
        delivery_.problem = problem;
        return std::move(delivery_);
    }

    /// Runs one reader. What it refuses, or fails at, is counted and harms nothing beside it. Being out of memory is no
    /// fault of the item: the whole delivery must fail then, so that Meta sends it again.
    template <class Read>
    void guarded(Read read) {
        try {
            if (!read()) ++delivery_.items_skipped;
        } catch (const std::bad_alloc&) {
            throw;
        } catch (const std::exception&) {
            ++delivery_.items_skipped;
        }
    }

    /// Runs `read` on each element of a list; an absent list is empty, and anything but a list is malformed.
    template <class Read>
    bool each(const json::value& list, Read read) {
        auto* elements = list.if_array();
        if (!elements) return list.is_null();
        for (const auto& element : *elements) guarded([&] { return read(element); });
        return true;
    }

    bool read_entry(const json::value& entry) {
        auto* changes = json::find_array(entry, "changes");
        if (!changes) return false;
        auto waba_id = json::text(entry, "id");
        for (const auto& change : *changes) guarded([&] { return read_change(change, waba_id); });
        return true;
    }

    bool read_change(const json::value& change, const std::string& waba_id) {
        if (!change.is_object()) return false;
        auto field = text_view(change, "field");
        if (!field.empty()) note_field(field);

        const auto& value = member(change, "value");
        const auto& metadata = member(value, "metadata");
        BusinessNumber number{.phone_number_id = json::text(metadata, "phone_number_id"),
                              .display_phone_number = json::text(metadata, "display_phone_number"),
                              .waba_id = waba_id};
        note_number(number);

        if (!value.is_object()) return false;
        if (auto about = read_template_change(field, value, waba_id))
            delivery_.template_changes.push_back(std::move(*about));
        read_value(value, field, number);
        return true;
    }

    /// Lists are read in the order in which the body has them. A change that does not name its field is read for what
    /// it contains.
    void read_value(const json::value& value, std::string_view field, const BusinessNumber& number) {
        bool unnamed = field.empty();
        bool conversation = unnamed || field == "messages";
        bool echoes = conversation || field == "smb_message_echoes";
        bool user_ids = unnamed || field == "user_id_update";
        bool calls = unnamed || field == "calls";
        if (!echoes && !user_ids && !calls) return;

        ContactBook contacts(value);
        for (const auto& [name, list] : value.get_object()) {
            if (conversation && name == "messages")
                guarded([&] { return read_messages(list, Sender::customer, number, contacts); });
            else if (echoes && name == "message_echoes")
                guarded([&] { return read_messages(list, Sender::agent, number, contacts); });
            else if (conversation && name == "statuses")
                guarded([&] { return each(list, [&](const auto& status) { return read_status(status, number); }); });
            else if (calls && name == "calls")
                guarded([&] {
                    return each(list, [&](const auto& call) {
                        return read_call(call, number, contacts, arrival_, delivery_.items);
                    });
                });
            else if (user_ids && name == "user_id_update")
                guarded([&] {
                    return each(list, [&](const auto& update) { return read_user_id(update, number, contacts); });
                });
        }
    }

    bool read_messages(const json::value& list, Sender sender, const BusinessNumber& number,
                       const ContactBook& contacts) {
        auto* elements = list.if_array();
        MessageSurroundings around{.number = number,
                                   .contacts = contacts,
                                   .arrival = arrival_,
                                   .sender = sender,
                                   .alone = elements && elements->size() == 1};
        return each(list, [&](const auto& message) { return read_message(message, around, delivery_.items); });
    }

    bool read_status(const json::value& status, const BusinessNumber& number) {
        if (!status.is_object()) return false;
        if (text_view(status, "type") == "call") return true;
        auto wamid = json::text(status, "id");
        auto word = text_view(status, "status");
        if (wamid.empty() || word.empty()) return false;
        auto known = read_status_word(word);
        if (!known) return true;

        StatusReport report;
        report.number = number;
        report.wamid = std::move(wamid);
        report.status = *known;
        report.at = read_time(status, arrival_);
        report.callback_data = json::text(status, "biz_opaque_callback_data");
        if (text_view(status, "recipient_type") != "group") {
            report.recipient_wa_id = json::text(status, "recipient_id");
            report.recipient_user_id = json::text(status, "recipient_user_id");
        }
        report.error = read_error(status);
        delivery_.items.push_back(std::move(report));
        return true;
    }

    bool read_user_id(const json::value& update, const BusinessNumber& number, const ContactBook& contacts) {
        const auto& user_id = member(update, "user_id");
        IdentityChange change;
        change.number = number;
        change.old_user_id = json::text(user_id, "previous");
        change.new_user_id = json::text(user_id, "current");
        if (change.new_user_id.empty()) return false;
        change.new_parent_user_id = json::text(member(update, "parent_user_id"), "current");
        change.new_wa_id = json::text(update, "wa_id");
        if (change.new_wa_id.empty() && contacts.only()) change.new_wa_id = contacts.only()->wa_id;
        // The number stays: it also finds a customer whose old user id was never seen.
        change.old_wa_id = change.new_wa_id;
        if (change.old_user_id.empty() && change.old_wa_id.empty()) return false;
        change.at = read_time(update, arrival_);
        delivery_.items.push_back(std::move(change));
        return true;
    }

    void note_field(std::string_view field) {
        std::string name(first_code_points(field, kLongestField));
        if (!delivery_.fields.empty() && delivery_.fields.back() == name) return;
        if (fields_.insert(name).second) delivery_.fields.push_back(std::move(name));
    }

    void note_number(const BusinessNumber& number) {
        auto same = [&](const BusinessNumber& other) {
            return other.phone_number_id == number.phone_number_id && other.waba_id == number.waba_id;
        };
        if (!delivery_.numbers.empty() && same(delivery_.numbers.back())) return;
        // A NUL divides the two: it never occurs in storable text.
        if (numbers_.insert(number.phone_number_id + '\0' + number.waba_id).second) delivery_.numbers.push_back(number);
    }

    TimePoint arrival_;
    Delivery delivery_;
    std::unordered_set<std::string> fields_;
    std::unordered_set<std::string> numbers_;
};

}  // namespace

Delivery parse_delivery(std::string_view body, TimePoint arrival) {
    return Reader(arrival).read(body);
}

}  // namespace parley::wa

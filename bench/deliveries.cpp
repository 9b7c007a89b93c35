#include "bench/deliveries.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "base/crypto.hpp"

namespace parley::bench {

namespace {

constexpr std::size_t kNumberDigits = 10;
constexpr std::string_view kWamidEnd = "FQIAEhgUM0E4RjA1QzQ2AA==";

constexpr auto kWords = std::to_array<std::string_view>({"Does",
                                                         "it",
                                                         "come",
                                                         "in",
                                                         "another",
                                                         "colour?",
                                                         "Hello,",
                                                         "I",
                                                         "would",
                                                         "like",
                                                         "to",
                                                         "know",
                                                         "when",
                                                         "my",
                                                         "order",
                                                         "4711",
                                                         "arrives.",
                                                         "Thank",
                                                         "you!",
                                                         "The",
                                                         "door",
                                                         "bell",
                                                         "is",
                                                         "broken,",
                                                         "please",
                                                         "call",
                                                         "Gr\\u00fc\\u00dfe",
                                                         "\\ud83d\\ude4f",
                                                         "https:\\/\\/shop.example\\/p\\/42",
                                                         "tomorrow",
                                                         "between",
                                                         "nine",
                                                         "and",
                                                         "noon"});
constexpr auto kNames = std::to_array<std::string_view>(
    {"Sheena Nelson", "Jos\\u00e9 Garc\\u00eda", "Amina", "Li Wei", "M\\u00fcller & S\\u00f6hne", "Priya N."});

std::string contact_json(std::string_view customer, std::string_view name) {
    return std::string(R"({"profile":{"name":")").append(name).append(R"("},"wa_id":")").append(customer).append("\"}");
}

std::string envelope(std::string_view waba, std::string_view phone_number_id, std::string_view contacts,
                     std::string_view messages) {
    return std::string(R"({"object":"whatsapp_business_account","entry":[{"id":")")
        .append(waba)
        .append(
            R"(","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881",)")
        .append(R"("phone_number_id":")")
        .append(phone_number_id)
        .append(R"("},"contacts":[)")
        .append(contacts)
        .append(R"(],"messages":[)")
        .append(messages)
        .append(R"(]},"field":"messages"}]}]})");
}

}  // namespace

std::string sample_text_json(std::mt19937_64& random) {
    std::string text;
    for (std::size_t left = 1 + random() % 16; left > 0; --left) {
        if (!text.empty()) text += ' ';
        text += kWords[random() % kWords.size()];
    }
    return text;
}

std::string sample_message_json(std::string_view customer, std::string_view wamid, std::string_view text_json,
                                std::int64_t unix_seconds) {
    return std::string(R"({"from":")")
        .append(customer)
        .append(R"(","id":")")
        .append(wamid)
        .append(R"(","timestamp":")")
        .append(std::to_string(unix_seconds))
        .append(R"(","type":"text","text":{"body":")")
        .append(text_json)
        .append("\"}}");
}

std::string sample_body(std::string_view waba, std::string_view phone_number_id, std::string_view customer,
                        std::string_view wamid, std::string_view text_json, std::int64_t unix_seconds) {
    return envelope(waba, phone_number_id, contact_json(customer, kNames.front()),
                    sample_message_json(customer, wamid, text_json, unix_seconds));
}

std::string customer_phone(std::size_t customer) {
    return std::to_string(16'500'000'000 + customer);
}

std::string fresh_wamid_prefix() {
    return "wamid.HBgL" + random_uuid().substr(0, 8);
}

std::string make_wamid(std::string_view prefix, std::size_t number) {
    const std::string digits = std::to_string(number);
    return std::string(prefix).append(kNumberDigits - digits.size(), '0').append(digits).append(kWamidEnd);
}

DeliveryMaker::DeliveryMaker(Url url, std::string secret, std::string waba, std::string phone_number_id, int customers)
    : url_(std::move(url)),
      secret_(std::move(secret)),
      waba_(std::move(waba)),
      phone_number_id_(std::move(phone_number_id)),
      prefix_(fresh_wamid_prefix()),
      customers_(static_cast<std::size_t>(customers)),
      now_(std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
               .count()) {}

void DeliveryMaker::add(Requests& requests, std::size_t count, std::size_t messages) {
    for (std::size_t i = 0; i < count; ++i) {
        Draft draft;
        for (std::size_t m = 0; m < messages; ++m) add_message(draft, random_() % customers_);
        finish(requests, draft);
    }
}

void DeliveryMaker::add_one_of_each_customer(Requests& requests, std::size_t messages) {
    for (std::size_t customer = 0; customer < customers_;) {
        Draft draft;
        const std::size_t end = std::min(customers_, customer + messages);
        for (; customer < end; ++customer) add_message(draft, customer);
        finish(requests, draft);
    }
}

std::optional<std::size_t> DeliveryMaker::number_of(std::string_view wamid) const {
    if (!wamid.starts_with(prefix_) || wamid.size() < prefix_.size() + kNumberDigits) return {};
    std::size_t number = 0;
    const char* digits = wamid.data() + prefix_.size();
    if (std::from_chars(digits, digits + kNumberDigits, number).ptr != digits + kNumberDigits || number >= next_)
        return {};
    return number;
}

void DeliveryMaker::add_message(Draft& draft, std::size_t customer) {
    const std::string phone = customer_phone(customer);
    if (!draft.messages.empty()) {
        draft.messages += ',';
        draft.contacts += ',';
    }
    draft.contacts += contact_json(phone, kNames[customer % kNames.size()]);
    draft.messages += sample_message_json(phone, make_wamid(prefix_, next_++), sample_text_json(random_), now_);
}

void DeliveryMaker::finish(Requests& requests, const Draft& draft) {
    const std::string body = envelope(waba_, phone_number_id_, draft.contacts, draft.messages);
    const Sha256 signature = hmac_sha256(secret_, body);
    std::string request = "POST " + url_.path + " HTTP/1.1\r\nHost: " + url_.authority +
                          "\r\nUser-Agent: facebookexternalua\r\nAccept: */*\r\nContent-Type: application/json\r\n"
                          "X-Hub-Signature-256: sha256=" +
                          to_hex(as_text(signature)) + "\r\nContent-Length: " + std::to_string(body.size()) +
                          "\r\n\r\n";
    requests.add(request + body);
}

}  // namespace parley::bench

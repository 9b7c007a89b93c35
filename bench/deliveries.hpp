// Signed webhook deliveries of text messages, in the form of contract/fixtures/webhooks/message-text.json, made ahead
// of time. The id of each message carries a word of the run and its number, so that a row leads back to its request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "bench/http_load.hpp"

namespace parley::bench {

/// Texts as customers write them: short, some with characters beyond ASCII. As JSON, escaped as Meta does.
std::string sample_text_json(std::mt19937_64& random);

/// A message of a delivery, whole.
std::string sample_message_json(std::string_view customer, std::string_view wamid, std::string_view text_json,
                                std::int64_t unix_seconds);

/// One delivery of one text message.
std::string sample_body(std::string_view waba, std::string_view phone_number_id, std::string_view customer,
                        std::string_view wamid, std::string_view text_json, std::int64_t unix_seconds);

/// Messages in each of the deliveries that make the conversations before the clock starts.
constexpr int kOpeningBatch = 50;

class DeliveryMaker {
  public:
    DeliveryMaker(Url url, std::string secret, std::string waba, std::string phone_number_id, int customers);

    /// `count` deliveries of `messages` each, from customers at random.
    void add(Requests& requests, std::size_t count, std::size_t messages);
    /// One message from every customer, `messages` to a delivery.
    void add_one_of_each_customer(Requests& requests, std::size_t messages);

    /// With what the ids of all messages of this run begin.
    const std::string& wamid_prefix() const { return prefix_; }
    /// The number of a message among all that were made, from 0; empty for an id of another run.
    std::optional<std::size_t> number_of(std::string_view wamid) const;
    std::size_t made() const { return next_; }

  private:
    struct Draft {
        std::string contacts;
        std::string messages;
    };
    void add_message(Draft& draft, std::size_t customer);
    void finish(Requests& requests, const Draft& draft);

    Url url_;
    std::string secret_, waba_, phone_number_id_, prefix_;
    std::size_t customers_;
    std::size_t next_ = 0;
    std::int64_t now_;
    std::mt19937_64 random_{20240229};
};

/// The phone number of a customer, digits only.
std::string customer_phone(std::size_t customer);
std::string make_wamid(std::string_view prefix, std::size_t number);
/// A prefix that no other run has.
std::string fresh_wamid_prefix();

}  // namespace parley::bench

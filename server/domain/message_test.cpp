#include "domain/message.hpp"

#include <gtest/gtest.h>

#include <array>

namespace parley {
namespace {

constexpr std::array kAscending{MessageStatus::received,  MessageStatus::not_sent, MessageStatus::queued,
                                MessageStatus::unknown,   MessageStatus::sent,     MessageStatus::failed,
                                MessageStatus::delivered, MessageStatus::read,     MessageStatus::played};

TEST(MessageStatusOrder, is_the_order_in_which_a_message_may_move) {
    for (std::size_t i = 1; i < kAscending.size(); ++i) EXPECT_LT(kAscending[i - 1], kAscending[i]) << i;
}

TEST(MessageStatusWords, go_both_ways) {
    for (auto status : kAscending) EXPECT_EQ(parse_message_status(to_string(status)), status);
    EXPECT_EQ(to_string(MessageStatus::not_sent), "not_sent");
    EXPECT_EQ(to_string(MessageStatus::played), "played");
}

TEST(MessageStatusWords, are_ours_alone) {
    for (const char* word : {"", "Sent", "sent ", "deleted", "warning", "pending"})
        EXPECT_EQ(parse_message_status(word), std::nullopt) << word;
}

TEST(Senders, have_the_words_of_the_schema) {
    EXPECT_EQ(to_string(Sender::customer), "customer");
    EXPECT_EQ(to_string(Sender::agent), "agent");
}

}  // namespace
}  // namespace parley

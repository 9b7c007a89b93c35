#include "realtime/client_frame.hpp"

#include <gtest/gtest.h>

#include "realtime/limits.hpp"

namespace parley::realtime {
namespace {

template <class Kind>
Kind read_as(std::string_view text) {
    auto frame = read_client_frame(text);
    if (!frame) {
        ADD_FAILURE() << text << ": " << frame.error();
        return {};
    }
    return std::get<Kind>(*frame);
}

TEST(ClientFrame, reads_auth_with_and_without_a_position) {
    auto first = read_as<AuthFrame>(R"({"type":"auth","token":"t"})");
    EXPECT_EQ(first.token, "t");
    EXPECT_FALSE(first.resume);
    EXPECT_FALSE(read_as<AuthFrame>(R"({"type":"auth","token":"t","resume":null})").resume);
    auto back = read_as<AuthFrame>(R"({"resume":{"offset":9007199254740993,"epoch":"e"},"token":"t","type":"auth"})");
    ASSERT_TRUE(back.resume);
    EXPECT_EQ(back.resume->epoch, "e");
    EXPECT_EQ(back.resume->offset, 9007199254740993);
}

TEST(ClientFrame, reads_what_an_agent_does) {
    EXPECT_EQ(read_as<ViewingFrame>(R"({"type":"viewing","conversation_id":7})").conversation, ConversationId{7});
    EXPECT_FALSE(read_as<ViewingFrame>(R"({"type":"viewing","conversation_id":null})").conversation);
    auto typing = read_as<TypingFrame>(R"({"type":"typing","conversation_id":7,"typing":true})");
    EXPECT_EQ(typing.conversation, ConversationId{7});
    EXPECT_TRUE(typing.typing);
    read_as<PingFrame>(R"({"type":"ping","more":1})");
    EXPECT_EQ(read_as<UnknownFrame>(R"({"type":"dance"})").type, "dance");
}

TEST(ClientFrame, refuses_what_is_not_a_frame) {
    for (std::string_view text : {"",
                                  "null",
                                  "[]",
                                  "{",
                                  "{}",
                                  "{} {}",
                                  R"({"type":null})",
                                  R"({"type":"auth"})",
                                  R"({"type":"auth","token":7})",
                                  R"({"type":"auth","token":"t","resume":[]})",
                                  R"({"type":"auth","token":"t","resume":{"epoch":"e"}})",
                                  R"({"type":"auth","token":"t","resume":{"epoch":1,"offset":1}})",
                                  R"({"type":"auth","token":"t","resume":{"epoch":"e","offset":-1}})",
                                  R"({"type":"auth","token":"t","resume":{"epoch":"e","offset":1.0}})",
                                  R"({"type":"auth","token":"t","resume":{"epoch":"e","offset":18446744073709551615}})",
                                  R"({"type":"viewing"})",
                                  R"({"type":"viewing","conversation_id":0})",
                                  R"({"type":"viewing","conversation_id":"7"})",
                                  R"({"type":"typing","conversation_id":7})",
                                  R"({"type":"typing","conversation_id":null,"typing":true})",
                                  R"({"type":"typing","conversation_id":7,"typing":1})"}) {
        auto frame = read_client_frame(text);
        EXPECT_FALSE(frame) << text;
        // What a close frame can carry (RFC 6455, section 5.5).
        if (!frame) EXPECT_TRUE(!frame.error().empty() && frame.error().size() <= 123) << text;
    }
}

TEST(ClientFrame, takes_ids_exactly) {
    for (std::int64_t id : {std::int64_t{1}, std::int64_t{9007199254740993}, std::int64_t{9223372036854775807}}) {
        auto text = R"({"type":"viewing","conversation_id":)" + std::to_string(id) + "}";
        EXPECT_EQ(read_as<ViewingFrame>(text).conversation, ConversationId{id});
    }
    for (std::string_view id : {"-1", "-0", "0", "7.0", "7e0", "1e3", "9223372036854775808", "18446744073709551616",
                                "1e999", "true", "[7]", "{}", "\"\""}) {
        auto text = R"({"type":"viewing","conversation_id":)" + std::string(id) + "}";
        EXPECT_FALSE(read_client_frame(text)) << text;
    }
}

TEST(ClientFrame, ignores_members_that_it_does_not_know) {
    EXPECT_EQ(read_as<AuthFrame>(R"({"type":"auth","token":"t","resume":{"epoch":"e","offset":0,"x":{}},"x":[1]})")
                  .resume->offset,
              0);
    EXPECT_EQ(read_as<ViewingFrame>(R"({"type":"viewing","conversation_id":7,"token":7})").conversation,
              ConversationId{7});
    EXPECT_FALSE(read_as<TypingFrame>(R"({"x":null,"type":"typing","conversation_id":7,"typing":false})").typing);
}

TEST(ClientFrame, knows_types_by_their_exact_name) {
    for (std::string_view type : {"", "PING", "ping ", "auth\\u0000", "\\ud83d\\ude00"}) {
        auto text = R"({"type":")" + std::string(type) + "\"}";
        read_as<UnknownFrame>(text);
    }
}

TEST(ClientFrame, refuses_what_is_not_strict_json) {
    std::string deep = R"({"type":"ping","x":)" + std::string(20'000, '[') + std::string(20'000, ']') + "}";
    for (std::string_view text : std::initializer_list<std::string_view>{
             deep, "\xef\xbb\xbf{\"type\":\"ping\"}", "{\"type\":\"ping\",}", "{'type':'ping'}", "{\"type\":\"ping\"}x",
             "{\"type\":\"pi\xffng\"}", "{\"type\":\"\\ud83d\"}", "{\"type\":\"pi\nng\"}",
             std::string_view("{\"type\":\"ping\"}\0", 16), "{\"type\":\"ping\",\"x\":NaN}",
             "{\"type\":\"ping\",\"x\":01}"})
        EXPECT_FALSE(read_client_frame(text)) << text.substr(0, 100);
}

TEST(ClientFrame, says_which_member_is_wrong) {
    auto says = [](std::string_view text, std::string_view member) {
        auto frame = read_client_frame(text);
        return !frame && frame.error().starts_with(member);
    };
    EXPECT_TRUE(says(R"({"type":7})", "type "));
    EXPECT_TRUE(says(R"({"type":"auth","token":null})", "token "));
    EXPECT_TRUE(says(R"({"type":"auth","token":"t","resume":false})", "resume "));
    EXPECT_TRUE(says(R"({"type":"auth","token":"t","resume":{"epoch":"e","offset":"1"}})", "resume "));
    EXPECT_TRUE(says(R"({"type":"viewing","conversation_id":false})", "conversation_id "));
    EXPECT_TRUE(says(R"({"type":"typing","typing":true})", "conversation_id "));
    EXPECT_TRUE(says(R"({"type":"typing","conversation_id":7,"typing":null})", "typing "));
}

TEST(FrameAllowance, is_thirty_at_once_and_six_a_second) {
    using namespace std::chrono_literals;
    FrameAllowance allowance;
    Steady::time_point now{1h};
    for (int i = 0; i < 30; ++i) EXPECT_TRUE(allowance.take(now));
    EXPECT_FALSE(allowance.take(now));
    EXPECT_FALSE(allowance.take(now + 100ms));
    for (int i = 0; i < 6; ++i) EXPECT_TRUE(allowance.take(now + 1100ms)) << i;
    EXPECT_FALSE(allowance.take(now + 1100ms));
    for (int i = 0; i < 30; ++i) EXPECT_TRUE(allowance.take(now + 1h));
    EXPECT_FALSE(allowance.take(now + 1h));
}

}  // namespace
}  // namespace parley::realtime

#include "realtime/presence.hpp"

#include <gtest/gtest.h>

namespace parley::realtime {
namespace {

using namespace std::chrono_literals;

const std::string kAnn = "11111111-1111-4111-8111-111111111111";
const std::string kBob = "22222222-2222-4222-8222-222222222222";

Announcement said(std::string process, AccountId account, std::vector<Agent> agents) {
    Announcement announcement{std::move(process), account, {}};
    for (auto& agent : agents) add_agent(announcement.agents, std::move(agent));
    return announcement;
}

TEST(PresenceText, has_one_entry_for_all_sockets_of_a_user) {
    Agents agents;
    add_agent(agents, {kBob, "bob \"the\"", {{7}}, {}});
    add_agent(agents, {kAnn, "ann", {}, {}});
    add_agent(agents, {kBob, "bob \"the\"", {{3}, {7}}, {{3}}});
    EXPECT_EQ(presence_text(agents), R"({"type":"presence","agents":[{"user_id":")" + kAnn +
                                         R"(","name":"ann","viewing":[],"typing":[]},{"user_id":")" + kBob +
                                         R"(","name":"bob \"the\"","viewing":[3,7],"typing":[3]}]})");
}

TEST(Announcement, comes_back_as_it_was_said) {
    auto announcement = said("p1", {5}, {{kAnn, "ann", {{1}, {2}}, {{2}}}, {kBob, "bob", {}, {}}});
    auto heard = read_announcement(write_announcement(announcement));
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->process, "p1");
    EXPECT_EQ(heard->account, AccountId{5});
    EXPECT_EQ(heard->agents, announcement.agents);
    for (std::string_view text : {"", "{}", "[]", R"({"process":"p"})", R"({"process":"","agents":[]})"})
        EXPECT_FALSE(read_announcement(text)) << text;
}

TEST(RemoteAgents, are_there_until_their_process_says_otherwise_or_nothing) {
    RemoteAgents remote;
    Steady::time_point now{1h};
    auto of = [&](AccountId account) {
        Agents agents;
        remote.add_to(agents, account);
        return agents;
    };
    EXPECT_TRUE(remote.hear(said("p1", {1}, {{kAnn, "ann", {}, {}}}), now));
    EXPECT_FALSE(remote.hear(said("p1", {2}, {{kBob, "bob", {}, {}}}), now + 20s));
    EXPECT_TRUE(remote.hear(said("p2", {1}, {{kAnn, "ann", {{4}}, {}}}), now + 20s));
    EXPECT_EQ(of({1}).at(kAnn).viewing, std::set<ConversationId>{{4}});
    EXPECT_EQ(of({2}).size(), 1u);
    EXPECT_TRUE(of({3}).empty());

    EXPECT_TRUE(remote.expire(now + 29s).empty());
    EXPECT_EQ(remote.expire(now + 30s), std::set<AccountId>{{1}});
    EXPECT_EQ(of({1}).size(), 1u);
    remote.hear(said("p2", {1}, {}), now + 31s);
    EXPECT_TRUE(of({1}).empty());
    EXPECT_EQ(remote.expire(now + 90s), (std::set<AccountId>{{1}, {2}}));
    EXPECT_TRUE(remote.hear(said("p1", {1}, {}), now + 91s));
}

}  // namespace
}  // namespace parley::realtime

#include "realtime/feed.hpp"

#include <gtest/gtest.h>

namespace parley::realtime {
namespace {

class Listener final : public Subscriber {
  public:
    void tell(std::int64_t offset, const Frame& frame) override { heard.emplace_back(offset, *frame); }
    void start_anew() override { ++restarts; }
    std::vector<std::pair<std::int64_t, std::string>> heard;
    int restarts = 0;
};

Frame a_frame(std::string text) {
    return std::make_shared<const std::string>(std::move(text));
}

TEST(Feed, tells_all_who_follow_in_order) {
    Feed feed({1}, "epoch", 41);
    Listener early, late;
    feed.join(early);
    feed.tell(a_frame("a"));
    feed.join(late);
    feed.tell(a_frame("b"));
    feed.leave(early);
    EXPECT_FALSE(feed.deserted());
    feed.tell(a_frame("c"));
    using Heard = std::vector<std::pair<std::int64_t, std::string>>;
    EXPECT_EQ(early.heard, (Heard{{42, "a"}, {43, "b"}}));
    EXPECT_EQ(late.heard, (Heard{{43, "b"}, {44, "c"}}));
    EXPECT_EQ(feed.offset(), 44);
    feed.start_anew();
    EXPECT_EQ(early.restarts, 0);
    EXPECT_EQ(late.restarts, 1);
    feed.leave(late);
    EXPECT_TRUE(feed.deserted());
}

TEST(Feed, remembers_what_it_told_lately) {
    Feed feed({1}, "epoch", 10);
    EXPECT_TRUE(feed.remembers(10));
    EXPECT_FALSE(feed.remembers(9));
    EXPECT_FALSE(feed.remembers(11));
    for (int i = 11; i <= 15; ++i) feed.tell(a_frame(std::to_string(i)));
    EXPECT_TRUE(feed.remembers(10));
    EXPECT_FALSE(feed.remembers(9));
    EXPECT_FALSE(feed.remembers(16));
    EXPECT_TRUE(feed.after(15, 10).empty());
    auto some = feed.after(11, 2);
    ASSERT_EQ(some.size(), 2u);
    EXPECT_EQ(*some[0], "12");
    EXPECT_EQ(*some[1], "13");
    EXPECT_EQ(feed.after(10, 100).size(), 5u);
}

TEST(Feed, remembers_a_bounded_number_of_frames_and_bytes) {
    Feed many({1}, "epoch", 0);
    for (int i = 1; i <= 1500; ++i) many.tell(a_frame(std::to_string(i)));
    EXPECT_TRUE(many.remembers(500));
    EXPECT_FALSE(many.remembers(499));
    EXPECT_EQ(*many.after(500, 1).front(), "501");

    Feed large({1}, "epoch", 0);
    for (int i = 1; i <= 30; ++i) large.tell(a_frame(std::string(100 * 1024, 'x')));
    EXPECT_TRUE(large.remembers(20));
    EXPECT_FALSE(large.remembers(19));
    large.tell(a_frame(std::string(2 * 1024 * 1024, 'x')));
    EXPECT_TRUE(large.remembers(31));
    EXPECT_FALSE(large.remembers(30));
}

}  // namespace
}  // namespace parley::realtime

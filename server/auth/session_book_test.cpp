#include "auth/session_book.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "auth/test_issuer.hpp"
#include "store/error.hpp"
#include "support/database.hpp"

namespace parley::auth {
namespace {

using namespace std::chrono_literals;

const std::string kSession = "0b5f2d0e-8f5c-4f1c-8a52-8c9a4b0f7d22";

struct SessionBookTest : testing::Test {
    SessionBookTest() {
        database.execute("INSERT INTO users (id, email) VALUES ('6f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e11', 'a@b')");
        database.execute("INSERT INTO sessions (id, user_id, not_after) SELECT '" + kSession +
                         "', id, now() + interval '1 h' FROM users");
    }
    bool is_open(std::string id = kSession) { return parley::test::run(io, book.is_open(std::move(id))); }

    parley::test::Database database;
    asio::io_context io{1};
    store::Pool pool{io, database.options(), 2};
    test::FakeSteadyClock clock;
    SessionBook book{pool, clock.reader()};
};

TEST_F(SessionBookTest, believes_the_database_and_remembers_a_yes_for_half_a_minute) {
    EXPECT_TRUE(is_open());
    EXPECT_FALSE(is_open("1b5f2d0e-8f5c-4f1c-8a52-8c9a4b0f7d22"));
    database.execute("DELETE FROM sessions");
    clock.now += 29s;
    EXPECT_TRUE(is_open());
    clock.now += 1s;
    EXPECT_FALSE(is_open());
}

TEST_F(SessionBookTest, forgets_at_once_what_ended_here) {
    EXPECT_TRUE(is_open());
    database.execute("DELETE FROM sessions");
    const std::string ended[]{kSession};
    book.forget(ended);
    EXPECT_FALSE(is_open());
}

TEST_F(SessionBookTest, does_not_remember_a_yes_that_an_ending_overtook) {
    bool answer = false;
    asio::co_spawn(io, book.is_open(kSession), [&](std::exception_ptr, bool open) {
        answer = open;
        io.stop();
    });
    // The question is on its way; the session ends before the answer is there.
    io.restart();
    io.poll();
    const std::string ended[]{kSession};
    book.forget(ended);
    io.restart();
    io.run_for(parley::test::kPatience);
    EXPECT_TRUE(answer);
    database.execute("DELETE FROM sessions");
    EXPECT_FALSE(is_open());
}

TEST_F(SessionBookTest, knows_that_a_session_is_over_by_time) {
    database.execute("UPDATE sessions SET not_after = now()");
    EXPECT_FALSE(is_open());
}

}  // namespace
}  // namespace parley::auth

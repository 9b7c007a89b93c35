#include "flow/compose.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

namespace parley::flow {
namespace {

TEST(NormaliseAddress, keeps_the_digits_of_a_phone_number) {
    const std::array<std::pair<const char*, const char*>, 9> table{{{"16505551234", "16505551234"},
                                                                    {"+16505551234", "16505551234"},
                                                                    {"+1 (650) 555-1234", "16505551234"},
                                                                    {"+1.650.555.1234", "16505551234"},
                                                                    {"+49 30 901820", "4930901820"},
                                                                    {"12345", "12345"},
                                                                    {"123456789012345", "123456789012345"},
                                                                    {"US.1349", "US.1349"},
                                                                    {"US.ENT.1181", "US.ENT.1181"}}};
    for (const auto& [given, stored] : table) {
        auto address = normalise_address(given);
        ASSERT_TRUE(address) << given;
        EXPECT_EQ(*address, stored);
        EXPECT_EQ(normalise_address(*address), *address) << "normal already";
    }
}

TEST(NormaliseAddress, refuses_everything_else) {
    for (const char* given : {"", "+", "1234", "1234567890123456", "1650555x234", "1+6505551234", "++16505551234",
                              "16505551234\n", "16505551234;ext=1", "ann@example.com", "US.", "U.1", "USA.1", "US.1!",
                              "US 1", "\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6", "()-. "}) {
        auto address = normalise_address(given);
        ASSERT_FALSE(address) << given;
        EXPECT_EQ(address.error().code, Errc::invalid_argument);
        EXPECT_EQ(address.error().member, "to");
    }
}

}  // namespace
}  // namespace parley::flow

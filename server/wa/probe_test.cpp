#include "wa/probe.hpp"

#include <gtest/gtest.h>

namespace parley::wa {
namespace {

TEST(Probe, reads_the_date_header) {
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), from_unix_seconds(784'111'777));
    for (const char* wrong : {"", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT", "784111777",
                              "Sun, 06 Nov 1994 08:49:37 GMT and more"})
        EXPECT_EQ(parse_http_date(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace parley::wa

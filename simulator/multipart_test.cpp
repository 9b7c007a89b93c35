#include "simulator/multipart.hpp"

#include <gtest/gtest.h>

namespace parley::simulator {
namespace {

constexpr std::string_view kType = "multipart/form-data; boundary=\"b 1\"";

TEST(Multipart, reads_fields_and_files_byte_for_byte) {
    std::string bytes("\x00\r\n--b 2\r\n\xff", 11);
    std::string body =
        "--b 1\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n"
        "--b 1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".png\"\r\nContent-Type: "
        "image/png\r\n\r\n" +
        bytes + "\r\n--b 1--\r\n";
    auto parts = parse_multipart(kType, body);
    ASSERT_TRUE(parts);
    ASSERT_EQ(parts->size(), 2U);
    EXPECT_EQ((*parts)[0].name, "messaging_product");
    EXPECT_EQ((*parts)[0].body, "whatsapp");
    EXPECT_EQ((*parts)[1].filename, "a \"b\".png");
    EXPECT_EQ((*parts)[1].content_type, "image/png");
    EXPECT_EQ((*parts)[1].body, bytes);
}

TEST(Multipart, refuses_what_is_not_well_formed) {
    EXPECT_FALSE(parse_multipart("application/json", "{}"));
    EXPECT_FALSE(parse_multipart("multipart/form-data", "--x\r\n\r\n\r\n--x--"));
    EXPECT_FALSE(parse_multipart(kType, "--b 1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nnever ends"));
    EXPECT_FALSE(parse_multipart(kType, ""));
}

}  // namespace
}  // namespace parley::simulator

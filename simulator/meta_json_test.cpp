#include "simulator/meta_json.hpp"

#include <gtest/gtest.h>

#include "simulator/fixtures_for_tests.hpp"

namespace parley::simulator {
namespace {

json::value signature_vectors() {
    return read_fixture(fixtures() / "signature" / "x-hub-signature-256.json");
}

TEST(MetaJson, escapes_non_ascii_in_lower_case_and_slashes) {
    json::object value{{"name", "Zo\u00eb \u674e \U0001F335"}, {"url", "https://a/b"}};
    EXPECT_EQ(to_meta_json(value), R"({"name":"Zo\u00eb \u674e \ud83c\udf35","url":"https:\/\/a\/b"})");
}

TEST(MetaJson, escapes_control_characters_and_quotes) {
    EXPECT_EQ(to_meta_json(json::value("a\"\\\n\t\x01")), R"("a\"\\\n\t\u0001")");
}

TEST(MetaJson, writes_numbers_as_people_do) {
    json::array numbers{37.44221496582, -122.5, 1749416383, std::uint64_t{18446744073709551615ULL}, true, nullptr};
    EXPECT_EQ(to_meta_json(numbers), "[37.44221496582,-122.5,1749416383,18446744073709551615,true,null]");
}

TEST(MetaJson, gives_the_bytes_that_the_signature_vector_with_escaped_slashes_holds) {
    auto file = signature_vectors();
    const auto* vectors = json::find_array(file, "vectors");
    ASSERT_NE(vectors, nullptr);
    bool seen = false;
    for (const auto& vector : *vectors) {
        if (json::text(vector, "name") != "same-with-slash-escaped") continue;
        seen = true;
        auto raw = json::text(vector, "raw_body");
        auto parsed = json::parse(raw);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(to_meta_json(*parsed), raw);
    }
    EXPECT_TRUE(seen);
}

TEST(Signature, agrees_with_every_vector) {
    auto file = signature_vectors();
    const auto* vectors = json::find_array(file, "vectors");
    ASSERT_NE(vectors, nullptr);
    ASSERT_GE(vectors->size(), 5U);
    for (const auto& vector : *vectors) {
        EXPECT_EQ(signature(json::text(vector, "app_secret"), json::text(vector, "raw_body")),
                  json::text(vector, "x_hub_signature_256"))
            << json::text(vector, "name");
    }
}

}  // namespace
}  // namespace parley::simulator

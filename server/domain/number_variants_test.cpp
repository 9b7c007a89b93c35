#include "domain/number_variants.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace parley {
namespace {

using Spellings = std::vector<std::string>;

Spellings sorted(Spellings spellings) {
    std::ranges::sort(spellings);
    return spellings;
}

TEST(NumberVariants, of_brazil_are_with_and_without_the_ninth_digit) {
    EXPECT_EQ(variants_of("5511987654321"), Spellings{"551187654321"});
    EXPECT_EQ(variants_of("551187654321"), Spellings{"5511987654321"});
    EXPECT_EQ(variants_of("5521961234567"), Spellings{"552161234567"});
    EXPECT_EQ(variants_of("552199999999"), Spellings{"5521999999999"});
}

TEST(NumberVariants, of_brazilian_landlines_there_are_none) {
    for (const char* landline : {"551121234567", "551131234567", "552141234567", "558551234567"})
        EXPECT_EQ(variants_of(landline), Spellings{}) << landline;
    // What would be left without the 9 is a landline, so the 9 is not one that was added.
    for (const char* other : {"5511921234567", "5511951234567"}) EXPECT_EQ(variants_of(other), Spellings{}) << other;
}

TEST(NumberVariants, of_argentina_are_those_with_9_with_15_and_with_neither) {
    EXPECT_EQ(sorted(variants_of("5491123456789")), (Spellings{"54111523456789", "541123456789"}));
    EXPECT_EQ(sorted(variants_of("54111523456789")), (Spellings{"541123456789", "5491123456789"}));
    // Whether the area has three or four digits is not known: both are looked up.
    EXPECT_EQ(sorted(variants_of("5492234123456")), sorted({"542234123456", "54223154123456", "54223415123456"}));
    EXPECT_EQ(sorted(variants_of("54223154123456")), sorted({"542234123456", "5492234123456", "54223415123456"}));
}

TEST(NumberVariants, of_mexico_are_with_and_without_the_1) {
    EXPECT_EQ(variants_of("5215512345678"), Spellings{"525512345678"});
    EXPECT_EQ(variants_of("525512345678"), Spellings{"5215512345678"});
}

TEST(NumberVariants, every_spelling_leads_back) {
    for (const char* number : {"5511987654321", "5491123456789", "5492234123456", "5215512345678"})
        for (const auto& variant : variants_of(number)) {
            auto back = variants_of(variant);
            EXPECT_NE(std::ranges::find(back, number), back.end()) << variant;
        }
}

TEST(NumberVariants, of_anything_else_there_are_none) {
    for (const char* other :
         {"", "5", "55", "16505551234", "447700900123", "55119876543", "55119876543210", "+5511987654321",
          "US.13491208655302741918", "5401123456789", "52", "521551234567890", "120363040468224422"})
        EXPECT_EQ(variants_of(other), Spellings{}) << other;
}

}  // namespace
}  // namespace parley

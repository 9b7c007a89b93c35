#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "wa/graph.hpp"

namespace parley::wa {
namespace {

struct Row {
    std::vector<std::int64_t> codes;
    unsigned http_status;
    Remedy remedy;
};

// Section 15 of the reference, row by row.
const std::vector<Row> kReference{
    {{0, 190}, 401, Remedy::fix_account},
    {{3, 10, 200, 250, 299, 131005}, 403, Remedy::fix_account},
    {{1}, 400, Remedy::retry},
    {{2}, 503, Remedy::retry},
    {{4}, 400, Remedy::slow_number},
    {{33, 100}, 400, Remedy::give_up},
    {{368}, 403, Remedy::fix_account},
    {{80007}, 400, Remedy::slow_number},
    {{613}, 400, Remedy::slow_number},
    {{130429}, 400, Remedy::slow_number},
    {{130472}, 400, Remedy::give_up},
    {{130497}, 403, Remedy::give_up},
    {{131000}, 500, Remedy::retry},
    {{131008, 131009}, 400, Remedy::give_up},
    {{131016}, 500, Remedy::retry},
    {{131020, 131041}, 400, Remedy::give_up},
    {{131021}, 400, Remedy::give_up},
    {{131026}, 400, Remedy::give_up},
    {{131030}, 400, Remedy::give_up},
    {{131031}, 403, Remedy::fix_account},
    {{131035, 131036}, 400, Remedy::give_up},
    {{131037}, 400, Remedy::give_up},
    {{131042}, 400, Remedy::fix_account},
    {{131044}, 400, Remedy::give_up},
    {{131045}, 500, Remedy::fix_account},
    {{131047}, 400, Remedy::give_up},
    {{131048}, 400, Remedy::slow_number},
    {{131049}, 400, Remedy::give_up},
    {{131050}, 400, Remedy::give_up},
    {{131051}, 400, Remedy::give_up},
    {{131052}, 400, Remedy::give_up},
    {{131053}, 400, Remedy::give_up},
    {{131055, 134100, 134101, 134102}, 500, Remedy::give_up},
    {{131056}, 400, Remedy::slow_pair},
    {{131057}, 500, Remedy::retry},
    {{131059}, 400, Remedy::give_up},
    {{131062}, 400, Remedy::give_up},
    {{131063}, 400, Remedy::give_up},
    {{131064}, 400, Remedy::slow_number},
    {{131201, 131207, 131209, 131215}, 400, Remedy::give_up},
    {{131208}, 429, Remedy::retry},
    {{132000}, 400, Remedy::give_up},
    {{132001}, 404, Remedy::give_up},
    {{132005, 132007, 132008, 132012}, 400, Remedy::give_up},
    {{132015, 132016}, 400, Remedy::give_up},
    {{132068}, 400, Remedy::give_up},
    {{132069}, 400, Remedy::retry},
    {{133000, 133005, 133006, 133008, 133009, 133010, 133015, 133016}, 400, Remedy::fix_account},
    {{133004}, 503, Remedy::retry},
    {{134011}, 400, Remedy::give_up},
    {{135000}, 400, Remedy::give_up},
    {{137000}, 400, Remedy::give_up},
    {{138000, 138018}, 400, Remedy::give_up},
    {{139100, 139101}, 400, Remedy::give_up},
    {{139102, 139103}, 400, Remedy::retry},
    {{147001, 147005}, 400, Remedy::give_up},
    {{2494100}, 400, Remedy::retry},
};

TEST(RemedyFor, follows_every_row_of_the_reference) {
    for (const auto& row : kReference)
        for (auto code : row.codes)
            EXPECT_EQ(remedy_for(code, 0, row.http_status, false), row.remedy) << "code " << code;
}

TEST(RemedyFor, lets_a_known_code_decide_whatever_the_http_status) {
    for (const auto& row : kReference)
        for (auto code : row.codes)
            for (unsigned status : {400u, 429u, 500u, 503u})
                EXPECT_EQ(remedy_for(code, 0, status, true), row.remedy) << "code " << code << ", HTTP " << status;
}

TEST(RemedyFor, repeats_unknown_codes_only_when_meta_says_that_they_pass) {
    for (std::int64_t code : {5LL, 99LL, 300LL, 803LL, 999'999LL, -1LL, 4'000'000LL}) {
        EXPECT_EQ(remedy_for(code, 0, 400, false), Remedy::give_up) << code;
        EXPECT_EQ(remedy_for(code, 0, 404, false), Remedy::give_up) << code;
        EXPECT_EQ(remedy_for(code, 0, 400, true), Remedy::retry) << code;
        EXPECT_EQ(remedy_for(code, 0, 500, false), Remedy::retry) << code;
        EXPECT_EQ(remedy_for(code, 0, 429, false), Remedy::slow_number) << code;
    }
}

TEST(RemedyFor, does_not_look_at_subcodes) {
    EXPECT_EQ(remedy_for(100, 33, 400, false), Remedy::give_up);
    EXPECT_EQ(remedy_for(130429, 2494055, 400, false), Remedy::slow_number);
}

}  // namespace
}  // namespace parley::wa

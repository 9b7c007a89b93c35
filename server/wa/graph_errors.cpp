// The error table of the reference, section 15: code ranges in ascending order.
#include <algorithm>
#include <array>
#include <cstdint>

#include "wa/graph.hpp"

namespace parley::wa {
namespace {

struct Row {
    std::int64_t first;
    std::int64_t last;
    Remedy remedy;
};

constexpr std::array kTable{
    Row{0, 0, Remedy::fix_account},            // token
    Row{1, 2, Remedy::retry},                  // unknown or server; service down
    Row{3, 3, Remedy::fix_account},            // permission
    Row{4, 4, Remedy::slow_number},            // app call limit
    Row{10, 10, Remedy::fix_account},          // permission
    Row{33, 33, Remedy::give_up},              // object unknown
    Row{100, 100, Remedy::give_up},            // invalid parameter; subcode 33: object unknown
    Row{190, 190, Remedy::fix_account},        // token
    Row{200, 299, Remedy::fix_account},        // permission
    Row{368, 368, Remedy::fix_account},        // policy block
    Row{613, 613, Remedy::slow_number},        // call rate
    Row{80007, 80007, Remedy::slow_number},    // WABA call limit
    Row{130429, 130429, Remedy::slow_number},  // throughput of the number
    Row{130472, 130472, Remedy::give_up},      // recipient in an experiment
    Row{130497, 130497, Remedy::give_up},      // restricted country
    Row{131000, 131000, Remedy::retry},        // unknown error
    Row{131005, 131005, Remedy::fix_account},  // permission
    Row{131008, 131009, Remedy::give_up},      // parameter
    Row{131016, 131016, Remedy::retry},        // service unavailable
    Row{131020, 131030, Remedy::give_up},      // recipient: group, self, undeliverable, not allowed
    Row{131031, 131031, Remedy::fix_account},  // account locked
    Row{131035, 131041, Remedy::give_up},      // no storage, display name, group
    Row{131042, 131042, Remedy::fix_account},  // payment
    Row{131044, 131044, Remedy::give_up},      // payment for calls
    Row{131045, 131045, Remedy::fix_account},  // registration
    Row{131047, 131047, Remedy::give_up},      // window closed: a template is needed
    Row{131048, 131048, Remedy::slow_number},  // spam limit
    Row{131049, 131055, Remedy::give_up},      // marketing, type, media
    Row{131056, 131056, Remedy::slow_pair},    // pair rate
    Row{131057, 131057, Remedy::retry},        // maintenance, about a minute
    Row{131059, 131063, Remedy::give_up},      // cursor, BSUID, marketing templates
    Row{131064, 131064, Remedy::slow_number},  // messaging limit
    Row{131201, 131207, Remedy::give_up},      // groups
    Row{131208, 131208, Remedy::retry},        // groups: wait
    Row{131209, 131215, Remedy::give_up},      // groups
    Row{132000, 132068, Remedy::give_up},      // templates, flow blocked
    Row{132069, 132069, Remedy::retry},        // flow throttled
    Row{133000, 133000, Remedy::fix_account},  // registration
    Row{133004, 133004, Remedy::retry},        // server temporarily unavailable
    Row{133005, 133016, Remedy::fix_account},  // registration and its pin
    Row{134011, 134102, Remedy::give_up},      // payment terms, marketing only
    Row{135000, 135000, Remedy::give_up},      // generic user error
    Row{137000, 137000, Remedy::give_up},      // identity key
    Row{138000, 138018, Remedy::give_up},      // calling
    Row{139100, 139101, Remedy::give_up},      // block list
    Row{139102, 139103, Remedy::retry},        // block list
    Row{147001, 147005, Remedy::give_up},      // username
    Row{2494100, 2494100, Remedy::retry},      // number in maintenance
};

constexpr bool ascending() {
    for (std::size_t i = 0; i < kTable.size(); ++i) {
        if (kTable[i].last < kTable[i].first) return false;
        if (i > 0 && kTable[i].first <= kTable[i - 1].last) return false;
    }
    return true;
}
static_assert(ascending());

}  // namespace

Remedy remedy_for(std::int64_t code, std::int64_t /*subcode*/, unsigned http_status, bool is_transient) {
    auto row = std::ranges::lower_bound(kTable, code, {}, &Row::last);
    if (row != kTable.end() && row->first <= code) return row->remedy;
    if (http_status == 429) return Remedy::slow_number;
    return http_status >= 500 || is_transient ? Remedy::retry : Remedy::give_up;
}

}  // namespace parley::wa

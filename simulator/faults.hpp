// The fault switches: what goes wrong on purpose. Counters count down, one per send (or per webhook); switches stay.
#pragma once

#include <string>

#include "base/json.hpp"

namespace parley::simulator {

struct Faults {
    // Counters: the next n ...
    unsigned duplicate = 0;                 ///< webhooks are delivered twice, at the same time
    unsigned drop_answer = 0;               ///< sends are accepted, but the connection closes without an answer
    unsigned html_200 = 0;                  ///< sends are accepted, but the answer is 200 with an HTML page
    unsigned not_reached = 0;               ///< sends are not looked at; the connection closes without an answer
    unsigned http_500 = 0;                  ///< sends are refused with 500, code 2, is_transient
    unsigned http_429 = 0;                  ///< sends are refused with 429, code 130429, Retry-After: 1
    unsigned pair_rate_131056 = 0;          ///< sends are refused with 400, code 131056
    unsigned window_131047 = 0;             ///< sends are refused with 400, code 131047
    unsigned token_190 = 0;                 ///< sends are refused with 401, code 190
    unsigned media_lookup_500 = 0;          ///< GET /{media_id} are refused with 500, code 2
    unsigned media_lookup_429 = 0;          ///< GET /{media_id} are refused with 429, code 4
    unsigned media_download_500 = 0;        ///< downloads are answered 500
    unsigned media_download_404 = 0;        ///< downloads are answered 404
    unsigned media_download_cut = 0;        ///< downloads end half way
    unsigned media_wrong_sha = 0;           ///< downloads have one byte changed
    unsigned media_upload_500 = 0;          ///< uploads are refused with 500, code 2
    unsigned media_upload_drop_answer = 0;  ///< uploads are stored, but the connection closes without an answer
    // Settings
    unsigned delay_ms = 0;             ///< every webhook waits that long
    unsigned answer_delay_ms = 0;      ///< the answer of every send waits that long after the send took effect
    unsigned media_delay_ms = 0;       ///< uploads, look-ups and downloads wait that long
    unsigned media_url_life_s = 300;   ///< how long a download URL is good
    unsigned approve_after_ms = 3000;  ///< from the creation of a template to its approval
    bool webhook_media_url = true;     ///< media of customers come with `url` in the webhook
    bool enforce_limits = false;       ///< pair rate and throughput are counted (limits.hpp)
    bool reorder = false;              ///< every other message webhook is held back; delivered comes before sent
    bool sync_131047 = false;          ///< outside the window a send is refused, instead of failing by webhook
    bool auto_statuses = true;         ///< sent and delivered follow an accepted send by themselves
    bool auto_read = false;            ///< and read as well
};

/// Applies the members that are there; the name of a member that is unknown or has a wrong type, else empty.
std::string merge(Faults& faults, const json::object& changes);
json::object to_json(const Faults& faults);

/// Takes one from a counter; false when it is used up.
inline bool take(unsigned& counter) {
    if (counter == 0) return false;
    --counter;
    return true;
}

}  // namespace parley::simulator

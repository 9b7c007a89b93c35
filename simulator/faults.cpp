#include "simulator/faults.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace parley::simulator {
namespace {

constexpr std::int64_t kLargestNumber = 1'000'000;

constexpr std::array<std::pair<std::string_view, unsigned Faults::*>, 22> kNumbers{
    {{"duplicate", &Faults::duplicate},
     {"drop_answer", &Faults::drop_answer},
     {"html_200", &Faults::html_200},
     {"not_reached", &Faults::not_reached},
     {"http_500", &Faults::http_500},
     {"http_429", &Faults::http_429},
     {"pair_rate_131056", &Faults::pair_rate_131056},
     {"window_131047", &Faults::window_131047},
     {"token_190", &Faults::token_190},
     {"media_lookup_500", &Faults::media_lookup_500},
     {"media_lookup_429", &Faults::media_lookup_429},
     {"media_download_500", &Faults::media_download_500},
     {"media_download_404", &Faults::media_download_404},
     {"media_download_cut", &Faults::media_download_cut},
     {"media_wrong_sha", &Faults::media_wrong_sha},
     {"media_upload_500", &Faults::media_upload_500},
     {"media_upload_drop_answer", &Faults::media_upload_drop_answer},
     {"media_delay_ms", &Faults::media_delay_ms},
     {"media_url_life_s", &Faults::media_url_life_s},
     {"approve_after_ms", &Faults::approve_after_ms},
     {"delay_ms", &Faults::delay_ms},
     {"answer_delay_ms", &Faults::answer_delay_ms}}};

constexpr std::array<std::pair<std::string_view, bool Faults::*>, 6> kSwitches{
    {{"webhook_media_url", &Faults::webhook_media_url},
     {"enforce_limits", &Faults::enforce_limits},
     {"reorder", &Faults::reorder},
     {"sync_131047", &Faults::sync_131047},
     {"auto_statuses", &Faults::auto_statuses},
     {"auto_read", &Faults::auto_read}}};

bool apply(Faults& faults, std::string_view name, const json::value& value) {
    for (auto [known, member] : kNumbers) {
        if (known != name) continue;
        const auto* number = value.if_int64();
        if (number == nullptr || *number < 0 || *number > kLargestNumber) return false;
        faults.*member = static_cast<unsigned>(*number);
        return true;
    }
    for (auto [known, member] : kSwitches) {
        if (known != name) continue;
        if (!value.is_bool()) return false;
        faults.*member = value.get_bool();
        return true;
    }
    return false;
}

}  // namespace

std::string merge(Faults& faults, const json::object& changes) {
    Faults changed = faults;
    for (const auto& [name, value] : changes) {
        if (!apply(changed, name, value)) return name;
    }
    faults = changed;
    return {};
}

json::object to_json(const Faults& faults) {
    json::object result;
    for (auto [name, member] : kNumbers) result[name] = faults.*member;
    for (auto [name, member] : kSwitches) result[name] = faults.*member;
    return result;
}

}  // namespace parley::simulator

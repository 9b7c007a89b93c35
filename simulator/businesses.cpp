#include "simulator/businesses.hpp"

#include <algorithm>

#include "base/crypto.hpp"

namespace parley::simulator {

bool TokenState::has(std::string_view scope) const {
    return std::ranges::find(scopes, scope) != scopes.end();
}

void Businesses::reset() {
    numbers_.clear();
    wabas_.clear();
    token = {};
    put({.phone_number_id = options_.phone_number_id,
         .waba_id = options_.waba_id,
         .display_phone_number = options_.display_phone_number,
         .verified_name = options_.verified_name,
         .token = {}});
}

BusinessNumber* Businesses::number(std::string_view phone_number_id) {
    auto found = std::ranges::find(numbers_, phone_number_id, &BusinessNumber::phone_number_id);
    return found == numbers_.end() ? nullptr : &*found;
}

Waba* Businesses::waba(std::string_view id) {
    auto found = wabas_.find(id);
    return found == wabas_.end() ? nullptr : &found->second;
}

Waba* Businesses::waba_with_template(std::string_view template_id) {
    for (auto& [id, waba] : wabas_) {
        if (waba.templates.find_by_id(template_id) != nullptr) return &waba;
    }
    return nullptr;
}

BusinessNumber* Businesses::put(BusinessNumber number) {
    BusinessNumber* known = this->number(number.phone_number_id);
    if (known == nullptr && numbers_.size() >= kMaxNumbers) return nullptr;
    if (!wabas_.contains(number.waba_id)) {
        Waba waba{.id = number.waba_id, .name = number.verified_name, .token = number.token};
        // Template ids are unique over all WABAs; the first one has those that scripts can name.
        if (!wabas_.empty()) waba.templates.renew_ids();
        wabas_.emplace(number.waba_id, std::move(waba));
    }
    if (known == nullptr) return &numbers_.emplace_back(std::move(number));
    *known = std::move(number);
    return known;
}

bool Businesses::knows(std::string_view presented) const {
    return std::ranges::any_of(numbers_, [&](const auto& number) { return opens(presented, number.token); });
}

bool Businesses::opens(std::string_view presented, std::string_view own) const {
    auto expected = own.empty() ? std::string_view(options_.access_token) : own;
    return expected.empty() || equal_constant_time(presented, expected);
}

}  // namespace parley::simulator

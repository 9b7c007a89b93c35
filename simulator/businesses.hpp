// The business side: the app's access tokens, the WhatsApp Business Accounts (WABAs) and their numbers.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "simulator/options.hpp"
#include "simulator/templates.hpp"

namespace parley::simulator {

inline constexpr std::string_view kAppId = "670843887433847";

struct BusinessNumber {
    std::string phone_number_id;
    std::string waba_id;
    std::string display_phone_number;
    std::string verified_name;
    std::string token;  ///< what clients must present for this number; empty: SimulatorOptions::access_token
    std::string status = "CONNECTED";
    std::string quality_rating = "GREEN";
    json::object profile{};           ///< whatsapp_business_profile
    std::set<std::string> blocked{};  ///< Customer::key of those whom the business has blocked
};

struct Waba {
    std::string id;
    std::string name;
    std::string token;       ///< as for numbers
    bool subscribed = true;  ///< POST and DELETE /{waba_id}/subscribed_apps; without it no webhooks
    TemplateStore templates{};
};

/// What GET /debug_token says of every valid token.
struct TokenState {
    bool valid = true;
    std::vector<std::string> scopes{"whatsapp_business_management", "whatsapp_business_messaging"};
    std::int64_t expires_at = 0;  ///< Unix seconds; 0: never
    bool has(std::string_view scope) const;
};

/// Numbers and WABAs keep their addresses until reset(). At most kMaxNumbers.
class Businesses {
  public:
    static constexpr std::size_t kMaxNumbers = 100;

    explicit Businesses(const SimulatorOptions& options) : options_(options) { reset(); }
    Businesses(const Businesses&) = delete;
    Businesses& operator=(const Businesses&) = delete;

    /// Back to the one number of the options.
    void reset();

    BusinessNumber& first() { return numbers_.front(); }
    const BusinessNumber& first() const { return numbers_.front(); }
    const std::deque<BusinessNumber>& numbers() const { return numbers_; }
    BusinessNumber* number(std::string_view phone_number_id);
    Waba* waba(std::string_view id);
    Waba& waba_of(const BusinessNumber& number) { return *waba(number.waba_id); }
    /// The WABA that has this template; nullptr when none has.
    Waba* waba_with_template(std::string_view template_id);

    /// Adds a number, with its WABA when that is new, or changes the one of that id. nullptr when there are too many.
    BusinessNumber* put(BusinessNumber number);

    /// Whether a token opens anything here. Without a configured token any opens everything.
    bool knows(std::string_view presented) const;
    /// Whether a token opens what has the token `own` (empty: the app's).
    bool opens(std::string_view presented, std::string_view own) const;

    TokenState token;

  private:
    const SimulatorOptions& options_;
    std::deque<BusinessNumber> numbers_;
    std::map<std::string, Waba, std::less<>> wabas_;
};

}  // namespace parley::simulator

#include "flow/findings.hpp"

#include <algorithm>
#include <functional>

namespace parley::flow {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kOldestVersion = 130'000;
constexpr std::int64_t kFewConnections = 5;
constexpr auto kClockTolerance = 30s;
constexpr auto kExpiresSoon = std::chrono::days(7);
constexpr auto kLately = 24h;

constexpr const char* kNoAnswer = "This could not be found out in time.";
constexpr const char* kDashboard = "in the app's dashboard at Meta, WhatsApp > Configuration";

std::string count_of(std::int64_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

/// "10.3 GB"
std::string size_of(std::uint64_t bytes) {
    auto tenths = bytes / 100'000'000;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GB";
}

const CheckStep* step_of(const NumberFacts& number, std::string_view name) {
    auto found = std::ranges::find(number.check->steps, name, &CheckStep::step);
    return found == number.check->steps.end() ? nullptr : &*found;
}

bool token_works(const NumberFacts& number) {
    if (!number.has_token || !number.check || !number.check->answered) return false;
    const auto* step = step_of(number, "token");
    return step && step->ok;
}

Finding after_the_token(const NumberFacts& number) {
    if (number.has_token && !number.check) return {CheckState::unknown, "Meta did not answer in time."};
    return {CheckState::unknown, "This cannot be known until the access token works."};
}

/// The one finding of all numbers: the worst, named when there are several.
Finding of_all(const std::vector<NumberFacts>& numbers, const std::function<Finding(const NumberFacts&)>& judge) {
    if (numbers.empty()) return {CheckState::unknown, "This account has no business number yet."};
    std::vector<Finding> findings;
    for (const auto& number : numbers) findings.push_back(judge(number));
    auto worst = std::ranges::max_element(findings, {}, &Finding::state);
    auto out = *worst;
    if (numbers.size() == 1) return out;
    auto alike = std::ranges::count(findings, out.state, &Finding::state);
    out.detail = numbers[static_cast<std::size_t>(worst - findings.begin())].name + ": " + out.detail;
    if (alike > 1) out.detail += " The same state: " + count_of(alike - 1, "other number.", "other numbers.");
    return out;
}

Finding token_of(const NumberFacts& number, TimePoint now) {
    if (number.token_unreadable)
        return {CheckState::failed, "The stored access token does not open with this server's seal key.",
                "Enter the token anew in the settings of the number, or start the server with the key that sealed it."};
    if (!number.has_token)
        return {CheckState::failed, "There is no access token: replies are saved, but not sent.",
                "Make a permanent token of a system user in Meta's Business settings and enter it in the settings of "
                "the number, or set WA_TOKEN."};
    if (!number.check) return {CheckState::unknown, "Meta did not answer in time."};
    const auto* step = step_of(number, "token");
    auto detail = step ? step->detail : std::string();
    if (!number.check->answered)
        return {CheckState::failed, "Meta cannot be reached. " + detail,
                "Look at the network, the name resolution and the proxy of this machine: it must reach the Graph API."};
    if (!step || !step->ok)
        return {CheckState::failed, detail,
                "Make a new permanent token of a system user in Meta's Business settings and enter it in the settings "
                "of the number."};
    if (auto expires = number.check->token_expires_at; expires && *expires < now + kExpiresSoon)
        return {CheckState::warning, detail, "Replace it before that by one that does not expire."};
    return {CheckState::ok, detail};
}

Finding scopes_of(const NumberFacts& number) {
    if (!token_works(number)) return after_the_token(number);
    const auto* step = step_of(number, "scopes");
    if (step && step->ok) return {CheckState::ok, step->detail};
    return {CheckState::failed, step ? step->detail : kNoAnswer,
            "Make a token with both permissions, whatsapp_business_messaging and whatsapp_business_management, of a "
            "system user who may manage the WhatsApp account."};
}

Finding number_of_account(const NumberFacts& number) {
    if (!token_works(number)) return after_the_token(number);
    const auto& check = *number.check;
    const auto* step = step_of(number, "number");
    if (!step || !step->ok)
        return {CheckState::failed, step ? step->detail : kNoAnswer,
                "Compare the phone number id with the one in the dashboard, WhatsApp > API Setup, and let the system "
                "user manage the WhatsApp account."};
    if (const auto* waba = step_of(number, "waba"); waba && !waba->ok)
        return {CheckState::failed, waba->detail,
                "Compare the WhatsApp Business Account id with the one in the dashboard, WhatsApp > API Setup."};
    constexpr std::string_view kFine[] = {"", "CONNECTED", "UNKNOWN"};
    constexpr std::string_view kRestricted[] = {"FLAGGED", "RESTRICTED", "RATE_LIMITED"};
    if (std::ranges::find(kRestricted, check.status) != std::end(kRestricted))
        return {CheckState::warning, step->detail, "Look at the number in the WhatsApp Manager: Meta limits it."};
    if (std::ranges::find(kFine, check.status) == std::end(kFine))
        return {CheckState::failed, step->detail, "Connect the number in the WhatsApp Manager: it is not in service."};
    if (check.quality_rating == "RED" || check.quality_rating == "YELLOW")
        return {CheckState::warning, step->detail,
                "Customers block or report the number. Send fewer templates to people who do not want them; Meta may "
                "limit it."};
    return {CheckState::ok, step->detail};
}

Finding subscription_of(const NumberFacts& number) {
    if (!token_works(number)) return after_the_token(number);
    const auto* step = step_of(number, "subscribed_apps");
    if (step && step->ok) return {CheckState::ok, step->detail};
    Finding out{CheckState::failed, step ? step->detail : kNoAnswer,
                "Subscribe the app to the WhatsApp account; this server can do it."};
    if (const auto* waba = step_of(number, "waba"); waba && waba->ok) out.subscribe = number.phone_number_id;
    return out;
}

bool is_on_this_machine(std::string_view url) {
    for (std::string_view host : {"http://127.", "http://localhost", "http://[::1]"})
        if (url.starts_with(host)) return true;
    return false;
}

}  // namespace

std::string_view name_of(CheckState state) {
    switch (state) {
        case CheckState::ok:
            return "ok";
        case CheckState::unknown:
            return "unknown";
        case CheckState::warning:
            return "warning";
        case CheckState::failed:
            return "failed";
    }
    return "";
}

const Check* Report::missing() const {
    auto failed = [](const Check& check) { return check.finding.state == CheckState::failed; };
    auto found = std::ranges::find_if(checks, failed);
    return found == checks.end() ? nullptr : &*found;
}

Finding judge_database(const std::optional<store::DatabaseFacts>& facts) {
    if (!facts)
        return {CheckState::failed, "The database does not answer.",
                "Look whether PostgreSQL runs, and whether DATABASE_URL is right."};
    for (auto [off, name] : {std::pair{!facts->fsync, "fsync"},
                             {!facts->synchronous_commit, "synchronous_commit"},
                             {!facts->full_page_writes, "full_page_writes"}})
        if (off)
            return {CheckState::failed,
                    std::string("PostgreSQL has ") + name +
                        " = off: a crash can lose messages that Meta was told are stored.",
                    std::string("Set ") + name + " = on in postgresql.conf."};
    auto detail = "PostgreSQL " + facts->version + ", " +
                  count_of(facts->free_connections, "free connection", "free connections") + ".";
    if (facts->version_number < kOldestVersion)
        return {CheckState::warning, detail, "This version is not maintained any more: upgrade PostgreSQL."};
    if (facts->free_connections < kFewConnections)
        return {CheckState::warning, detail,
                "Raise max_connections in postgresql.conf, or let other programs use fewer."};
    return {CheckState::ok, detail};
}

Finding judge_space(const std::optional<std::vector<Space>>& spaces) {
    if (!spaces) return {CheckState::unknown, kNoAnswer};
    Finding out{CheckState::unknown, ""};
    for (const auto& [of, free, total] : *spaces) {
        if (total == 0) continue;
        auto state = free < total / 100 ? CheckState::failed : free < total / 10 ? CheckState::warning : CheckState::ok;
        out.state = std::max(out.state == CheckState::unknown ? CheckState::ok : out.state, state);
        out.detail += (out.detail.empty() ? "" : " ") + size_of(free) + " of " + size_of(total) +
                      " are free on the disk of " + std::string(of) + ".";
    }
    if (out.detail.empty()) out.detail = "There is no data directory here to look at.";
    if (out.state > CheckState::unknown) out.advice = "Make room before the disk is full: then nothing can be stored.";
    return out;
}

Finding judge_media(const std::optional<MediaStoreFacts>& facts) {
    if (!facts) return {CheckState::unknown, kNoAnswer};
    if (!facts->there) return {CheckState::unknown, "There is no media folder in the data directory here."};
    if (!facts->problem.empty())
        return {CheckState::failed, "A file cannot be stored: " + facts->problem + ".",
                "Look at the folder `media` in the data directory: its owner, its permissions and its disk."};
    if (facts->missing > 0)
        return {CheckState::failed,
                "Of the " + std::to_string(facts->looked_for) + " newest files " + std::to_string(facts->missing) +
                    " are not in the media store.",
                "Look whether the data directory is the right one, and bring back the folder `media` from a backup."};
    return {CheckState::ok, "A small file was written, read and deleted; the newest files are there."};
}

Finding judge_clock(std::optional<std::chrono::milliseconds> ahead) {
    if (!ahead) return {CheckState::unknown, "Meta's clock could not be read: nobody answered."};
    auto seconds = std::chrono::round<std::chrono::seconds>(std::chrono::abs(*ahead));
    if (seconds < kClockTolerance) return {CheckState::ok, "The clock agrees with Meta's."};
    return {CheckState::failed,
            "The clock is " + count_of(seconds.count(), "second ", "seconds ") +
                (*ahead > 0ms ? "ahead of" : "behind") + " Meta's.",
            "Let the machine set its clock by NTP (timedatectl set-ntp true)."};
}

Finding judge_token(const std::vector<NumberFacts>& numbers, TimePoint now) {
    return of_all(numbers, [now](const NumberFacts& number) { return token_of(number, now); });
}

Finding judge_scopes(const std::vector<NumberFacts>& numbers) {
    return of_all(numbers, scopes_of);
}

Finding judge_number(const std::vector<NumberFacts>& numbers) {
    if (numbers.empty())
        return {CheckState::failed, "This account has no business number yet.", "Add one in the settings."};
    return of_all(numbers, number_of_account);
}

Finding judge_subscription(const std::vector<NumberFacts>& numbers) {
    return of_all(numbers, subscription_of);
}

Finding judge_signature(const SignatureFacts& facts, TimePoint now) {
    constexpr const char* kWhere = "App secret: in the app's dashboard at Meta, App settings > Basic.";
    if (!facts.has_secret) {
        if (facts.unreadable)
            return {CheckState::failed, "The stored app secret does not open with this server's seal key.",
                    "Enter the app secret anew in the settings of the number."};
        if (facts.allow_unsigned)
            return {CheckState::warning, "Deliveries are taken without a signature: anybody can write into this inbox.",
                    std::string("Set WA_APP_SECRET. ") + kWhere};
        return {CheckState::failed, "There is no app secret: no delivery is taken.",
                std::string("Enter it in the settings of the number, or set WA_APP_SECRET. ") + kWhere};
    }
    if (!facts.sightings)
        return {CheckState::ok, "An app secret is set. Whether it is the right one, the running server shows."};
    if (const auto& refused_at = facts.sightings->refused_at; refused_at && now - *refused_at < kLately) {
        auto detail = "This server refused " + count_of(facts.sightings->refused, "delivery", "deliveries") +
                      " with a wrong signature, the last one at " + to_rfc3339(*refused_at) + ".";
        if (!facts.last_delivery || *facts.last_delivery < *refused_at)
            return {CheckState::failed, detail + " No good one came since.",
                    std::string("Compare the app secret with Meta's. ") + kWhere};
        return {CheckState::warning, detail + " Good ones came since.",
                "Somebody else may have tried; or Meta has a second app that delivers here with another secret."};
    }
    return {CheckState::ok, "An app secret is set, and no delivery was refused lately."};
}

Finding judge_callback(const CallbackFacts& facts) {
    if (!facts.has_verify_token)
        return {
            CheckState::failed, "There is no verify token: Meta cannot check the webhook address.",
            "Set WA_VERIFY_TOKEN, or a verify token in the settings of the number, to a text of your own, and enter "
            "the same at Meta."};
    if (facts.url.empty())
        return {CheckState::warning,
                "It is not known how this server is reached from outside." +
                    (facts.meta_url.empty() ? std::string() : " Meta delivers to " + facts.meta_url + "."),
                "Set PARLEY_PUBLIC_URL to the server's address, such as https://inbox.example.com."};
    if (!facts.problem.empty() || !facts.tried)
        return {
            CheckState::failed,
            facts.url + " cannot be reached: " + (facts.problem.empty() ? "no answer in time" : facts.problem) + ".",
            "Look whether the server runs, whether its name leads here, and whether its certificate is good."};
    if (facts.status >= 300 && facts.status < 400)
        return {CheckState::failed, facts.url + " answers with a redirect, which Meta does not follow.",
                "Set PARLEY_PUBLIC_URL to the address that it leads to."};
    if (!facts.echoed)
        return {CheckState::failed,
                facts.url + " answers " + std::to_string(facts.status) + ", not the challenge as this server would.",
                "Look whether the proxy passes /webhook with its query to this server, and whether another server "
                "with another verify token answers there."};
    if (!facts.meta_url.empty() && facts.meta_url != facts.url)
        return {CheckState::warning, "Meta delivers to " + facts.meta_url + ", not to " + facts.url + ".",
                "Enter " + facts.url + " " + kDashboard + ", unless both lead here."};
    if (facts.url.starts_with("http://") && !is_on_this_machine(facts.url))
        return {CheckState::warning, facts.url + " gives the challenge back, but is not encrypted.",
                "Meta delivers to https addresses alone: put a proxy with a certificate before the server."};
    return {CheckState::ok, facts.url + " gives the challenge back."};
}

Finding judge_deliveries(const DeliveriesFacts& facts) {
    if (facts.last_delivery)
        return {CheckState::ok, "The last delivery came at " + to_rfc3339(*facts.last_delivery) + "."};
    if (!facts.subscribed)
        return {CheckState::unknown, "Nothing has come from Meta yet; it cannot before the app is subscribed."};
    auto address = facts.callback_url.empty() ? "this server's address with /webhook" : facts.callback_url;
    bool at_meta = !facts.meta_url.empty() && facts.meta_url == facts.callback_url;
    if (facts.verified_at || at_meta)
        return {CheckState::failed, "Meta knows the webhook address, but nothing has ever come.",
                std::string("Subscribe to the webhook field `messages` ") + kDashboard +
                    "; then write to the number from a phone."};
    if (!facts.meta_url.empty() && !facts.callback_url.empty())
        return {CheckState::failed, "Nothing has come yet: Meta delivers to " + facts.meta_url + ".",
                "Enter " + address + " and the verify token " + kDashboard + "."};
    return {
        CheckState::warning, "Nothing has come from Meta yet, and nobody verified the webhook address lately.",
        "Enter " + address + " and the verify token " + kDashboard + ", and subscribe to the field `messages` there."};
}

Finding judge_journal(const std::optional<store::WorkFacts>& facts) {
    if (!facts) return {CheckState::unknown, kNoAnswer};
    if (facts->dead == 0 && facts->partial == 0)
        return {CheckState::ok, "Every delivery of the last 7 days is stored."};
    return {CheckState::warning,
            "Of the last 7 days " + count_of(facts->dead, "delivery was", "deliveries were") + " not stored, and " +
                std::to_string(facts->partial) + " only in part; they are kept.",
            "Look at them in the list of deliveries, and replay them once the cause is gone."};
}

Finding judge_outbox(const std::optional<store::WorkFacts>& facts) {
    if (!facts) return {CheckState::unknown, kNoAnswer};
    std::string detail;
    auto tell = [&](std::int64_t count, std::string_view one, std::string_view many) {
        if (count > 0) detail += (detail.empty() ? "" : " ") + count_of(count, one, many);
    };
    tell(facts->unknown, "reply of which nobody knows whether Meta has it.",
         "replies of which nobody knows whether Meta has them.");
    tell(facts->waiting, "reply that has waited for more than 5 minutes.",
         "replies that have waited for more than 5 minutes.");
    tell(facts->files_waiting, "file that has waited for more than 5 minutes to be fetched.",
         "files that have waited for more than 5 minutes to be fetched.");
    if (detail.empty()) return {CheckState::ok, "No reply and no file waits."};
    return {CheckState::warning, detail,
            "Settle the replies of unknown outcome in their threads. What waits goes on by itself once the server runs "
            "and Meta answers."};
}

}  // namespace parley::flow

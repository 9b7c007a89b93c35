#include "flow/doctor.hpp"

#include <sys/statvfs.h>

#include <boost/asio/co_spawn.hpp>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>

#include "base/blocking.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"
#include "base/temp_file.hpp"

namespace parley::flow {
namespace {

using namespace std::chrono_literals;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr auto kPatience = 8s;
constexpr auto kPause = 2s;
constexpr auto kFresh = 60s;
constexpr std::size_t kMostNumbers = 20;
constexpr std::size_t kSmallFile = 4096;

/// Work that goes on by itself: it is waited for until a deadline, and never interrupted.
template <class T>
class Errand {
  public:
    Errand(asio::io_context& io, awaitable<T> work) : slot_(std::make_shared<Slot>(io.get_executor())) {
        asio::co_spawn(io, std::move(work), [slot = slot_](std::exception_ptr failure, T result) {
            if (!failure) slot->result.emplace(std::move(result));
            slot->failure = failure;
            slot->over = true;
            slot->done.cancel();
        });
    }

    /// Empty when it failed or did not end in time.
    awaitable<std::optional<T>> result_by(SteadyTime deadline) {
        auto slot = slot_;
        while (!slot->over && std::chrono::steady_clock::now() < deadline) {
            slot->done.expires_at(deadline);
            boost::system::error_code ignored;
            co_await slot->done.async_wait(asio::redirect_error(use_awaitable, ignored));
        }
        try {
            if (slot->failure) std::rethrow_exception(slot->failure);
        } catch (const std::exception& error) {
            log::warn("check_not_made", {{"reason", error.what()}});
        }
        co_return std::move(slot->result);
    }

  private:
    struct Slot {
        explicit Slot(Executor executor) : done(executor, Timer::time_point::max()) {}
        Timer done;
        std::optional<T> result;
        std::exception_ptr failure;
        bool over = false;
    };
    std::shared_ptr<Slot> slot_;
};

std::string name_for_people(const store::NumberRecord& record) {
    for (const auto* name : {&record.name, &record.verified_name, &record.display_phone_number})
        if (!name->empty()) return *name;
    return record.phone_number_id;
}

std::optional<TimePoint> newest(std::optional<TimePoint> newest, const std::vector<store::NumberRecord>& records) {
    for (const auto& record : records) newest = std::max(newest, record.last_delivery_at);
    return newest;
}

/// Why a small file cannot be written, read and deleted; empty when it can.
std::string try_folder(const std::filesystem::path& folder) {
    try {
        auto bytes = random_bytes(kSmallFile);
        auto target = folder / (std::string(kTempFilePrefix) + "check-" + to_hex(random_bytes(8)));
        TempFile file(folder);
        file.write(bytes);
        file.keep_as(target);
        std::ifstream in(target, std::ios::binary);
        std::string read{std::istreambuf_iterator<char>(in), {}};
        std::filesystem::remove(target);
        return read == bytes ? "" : "it does not hold what was written";
    } catch (const std::system_error& error) {
        return error.code().message();
    }
}

MediaStoreFacts look_for_files(const std::filesystem::path& folder, const std::vector<std::string>& names) {
    MediaStoreFacts facts;
    std::error_code ignored;
    facts.there = std::filesystem::is_directory(folder, ignored);
    if (!facts.there) return facts;
    facts.problem = try_folder(folder);
    facts.looked_for = names.size();
    for (const auto& name : names)
        if (!std::filesystem::is_regular_file(folder / name, ignored)) ++facts.missing;
    return facts;
}

std::optional<Space> space_of(std::string_view of, const std::filesystem::path& folder) {
    struct statvfs disk{};
    if (folder.empty() || statvfs(folder.c_str(), &disk) != 0) return std::nullopt;
    return Space{of, static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize,
                 static_cast<std::uint64_t>(disk.f_blocks) * disk.f_frsize};
}

/// Query strings are nobody's business.
std::string without_query(const std::string& url) {
    return url.substr(0, std::min(url.find('?'), std::size_t{200}));
}

}  // namespace

Doctor::Doctor(asio::io_context& io, store::Pool& pool, Seal& seal, GraphTokens& tokens, wa::GraphClient& graph,
               wa::Probe& probe, const Clock& clock, const WebhookSightings* sightings, DoctorSettings settings)
    : executor_(io.get_executor()),
      io_(io),
      pool_(pool),
      seal_(seal),
      tokens_(tokens),
      graph_(graph),
      probe_(probe),
      clock_(clock),
      sightings_(sightings),
      settings_(std::move(settings)) {}

NumberFacts Doctor::facts_of(const store::NumberRecord& record, std::string& token) const {
    NumberFacts facts{.phone_number_id = record.phone_number_id, .name = name_for_people(record)};
    token = tokens_.shared();
    if (const auto* own = record.credential(store::CredentialKind::token)) {
        auto opened = store::open_credential(seal_, *own);
        facts.token_unreadable = !opened;
        token = opened.value_or("");
    }
    facts.has_token = !token.empty();
    return facts;
}

SignatureFacts Doctor::signature_facts(const std::vector<store::NumberRecord>& records) const {
    SignatureFacts facts{
        .has_secret = settings_.has_app_secret, .allow_unsigned = settings_.allow_unsigned, .sightings = sightings_};
    for (const auto& record : records) {
        const auto* own = record.credential(store::CredentialKind::app_secret);
        if (!own) continue;
        auto opened = store::open_credential(seal_, *own);
        (opened ? facts.has_secret : facts.unreadable) = true;
    }
    return facts;
}

std::string Doctor::verify_token(const std::vector<store::NumberRecord>& records) const {
    if (!settings_.verify_token.empty()) return settings_.verify_token;
    for (const auto& record : records)
        if (const auto* own = record.credential(store::CredentialKind::verify_token))
            if (auto opened = store::open_credential(seal_, *own)) return *opened;
    return "";
}

std::string Doctor::callback_url() const {
    return settings_.public_url.empty() ? "" : settings_.public_url + "/webhook";
}

awaitable<CallbackFacts> Doctor::try_callback(std::string token) {
    CallbackFacts facts;
    facts.has_verify_token = !token.empty();
    if (settings_.public_url.empty() || token.empty()) co_return facts;
    auto challenge = std::string(kDoctorChallenge) + to_hex(random_bytes(8));
    auto answer = co_await probe_.shake_hands(callback_url(), std::move(token), std::move(challenge));
    facts.tried = true;
    facts.problem = std::move(answer.problem);
    facts.status = answer.status;
    facts.echoed = answer.echoed;
    co_return facts;
}

awaitable<MediaStoreFacts> Doctor::try_media(AccountId account) {
    std::vector<std::string> names;
    if (!settings_.media_elsewhere) names = co_await store::newest_files(pool_, account);
    auto work = [folder = settings_.media_folder, names = std::move(names)] { return look_for_files(folder, names); };
    co_return co_await run_blocking(threads_, std::move(work));
}

awaitable<std::vector<Space>> Doctor::measure_disks(std::string database_folder) {
    auto work = [data = settings_.data_dir, folder = std::move(database_folder)] {
        std::vector<Space> out;
        if (auto space = space_of("the data directory", data)) out.push_back(*space);
        if (auto space = space_of("the database", folder)) out.push_back(*space);
        return out;
    };
    co_return co_await run_blocking(threads_, std::move(work));
}

awaitable<Report> Doctor::examine(AccountId account) {
    auto deadline = std::chrono::steady_clock::now() + kPatience;
    Errand<store::DatabaseFacts> database_errand(io_, store::database_facts(pool_));
    Errand<std::vector<store::NumberRecord>> records_errand(io_, store::number_records(pool_, account));
    Errand<store::WorkFacts> work_errand(io_, store::work_facts(pool_, account));
    Errand<MediaStoreFacts> media_errand(io_, try_media(account));
    Errand<std::optional<std::chrono::milliseconds>> clock_errand(io_, probe_.ahead_of_meta(clock_));

    // Without the numbers there is nothing to ask Meta; they get at most half of the time.
    auto records = co_await records_errand.result_by(deadline - kPatience / 2);
    auto known = records.value_or(std::vector<store::NumberRecord>{});
    auto token = verify_token(known);
    Errand<CallbackFacts> callback_errand(io_, try_callback(token));
    std::vector<NumberFacts> numbers;
    std::vector<Errand<NumberCheck>> number_errands;
    for (const auto& record : known) {
        if (record.retired_at || numbers.size() == kMostNumbers) continue;
        NumberToCheck asked{record.phone_number_id, record.waba_id, ""};
        numbers.push_back(facts_of(record, asked.token));
        number_errands.emplace_back(io_, check_number(graph_, std::move(asked)));
    }
    auto database = co_await database_errand.result_by(deadline);
    Errand<std::vector<Space>> disks_errand(io_, measure_disks(database ? database->folder : ""));

    auto work = co_await work_errand.result_by(deadline);
    auto media = co_await media_errand.result_by(deadline);
    auto clock = co_await clock_errand.result_by(deadline);
    auto callback = co_await callback_errand.result_by(deadline);
    auto disks = co_await disks_errand.result_by(deadline);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        auto check = co_await number_errands[i].result_by(deadline);
        numbers[i].check = std::move(check);
    }

    auto now = clock_.now();
    auto answer = callback.value_or(CallbackFacts{.has_verify_token = !token.empty()});
    answer.url = callback_url();
    for (const auto& number : numbers)
        if (answer.meta_url.empty() && number.check) answer.meta_url = without_query(number.check->webhook_url);
    auto signature = signature_facts(known);
    signature.last_delivery = newest(work ? work->newest_delivery : std::nullopt, known);
    auto subscription = judge_subscription(numbers);
    DeliveriesFacts deliveries{.last_delivery = signature.last_delivery,
                               .verified_at = sightings_ ? sightings_->verified_at : std::nullopt,
                               .subscribed = subscription.state != CheckState::failed,
                               .callback_url = answer.url,
                               .meta_url = answer.meta_url};
    const Finding not_known{CheckState::unknown, "The database does not answer, so this cannot be known."};
    auto with_records = [&](const Finding& finding) { return records ? finding : not_known; };

    Report report;
    report.checked_at = now;
    report.callback_url = answer.url;
    report.checks = {{"database", "Database", judge_database(database)},
                     {"disk", "Disk space", judge_space(disks)},
                     {"media", "Media store", judge_media(media)},
                     {"clock", "Clock", judge_clock(clock.value_or(std::nullopt))},
                     {"token", "Access token", with_records(judge_token(numbers, now))},
                     {"scopes", "Permissions", with_records(judge_scopes(numbers))},
                     {"number", "Business number", with_records(judge_number(numbers))},
                     {"signature", "Signature secret", with_records(judge_signature(signature, now))},
                     {"callback", "Webhook address", with_records(judge_callback(answer))},
                     {"subscription", "Subscription", with_records(subscription)},
                     {"deliveries", "Deliveries", with_records(judge_deliveries(deliveries))},
                     {"journal", "Journal", judge_journal(work)},
                     {"outbox", "Sending", judge_outbox(work)}};
    co_return report;
}

awaitable<Report> Doctor::report(AccountId account, bool anew) {
    struct UnderWay {
        explicit UnderWay(Patient& one) : patient(one) { patient.under_way = true; }
        ~UnderWay() {
            patient.under_way = false;
            patient.over.cancel();
        }
        UnderWay(const UnderWay&) = delete;
        UnderWay& operator=(const UnderWay&) = delete;
        Patient& patient;
    };
    auto asked_at = std::chrono::steady_clock::now();
    auto& patient = patients_.try_emplace(account, executor_).first->second;
    while (patient.under_way) {
        boost::system::error_code ignored;
        co_await patient.over.async_wait(asio::redirect_error(use_awaitable, ignored));
    }
    auto age = asked_at - patient.reported_at;
    if (patient.report && (age < 0s || (!anew && age < kFresh))) co_return *patient.report;

    UnderWay under_way(patient);
    if (patient.report && age < kPause) co_await sleep_for(executor_, kPause - age);
    auto made = co_await examine(account);
    patient.report = made;
    patient.reported_at = std::chrono::steady_clock::now();
    co_return made;
}

}  // namespace parley::flow

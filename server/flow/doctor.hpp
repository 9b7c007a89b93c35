// Finds out whether everything is in place that messages need to come and go, and what to do first where it is not.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "base/seal.hpp"
#include "flow/findings.hpp"
#include "flow/graph_tokens.hpp"
#include "store/numbers.hpp"
#include "wa/graph.hpp"
#include "wa/probe.hpp"

namespace parley::flow {

struct DoctorSettings {
    std::string public_url;    ///< where people reach this server; empty: not known
    std::string verify_token;  ///< of the configuration; empty: none
    bool has_app_secret = false;
    bool allow_unsigned = false;
    std::filesystem::path data_dir;
    std::filesystem::path media_folder;
    bool media_elsewhere = false;  ///< the folder has not every file: a bucket has
};

class Doctor {
  public:
    /// `sightings`: nullptr outside the server.
    Doctor(asio::io_context& io, store::Pool& pool, Seal& seal, GraphTokens& tokens, wa::GraphClient& graph,
           wa::Probe& probe, const Clock& clock, const WebhookSightings* sightings, DoctorSettings settings);
    Doctor(const Doctor&) = delete;
    Doctor& operator=(const Doctor&) = delete;

    /// Looks at everything at once; what does not answer within some seconds is unknown, or failed where an answer is
    /// what is asked for. At most 20 numbers are asked for at Meta. Throws only for bugs.
    awaitable<Report> examine(AccountId account);

    /// The last report, made now if there is none or it is more than a minute old. `anew`: made now in any case, at
    /// most every two seconds: whoever asks meanwhile waits, and gets the same one.
    awaitable<Report> report(AccountId account, bool anew);

  private:
    struct Patient {
        explicit Patient(Executor executor) : over(executor, Timer::time_point::max()) {}
        std::optional<Report> report;
        std::chrono::steady_clock::time_point reported_at{};
        bool under_way = false;
        Timer over;  // never expires; cancelled when an examination ends
    };

    NumberFacts facts_of(const store::NumberRecord& record, std::string& token) const;
    SignatureFacts signature_facts(const std::vector<store::NumberRecord>& records) const;
    std::string verify_token(const std::vector<store::NumberRecord>& records) const;
    std::string callback_url() const;
    awaitable<CallbackFacts> try_callback(std::string token);
    awaitable<MediaStoreFacts> try_media(AccountId account);
    awaitable<std::vector<Space>> measure_disks(std::string database_folder);

    Executor executor_;
    asio::io_context& io_;
    store::Pool& pool_;
    Seal& seal_;
    GraphTokens& tokens_;
    wa::GraphClient& graph_;
    wa::Probe& probe_;
    const Clock& clock_;
    const WebhookSightings* sightings_;
    DoctorSettings settings_;
    std::map<AccountId, Patient> patients_;
    asio::thread_pool threads_{2};
};

}  // namespace parley::flow

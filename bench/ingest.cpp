#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/commands.hpp"
#include "bench/database.hpp"
#include "bench/deliveries.hpp"
#include "bench/http_load.hpp"
#include "bench/json_line.hpp"
#include "bench/process.hpp"

namespace parley::bench {

namespace {

constexpr double kMostMessagesPerSecond = 30000;

// CPU seconds used so far by the server and by PostgreSQL.
struct Cpu {
    double server = 0;
    double postgres = 0;
};

Cpu take_cpu(int server, int postmaster) {
    return {server > 0 ? cpu_seconds(server) : 0, postmaster > 0 ? cpu_seconds_with_children(postmaster) : 0};
}

// What must hold in the database after a run.
struct Verdict {
    std::size_t acknowledged = 0;   // messages of deliveries that were answered 200
    std::size_t stored = 0;         // of this run, acknowledged or not
    std::size_t missing = 0;        // acknowledged, but not there
    std::size_t doubled = 0;        // rows beyond the first of a message
    std::size_t unread_wrong = 0;   // conversations whose unread_count did not grow by their new messages
    std::size_t events_wrong = 0;   // messages of the run without exactly one event of their own
    bool events_gapless = false;    // offsets of the account from first to last, none left out
    bool journal_complete = false;  // as many raw bodies as acknowledged deliveries, at least

    bool holds() const {
        return missing == 0 && doubled == 0 && unread_wrong == 0 && events_wrong == 0 && events_gapless &&
               journal_complete;
    }
};

class Check {
  public:
    Check(const std::string& conninfo, std::string phone_number_id)
        : database_(conninfo), phone_number_id_(std::move(phone_number_id)) {
        database_.query(
            "CREATE TEMPORARY TABLE unread_before AS SELECT account_id, id, unread_count FROM chat_conversations "
            "WHERE phone_number_id = " +
            quoted(phone_number_id_));
        deliveries_before_ = database_.query("SELECT count(*) FROM webhook_deliveries").integer(0, 0);
    }

    Database& database() { return database_; }

    Verdict verdict(const DeliveryMaker& made, std::vector<bool> acknowledged, std::size_t accepted_deliveries) {
        Verdict verdict;
        database_.query(
            "CREATE TEMPORARY TABLE this_run AS SELECT account_id, id, conversation_id, whatsapp_message_id "
            "FROM chat_messages WHERE starts_with(whatsapp_message_id, " +
            quoted(made.wamid_prefix()) + ")");
        verdict.acknowledged = static_cast<std::size_t>(std::ranges::count(acknowledged, true));

        const Rows rows = database_.query("SELECT whatsapp_message_id FROM this_run");
        verdict.stored = static_cast<std::size_t>(rows.size());
        std::vector<bool> seen(made.made(), false);
        for (int row = 0; row < rows.size(); ++row) {
            const auto number = made.number_of(rows.text(row, 0));
            if (!number || seen[*number]) {
                ++verdict.doubled;
            } else {
                seen[*number] = true;
            }
        }
        for (std::size_t i = 0; i < seen.size(); ++i)
            if (acknowledged[i] && !seen[i]) ++verdict.missing;

        const auto count = [this](const char* sql) {
            return static_cast<std::size_t>(database_.query(sql).integer(0, 0));
        };
        verdict.unread_wrong = count(
            "SELECT count(*) FROM chat_conversations c "
            "JOIN (SELECT account_id, conversation_id, count(*) AS messages FROM this_run GROUP BY 1, 2) r "
            "ON r.account_id = c.account_id AND r.conversation_id = c.id "
            "LEFT JOIN unread_before b ON b.account_id = c.account_id AND b.id = c.id "
            "WHERE c.unread_count <> coalesce(b.unread_count, 0) + r.messages");
        verdict.events_wrong = count(
            "SELECT count(*) FROM (SELECT r.id FROM this_run r LEFT JOIN events e "
            "ON e.account_id = r.account_id AND e.message_id = r.id AND e.name = 'message.created' "
            "GROUP BY r.account_id, r.id HAVING count(e.message_id) <> 1) wrong");
        verdict.events_gapless =
            count(
                "SELECT count(*) FROM (SELECT a.id FROM accounts a JOIN events e ON e.account_id = a.id "
                "WHERE a.id IN (SELECT account_id FROM this_run) GROUP BY a.id, a.event_offset "
                "HAVING max(e.\"offset\") - min(e.\"offset\") + 1 <> count(*) "
                "OR count(DISTINCT e.\"offset\") <> count(*) OR max(e.\"offset\") <> a.event_offset) wrong") == 0;
        const auto journal = database_.query("SELECT count(*) FROM webhook_deliveries").integer(0, 0);
        verdict.journal_complete = static_cast<std::size_t>(journal - deliveries_before_) >= accepted_deliveries;
        return verdict;
    }

  private:
    // For values that come from our own command line and generator, where a parameter cannot stand.
    static std::string quoted(const std::string& text) {
        if (text.find_first_of("'\\") != std::string::npos) throw std::invalid_argument("a quote in " + text);
        return "'" + text + "'";
    }

    Database database_;
    std::string phone_number_id_;
    std::int64_t deliveries_before_ = 0;
};

}  // namespace

int ingest(const IngestOptions& options) {
    if (options.connections < 1 || options.customers < 1 || options.messages < 1)
        throw std::invalid_argument("connections, customers and messages are at least 1");
    const Url url(options.url);
    const auto per_delivery = static_cast<std::size_t>(options.messages);
    const double most = options.rate > 0 ? options.rate : kMostMessagesPerSecond / options.messages;
    const auto count = options.prepare > 0 ? static_cast<std::size_t>(options.prepare)
                                           : static_cast<std::size_t>(most * options.seconds) + 1;
    DeliveryMaker maker(url, options.secret, options.waba, options.phone_number_id, options.customers);
    Requests opening, requests;
    maker.add_one_of_each_customer(opening, kOpeningBatch);
    const std::size_t first = maker.made();
    maker.add(requests, count, per_delivery);

    Check check(options.database, options.phone_number_id);
    const int postmaster = check.database().postmaster();
    // Every conversation exists before the clock starts: the runs measure messages, not first contacts.
    const LoadResult opened = run_load(url, opening, {.connections = 4, .seconds = 60});
    check.database().checkpoint();
    const Cpu before = take_cpu(options.server_pid, postmaster);
    const LoadResult load =
        run_load(url, requests, {.connections = options.connections, .seconds = options.seconds, .rate = options.rate});
    const Cpu after = take_cpu(options.server_pid, postmaster);

    std::vector<bool> acknowledged(maker.made(), false);
    for (const std::size_t request : opened.accepted) {
        const std::size_t begin = request * kOpeningBatch;
        for (std::size_t i = begin; i < std::min(begin + kOpeningBatch, first); ++i) acknowledged[i] = true;
    }
    for (const std::size_t request : load.accepted)
        for (std::size_t i = 0; i < per_delivery; ++i) acknowledged[first + request * per_delivery + i] = true;
    const Verdict verdict =
        check.verdict(maker, std::move(acknowledged), opened.accepted.size() + load.accepted.size());

    const auto messages = static_cast<double>(load.status_200 * per_delivery);
    const double micro = messages > 0 ? 1e6 / messages : 0;
    const bool ok = verdict.holds() && load.status_200 > 0 && load.status_other == 0 && load.broken == 0 &&
                    load.unanswered == 0 && opened.status_200 == opening.size();
    JsonLine line;
    line.add("kind", "ingest").add("round", options.round).add("connections", options.connections);
    line.add("rate", options.rate, 0).add("messages_per_delivery", options.messages);
    line.add("customers", options.customers).add("seconds", load.seconds);
    line.add("deliveries_per_second", load.per_second(), 1);
    line.add("messages_per_second", load.per_second() * options.messages, 1);
    line.add("p50_ms", load.percentile_ms(0.50)).add("p90_ms", load.percentile_ms(0.90));
    line.add("p99_ms", load.percentile_ms(0.99)).add("max_ms", load.percentile_ms(1));
    line.add("answers_200", load.status_200).add("answers_503", load.status_503);
    line.add("answers_other", load.status_other).add("broken", load.broken).add("unanswered", load.unanswered);
    line.add("unsent", load.unsent);
    line.flag("ran_out", load.ran_out);
    line.add("server_cpu_us", (after.server - before.server) * micro, 1);
    line.add("postgres_cpu_us", (after.postgres - before.postgres) * micro, 1);
    line.add("generator_cpu_us", load.cpu_seconds * micro, 1);
    line.add("acknowledged", verdict.acknowledged).add("stored", verdict.stored).add("missing", verdict.missing);
    line.add("doubled", verdict.doubled).add("unread_wrong", verdict.unread_wrong);
    line.add("events_wrong", verdict.events_wrong).flag("events_gapless", verdict.events_gapless);
    line.flag("journal_complete", verdict.journal_complete).flag("ok", ok);
    line.print();
    return ok ? 0 : 1;
}

}  // namespace parley::bench

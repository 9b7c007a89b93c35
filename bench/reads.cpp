#include <stdexcept>
#include <string>

#include "bench/commands.hpp"
#include "bench/database.hpp"
#include "bench/http_load.hpp"
#include "bench/json_line.hpp"

namespace parley::bench {

namespace {

std::string get(const Url& url, const std::string& path, const std::string& token) {
    return "GET " + path + " HTTP/1.1\r\nHost: " + url.authority +
           "\r\nAccept: application/json\r\nAuthorization: Bearer " + token + "\r\n\r\n";
}

// Threads at random in proportion to their length: long ones are opened more often.
Rows pick_conversations(Database& database, const ReadsOptions& options) {
    const std::string parameters[] = {options.phone_number_id, std::to_string(options.conversations)};
    return database.query(
        "WITH account AS MATERIALIZED (SELECT account_id FROM phone_numbers WHERE phone_number_id = $1), "
        "bounds AS MATERIALIZED (SELECT a.account_id, min(m.id) AS low, max(m.id) AS high FROM account a "
        "JOIN chat_messages m USING (account_id) GROUP BY 1), "
        "spots AS MATERIALIZED (SELECT account_id, low + floor(random() * (high - low + 1))::bigint AS spot FROM "
        "bounds, "
        "generate_series(1, $2::integer)) "
        "SELECT m.conversation_id FROM spots s CROSS JOIN LATERAL (SELECT conversation_id FROM chat_messages "
        "WHERE account_id = s.account_id AND id >= s.spot ORDER BY id LIMIT 1) m",
        parameters);
}

bool measure(const char* what, const Url& url, const Requests& requests, const ReadsOptions& options,
             std::int64_t stored) {
    run_load(url, requests, {.connections = options.connections, .seconds = options.seconds / 5, .repeat = true});
    const LoadResult load =
        run_load(url, requests, {.connections = options.connections, .seconds = options.seconds, .repeat = true});
    const bool ok = load.status_200 > 0 && load.status_503 + load.status_other + load.broken + load.unanswered == 0;
    JsonLine line;
    line.add("kind", "reads").add("round", options.round).add("what", what).add("stored", stored);
    line.add("connections", options.connections).add("seconds", load.seconds);
    line.add("requests_per_second", load.per_second(), 1).add("p50_ms", load.percentile_ms(0.50));
    line.add("p90_ms", load.percentile_ms(0.90)).add("p99_ms", load.percentile_ms(0.99));
    line.add("max_ms", load.percentile_ms(1)).add("answers_200", load.status_200);
    line.add("answers_503", load.status_503).add("answers_other", load.status_other).add("broken", load.broken);
    line.add("bytes_per_answer", load.status_200 > 0 ? load.bytes / load.status_200 : 0);
    line.add("generator_cpu_us",
             load.status_200 > 0 ? load.cpu_seconds * 1e6 / static_cast<double>(load.status_200) : 0, 1);
    line.flag("ok", ok).print();
    return ok;
}

}  // namespace

int reads(const ReadsOptions& options) {
    const Url url(options.url);
    Database database(options.database);
    const std::int64_t stored = database.query("SELECT count(*) FROM chat_messages").integer(0, 0);
    const Rows conversations = pick_conversations(database, options);
    if (conversations.size() == 0) throw std::runtime_error("there is no message to read: seed first");
    Requests list, threads;
    list.add(get(url, "/api/live-chat/conversations?limit=50", options.token));
    for (int row = 0; row < conversations.size(); ++row)
        threads.add(get(url,
                        "/api/live-chat/messages?conversation_id=" + std::string(conversations.text(row, 0)) +
                            "&limit=100&mark_read=false",
                        options.token));
    const bool list_ok = measure("conversations", url, list, options, stored);
    const bool threads_ok = measure("messages", url, threads, options, stored);
    return list_ok && threads_ok ? 0 : 1;
}

}  // namespace parley::bench

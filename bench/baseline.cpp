#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/commands.hpp"
#include "bench/database.hpp"
#include "bench/deliveries.hpp"
#include "bench/json_line.hpp"
#include "bench/process.hpp"

namespace parley::bench {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

// The product's tables once more, empty, in a schema of their own: columns, defaults, checks, indexes and foreign keys.
class CopiedTables {
  public:
    explicit CopiedTables(Database& database) : database_(database) {
        database_.script(R"(
            SET search_path = public;
            SET client_min_messages = warning;
            DROP SCHEMA IF EXISTS parley_bench CASCADE;
            CREATE SCHEMA parley_bench;
            CREATE TEMPORARY TABLE copied AS SELECT name::regclass AS relation, name FROM unnest(ARRAY['accounts',
                'phone_numbers', 'contacts', 'chat_conversations', 'chat_messages', 'events', 'webhook_deliveries']) name;
            DO $$
            DECLARE item record;
            BEGIN
                FOR item IN SELECT name FROM copied LOOP
                    EXECUTE format('CREATE TABLE parley_bench.%I (LIKE public.%I INCLUDING ALL)', item.name, item.name);
                END LOOP;
                CREATE TEMPORARY TABLE references_copied AS SELECT c.name, pg_get_constraintdef(f.oid) AS definition
                    FROM pg_constraint f JOIN copied c ON f.conrelid = c.relation WHERE f.contype = 'f'
                    AND f.confrelid IN (SELECT relation FROM copied);
                SET search_path = parley_bench, public;
                FOR item IN SELECT name, definition FROM references_copied LOOP
                    EXECUTE format('ALTER TABLE %I ADD %s', item.name, item.definition);
                END LOOP;
            END $$;
            SET search_path = parley_bench, public)");
    }
    CopiedTables(const CopiedTables&) = delete;
    CopiedTables& operator=(const CopiedTables&) = delete;
    ~CopiedTables() {
        try {
            database_.script("ROLLBACK; DROP SCHEMA parley_bench CASCADE");
        } catch (const std::exception& error) {
            std::fprintf(stderr, "parley-bench: schema parley_bench stays: %s\n", error.what());
        }
    }

  private:
    Database& database_;
};

constexpr const char* kWriteBatch = R"(
    WITH deliveries AS (
        INSERT INTO webhook_deliveries (account_id, state, fields, items, body)
        SELECT 1, 'stored', 'messages', 1, body FROM unnest($1::bytea[]) body
    ), messages AS (
        INSERT INTO chat_messages (account_id, conversation_id, sender, message, message_type, is_read, payload,
                                   whatsapp_message_id, created_at, status)
        SELECT 1, conversation, 'customer', text, 'text', false, payload::jsonb, wamid, now(), 'received'
        FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS input (conversation, wamid, text, payload)
        ON CONFLICT (account_id, whatsapp_message_id) DO NOTHING
        RETURNING id, conversation_id
    ), conversations AS (
        UPDATE chat_conversations c SET unread_count = c.unread_count + n.messages, last_message_id = n.last_id,
               last_message_at = now(), last_incoming_at = now()
        FROM (SELECT conversation_id, count(*)::integer AS messages, max(id) AS last_id FROM messages GROUP BY 1) n
        WHERE c.account_id = 1 AND c.id = n.conversation_id
    ), counter AS (
        UPDATE accounts SET event_offset = event_offset + (SELECT count(*) FROM messages) WHERE id = 1
        RETURNING event_offset
    )
    INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
    SELECT 1, counter.event_offset + 1 - row_number() OVER (ORDER BY messages.id DESC), 'message.created',
           messages.conversation_id, messages.id
    FROM messages, counter)";

constexpr const char* kOpenConversations = R"(
    INSERT INTO accounts (id, name) VALUES (1, 'bench');
    INSERT INTO phone_numbers (account_id, phone_number_id) VALUES (1, '1');
    INSERT INTO contacts (account_id, id, name) SELECT 1, i, 'Sheena Nelson' FROM generate_series(1, %) i;
    INSERT INTO chat_conversations (account_id, id, phone_number_id, contact_id, customer_phone, customer_name, unread_count)
        SELECT 1, i, '1', i, (16500000000 + i)::text, 'Sheena Nelson', 0 FROM generate_series(1, %) i;
    ANALYZE accounts, phone_numbers, contacts, chat_conversations)";

std::string with_number(std::string text, int number) {
    for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%', at))
        text.replace(at, 1, std::to_string(number));
    return text;
}

}  // namespace

int baseline(const BaselineOptions& options) {
    if (options.batch < 1 || options.customers < 1) throw std::invalid_argument("batch and customers are at least 1");
    Database database(options.database);
    const int postmaster = database.postmaster();
    const CopiedTables tables(database);
    database.script(with_number(kOpenConversations, options.customers));
    database.prepare("write_batch", kWriteBatch);

    const auto rows = static_cast<std::size_t>(options.batch);
    std::mt19937_64 random(20240229);
    std::vector<std::string> bodies, texts, payloads, wamids(rows);
    std::vector<std::int64_t> conversations(rows);
    const std::string prefix = fresh_wamid_prefix();
    for (std::size_t i = 0; i < rows; ++i) {
        texts.push_back(sample_text_json(random));
        bodies.push_back(sample_body("102290129340398", "106540352242922", customer_phone(i), make_wamid(prefix, i),
                                     texts.back(), 1749416383));
        payloads.push_back(sample_message_json(customer_phone(i), make_wamid(prefix, i), texts.back(), 1749416383));
    }
    // Nothing about a body, a text or a payload is unique, so every batch carries the same ones.
    std::vector<std::string> parameters = {binary_array(bodies, true), "", "", binary_array(texts, false),
                                           binary_array(payloads, false)};

    std::vector<double> batches_ms;
    std::size_t next = 0;
    const auto write_for = [&](double seconds) {
        const Clock::time_point begin = Clock::now();
        while (seconds_since(begin) < seconds) {
            for (std::size_t i = 0; i < rows; ++i) {
                wamids[i] = make_wamid(prefix, next++);
                conversations[i] = 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(options.customers));
            }
            parameters[1] = binary_array(conversations);
            parameters[2] = binary_array(wamids, false);
            const Clock::time_point sent = Clock::now();
            database.execute("write_batch", parameters);
            batches_ms.push_back(seconds_since(sent) * 1000);
        }
        return seconds_since(begin);
    };
    // The session's plan and caches settle first.
    write_for(std::min(0.3, options.seconds / 5));
    const std::size_t warm = next;
    batches_ms.clear();
    database.checkpoint();
    const double postgres_before = postmaster > 0 ? cpu_seconds_with_children(postmaster) : 0;
    const double seconds = write_for(options.seconds);
    const double postgres_used = (postmaster > 0 ? cpu_seconds_with_children(postmaster) : 0) - postgres_before;

    const auto written = static_cast<double>(next - warm);
    const Rows count = database.query(
        "SELECT (SELECT count(*) FROM chat_messages), (SELECT count(*) FROM events), "
        "(SELECT count(*) FROM webhook_deliveries), "
        "(SELECT sum(unread_count) FROM chat_conversations)");
    bool ok = true;
    for (int column = 0; column < 4; ++column) ok = ok && count.integer(0, column) == static_cast<std::int64_t>(next);
    std::ranges::sort(batches_ms);
    JsonLine line;
    line.add("kind", "baseline").add("round", options.round).add("batch", options.batch);
    line.add("customers", options.customers).add("seconds", seconds);
    line.add("messages_per_second", written / seconds, 1);
    line.add("batch_p50_ms", batches_ms.empty() ? 0 : batches_ms[batches_ms.size() / 2]);
    line.add("batch_p99_ms", batches_ms.empty() ? 0 : batches_ms[batches_ms.size() * 99 / 100]);
    line.add("postgres_cpu_us", written > 0 ? postgres_used * 1e6 / written : 0, 1);
    line.flag("ok", ok).print();
    return ok ? 0 : 1;
}

}  // namespace parley::bench

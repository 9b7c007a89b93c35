#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>

#include "bench/commands.hpp"
#include "bench/database.hpp"
#include "bench/json_line.hpp"

namespace parley::bench {

namespace {

constexpr long kChunk = 500'000;
constexpr long kMessagesPerConversation = 200;

// Half of the messages are spread evenly over all conversations; the other half make every hundredth one very long.
// Neighbours in time belong to different conversations, as in life.
constexpr const char* kSeeded = R"(
    CREATE TEMPORARY TABLE seeded (i bigint, contact_id bigint, conversation_id bigint))";
constexpr const char* kIds = R"(
    INSERT INTO seeded SELECT i, nextval(pg_get_serial_sequence('contacts', 'id')),
        nextval(pg_get_serial_sequence('chat_conversations', 'id')) FROM generate_series(0, $1::integer - 1) i)";
constexpr const char* kContacts = R"(
    INSERT INTO contacts (account_id, id, name) SELECT $1::bigint, contact_id, 'Customer ' || i FROM seeded)";
constexpr const char* kIdentities = R"(
    INSERT INTO contact_identities (account_id, kind, value, contact_id)
    SELECT $1::bigint, 'wa_id', (49000000000 + contact_id)::text, contact_id FROM seeded)";
constexpr const char* kInsertConversations = R"(
    INSERT INTO chat_conversations (account_id, id, phone_number_id, contact_id, customer_phone, customer_name,
                                    unread_count, last_message_at, created_at)
    SELECT $1::bigint, conversation_id, $2::text, contact_id, (49000000000 + contact_id)::text, coalesce(nullif($3::text, ''), 'Customer ' || i),
           0, now(), now() - interval '90 days' FROM seeded)";
constexpr const char* kMessages = R"(
    INSERT INTO chat_messages (account_id, conversation_id, sender, message, message_type, is_read,
                               whatsapp_message_id, created_at, status, sent_at, delivered_at, read_at)
    SELECT $1::bigint, first.id + CASE WHEN n % 2 = 0 THEN (n / 2) % $3::bigint ELSE ((n / 2) % first.long) * 100 END,
           CASE WHEN n % 5 < 3 THEN 'customer' ELSE 'agent' END,
           'Message number ' || n || ': ' || repeat('does it come in another colour? ', 1 + (n % 4)::integer),
           'text', true, $2::text || n, at.sent,
           CASE WHEN n % 5 < 3 THEN 'received' ELSE 'read' END::message_status,
           CASE WHEN n % 5 >= 3 THEN at.sent END, CASE WHEN n % 5 >= 3 THEN at.sent END,
           CASE WHEN n % 5 >= 3 THEN at.sent END
    FROM generate_series($5::bigint, $6::bigint - 1) n,
         (SELECT min(conversation_id) AS id, greatest(1, count(*) / 100) AS long FROM seeded) first,
         LATERAL (SELECT now() - interval '90 days' * ((1 + $4::bigint - n)::double precision / ($4::bigint + 1)) AS sent) at)";
constexpr const char* kLastMessages = R"(
    UPDATE chat_conversations c SET last_message_id = m.id, last_message_at = m.created_at,
        last_incoming_at = m.created_at, unread_count = CASE WHEN s.i % 5 = 0 AND m.sender = 'customer' THEN 1 ELSE 0 END
    FROM seeded s, LATERAL (SELECT id, created_at, sender FROM chat_messages WHERE account_id = $1::bigint
        AND conversation_id = s.conversation_id ORDER BY created_at DESC, id DESC LIMIT 1) m
    WHERE c.account_id = $1::bigint AND c.id = s.conversation_id)";
constexpr const char* kUnreadMessages = R"(
    UPDATE chat_messages m SET is_read = false FROM chat_conversations c JOIN seeded s ON s.conversation_id = c.id
    WHERE c.account_id = $1::bigint AND c.unread_count = 1 AND m.account_id = c.account_id AND m.id = c.last_message_id)";

}  // namespace

int seed(const SeedOptions& options) {
    const auto begin = std::chrono::steady_clock::now();
    const long conversations =
        options.conversations > 0 ? options.conversations : std::max(1L, options.messages / kMessagesPerConversation);
    Database database(options.database);
    std::string account = std::to_string(options.account);
    if (options.account == 0) {
        const std::string number[] = {options.phone_number_id};
        const Rows found = database.query("SELECT account_id FROM phone_numbers WHERE phone_number_id = $1", number);
        if (found.size() != 1) throw std::runtime_error("no account has the number " + options.phone_number_id);
        account = found.text(0, 0);
    }
    const std::string count[] = {std::to_string(conversations)};
    const std::string of_account[] = {account};
    const std::string of_number[] = {account, options.phone_number_id, options.name};
    database.script("BEGIN");
    database.script(kSeeded);
    database.query(kIds, count);
    database.query(kContacts, of_account);
    database.query(kIdentities, of_account);
    database.query(kInsertConversations, of_number);
    // What checks the foreign keys is planned by these.
    database.script("COMMIT; ANALYZE seeded, contacts, chat_conversations");

    const std::string first = std::string(database.query("SELECT min(conversation_id) FROM seeded").text(0, 0));
    for (long from = 0; from < options.messages; from += kChunk) {
        const std::string chunk[] = {account,
                                     "wamid.seed" + first + ".",
                                     count[0],
                                     std::to_string(options.messages),
                                     std::to_string(from),
                                     std::to_string(std::min(from + kChunk, options.messages))};
        database.query(kMessages, chunk);
    }
    database.script("ANALYZE chat_messages");
    database.query(kLastMessages, of_account);
    database.query(kUnreadMessages, of_account);
    for (const char* table : {"contacts", "contact_identities", "chat_conversations", "chat_messages"})
        database.script("VACUUM (ANALYZE) " + std::string(table));
    JsonLine line;
    line.add("kind", "seed").add("messages", options.messages).add("conversations", conversations);
    line.add("seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), 1).print();
    return 0;
}

}  // namespace parley::bench

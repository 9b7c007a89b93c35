#include "store/migrations.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <string>

#include "support/database.hpp"

namespace parley::store {
namespace {

std::string message_of(const std::string& address, bool allow_unsafe) {
    try {
        migrate(address, allow_unsafe);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

/// The whole schema as one text: columns, constraints and indexes.
std::string shape_of(const test::Database& database) {
    return database.value(
               "SELECT string_agg(concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default), "
               "E'\\n' ORDER BY table_name, ordinal_position) FROM information_schema.columns WHERE table_schema = "
               "'public'") +
           database.value(
               "SELECT string_agg(conrelid::regclass || ' ' || pg_get_constraintdef(oid), E'\\n' ORDER BY "
               "conrelid::regclass::text, "
               "conname) FROM pg_constraint WHERE connamespace = 'public'::regnamespace") +
           database.value(
               "SELECT string_agg(indexdef, E'\\n' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'public'");
}

TEST(Migrations, bring_an_empty_database_to_the_newest_version) {
    test::Database database{false};
    auto report = migrate(database.address(), true);
    EXPECT_EQ(report.from, 0);
    EXPECT_EQ(report.to, schema_version());
    EXPECT_EQ(database.value("SELECT max(version) FROM schema_migrations"), std::to_string(schema_version()));
    EXPECT_EQ(database.value("SELECT count(*) FROM accounts"), "0") << "an empty database has no account yet";
}

TEST(Migrations, change_nothing_the_second_time) {
    test::Database database{false};
    migrate(database.address(), true);
    auto before = shape_of(database);
    auto applied = database.value("SELECT applied_at FROM schema_migrations");
    auto again = migrate(database.address(), true);
    EXPECT_EQ(again.from, schema_version());
    EXPECT_EQ(again.to, schema_version());
    EXPECT_EQ(shape_of(database), before);
    EXPECT_EQ(database.value("SELECT applied_at FROM schema_migrations"), applied);
}

TEST(Migrations, keep_the_rows_of_the_original_script) {
    test::Database database{false};
    database.execute(
        "CREATE TABLE chat_conversations (id SERIAL PRIMARY KEY, phone_number_id VARCHAR(50) NOT NULL, "
        "customer_phone VARCHAR(50) NOT NULL, customer_name VARCHAR(255), last_message_at TIMESTAMP DEFAULT NOW(), "
        "unread_count INTEGER DEFAULT 0, created_at TIMESTAMP DEFAULT NOW());"
        "CREATE TABLE chat_messages (id SERIAL PRIMARY KEY, conversation_id INTEGER REFERENCES "
        "chat_conversations(id) ON DELETE CASCADE, sender VARCHAR(20) NOT NULL, message TEXT NOT NULL, message_type "
        "VARCHAR(50) DEFAULT 'text', media_url TEXT, is_read BOOLEAN DEFAULT FALSE, whatsapp_message_id VARCHAR(255), "
        "created_at TIMESTAMP DEFAULT NOW());"
        "INSERT INTO chat_conversations (phone_number_id, customer_phone, unread_count, created_at) "
        "VALUES ('1', '16505551234', 2, '2026-01-31 08:15:00');"
        "INSERT INTO chat_messages (conversation_id, sender, message, whatsapp_message_id) VALUES "
        "(1, 'customer', 'a', 'w1'), (1, 'customer', 'b', 'w2'), (1, 'agent', 'c', NULL)");
    migrate(database.address(), true);
    EXPECT_EQ(database.value("SELECT string_agg(message, '' ORDER BY id) FROM chat_messages"), "abc");
    EXPECT_EQ(database.value("SELECT unread_count FROM chat_conversations WHERE id = 1"), "2");
    EXPECT_EQ(database.value("SELECT created_at = '2026-01-31 08:15:00+00' FROM chat_conversations"), "t");
    EXPECT_EQ(database.value("SELECT value FROM contact_identities WHERE kind = 'wa_id'"), "16505551234");
    EXPECT_EQ(database.value("INSERT INTO chat_messages (account_id, conversation_id, sender, message, message_type, "
                             "is_read, status) SELECT account_id, id, 'customer', 'd', 'text', false, 'received' FROM "
                             "chat_conversations RETURNING id"),
              "4");
}

TEST(Migrations, refuse_a_database_that_is_newer_than_the_program) {
    test::Database database;
    auto newer = std::to_string(schema_version() + 1);
    database.execute("INSERT INTO schema_migrations (version) VALUES (" + newer + ")");
    auto before = shape_of(database);
    auto message = message_of(database.address(), true);
    EXPECT_NE(message.find("version " + newer), std::string::npos) << message;
    EXPECT_NE(message.find("newer"), std::string::npos) << message;
    EXPECT_EQ(shape_of(database), before);
}

TEST(Migrations, may_be_started_twice_at_once) {
    test::Database database{false};
    auto migrate_it = [&] { return migrate(database.address(), true); };
    auto one = std::async(std::launch::async, migrate_it);
    auto other = std::async(std::launch::async, migrate_it);
    auto first = one.get(), second = other.get();
    EXPECT_EQ(first.to, schema_version());
    EXPECT_EQ(second.to, schema_version());
    EXPECT_EQ(first.from + second.from, schema_version()) << "one did the work, the other found it done";
    EXPECT_EQ(database.value("SELECT count(*) FROM schema_migrations"), std::to_string(schema_version()));
}

TEST(Migrations, leave_nothing_behind_when_a_step_fails) {
    test::Database database{false};
    database.execute("CREATE TABLE events (in_the_way integer)");
    EXPECT_NE(message_of(database.address(), true), "");
    EXPECT_EQ(database.value("SELECT to_regclass('accounts')"), "");
    EXPECT_EQ(database.value("SELECT count(*) FROM schema_migrations"), "0");
    database.execute("DROP TABLE events");
    EXPECT_EQ(migrate(database.address(), true).to, schema_version());
}

// The test cluster runs without fsync.
TEST(Migrations, refuse_a_database_that_may_lose_what_it_commits) {
    test::Database database{false};
    auto message = message_of(database.address(), false);
    EXPECT_NE(message.find("fsync = off"), std::string::npos) << message;
    EXPECT_EQ(database.value("SELECT to_regclass('schema_migrations')"), "");
    EXPECT_EQ(message_of(database.address(), true), "");
}

TEST(Migrations, tell_when_the_database_cannot_be_reached) {
    auto message = message_of("postgresql://parley@127.0.0.1:1/parley", true);
    EXPECT_NE(message.find("cannot be reached"), std::string::npos) << message;
}

}  // namespace
}  // namespace parley::store

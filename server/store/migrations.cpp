#include "store/migrations.hpp"

#include <libpq-fe.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "base/log.hpp"

namespace parley::store {
namespace {

constexpr char kSchema[] = {
#embed "migrations/0001_schema.sql"
    , 0};
constexpr char kUsers[] = {
#embed "migrations/0002_users.sql"
    , 0};

constexpr char kMedia[] = {
#embed "migrations/0003_media.sql"
    , 0};
constexpr char kTemplates[] = {
#embed "migrations/0004_templates.sql"
    , 0};
constexpr char kSettings[] = {
#embed "migrations/0005_settings.sql"
    , 0};
constexpr char kContacts[] = {
#embed "migrations/0006_contacts.sql"
    , 0};

struct Migration {
    int version;
    const char* sql;
};
constexpr std::array kMigrations{Migration{1, kSchema},    Migration{2, kUsers},    Migration{3, kMedia},
                                 Migration{4, kTemplates}, Migration{5, kSettings}, Migration{6, kContacts}};

/// Any number: all servers of one database take the same lock.
constexpr const char* kLock = "SELECT pg_advisory_lock(7026538104553)";

struct CloseConnection {
    void operator()(PGconn* pg) const { PQfinish(pg); }
};
struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;
using Answer = std::unique_ptr<PGresult, ClearResult>;

Answer execute(PGconn* pg, const char* sql) {
    Answer answer(PQexec(pg, sql));
    auto status = PQresultStatus(answer.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        const char* state = PQresultErrorField(answer.get(), PG_DIAG_SQLSTATE);
        const char* message = PQresultErrorField(answer.get(), PG_DIAG_MESSAGE_PRIMARY);
        throw std::runtime_error(
            "The database refused a migration step: " + std::string(message ? message : PQerrorMessage(pg)) + " (" +
            (state ? state : "") + ")");
    }
    return answer;
}

std::string value(PGconn* pg, const char* sql) {
    auto answer = execute(pg, sql);
    return PQntuples(answer.get()) == 0 ? "" : PQgetvalue(answer.get(), 0, 0);
}

void refuse_unsafe_settings(PGconn* pg) {
    for (const char* setting : {"fsync", "synchronous_commit", "full_page_writes"}) {
        auto shown = value(pg, ("SHOW " + std::string(setting)).c_str());
        if (shown == "off")
            throw std::runtime_error("The database has " + std::string(setting) +
                                     " = off: it can lose messages that were answered with 200. Switch it on, or start "
                                     "with --allow-unsafe-database.");
    }
}

}  // namespace

int schema_version() {
    return kMigrations.back().version;
}

MigrationReport migrate(const std::string& conninfo, bool allow_unsafe) {
    const char* keys[] = {"dbname", "connect_timeout", "application_name", "client_encoding", nullptr};
    const char* values[] = {conninfo.c_str(), "10", "parley migrate", "UTF8", nullptr};
    Connection connection(PQconnectdbParams(keys, values, 1));
    auto* pg = connection.get();
    if (PQstatus(pg) != CONNECTION_OK)
        throw std::runtime_error("The database cannot be reached: " + std::string(PQerrorMessage(pg)));
    PQsetNoticeProcessor(pg, [](void*, const char*) {}, nullptr);
    if (!allow_unsafe) refuse_unsafe_settings(pg);

    execute(pg, "SET TimeZone = 'UTC'");
    execute(pg, kLock);
    MigrationReport report;
    if (value(pg, "SELECT to_regclass('schema_migrations')").empty())
        execute(pg,
                "CREATE TABLE schema_migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT "
                "now())");
    auto found = value(pg, "SELECT max(version) FROM schema_migrations");
    report.from = report.to = found.empty() ? 0 : std::stoi(found);
    if (report.from > schema_version())
        throw std::runtime_error("The database has schema version " + found + ", newer than this binary's " +
                                 std::to_string(schema_version()) + ". Start the newer Parley.");
    for (const auto& migration : kMigrations) {
        if (migration.version <= report.from) continue;
        execute(pg, "BEGIN");
        execute(pg, migration.sql);
        execute(pg,
                ("INSERT INTO schema_migrations (version) VALUES (" + std::to_string(migration.version) + ")").c_str());
        execute(pg, "COMMIT");
        report.to = migration.version;
    }
    if (report.from != report.to) {
        // Fresh statistics: the planner knows nothing about tables that were just made or rewritten.
        execute(pg, "ANALYZE");
        log::info("database_migrated", {{"from", report.from}, {"to", report.to}});
    }
    return report;
}

}  // namespace parley::store

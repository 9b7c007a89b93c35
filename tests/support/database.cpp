#include "support/database.hpp"

#include <libpq-fe.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <stdexcept>

#include "app/private_cluster.hpp"
#include "store/migrations.hpp"

namespace parley::test {
namespace {

struct CloseConnection {
    void operator()(PGconn* pg) const { PQfinish(pg); }
};
struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};

std::string run_sql(const std::string& address, const std::string& sql) {
    std::unique_ptr<PGconn, CloseConnection> pg(PQconnectdb(address.c_str()));
    if (PQstatus(pg.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(pg.get()));
    PQsetNoticeProcessor(pg.get(), [](void*, const char*) {}, nullptr);
    std::unique_ptr<PGresult, ClearResult> result(PQexec(pg.get(), sql.c_str()));
    auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(pg.get()));
    if (PQntuples(result.get()) == 0 || PQgetisnull(result.get(), 0, 0)) return "";
    return PQgetvalue(result.get(), 0, 0);
}

/// The program's one cluster, in a folder of its own.
class Cluster {
  public:
    Cluster() : folder_(make_folder()), cluster_(app::PrivateCluster::start({.data_dir = folder_, .durable = false})) {
        run_sql(address("parley"), "CREATE DATABASE migrated");
        store::migrate(address("migrated"), true);
    }
    ~Cluster() {
        cluster_.stop();
        std::filesystem::remove_all(folder_);
    }
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    std::string address(const std::string& database) const {
        auto url = cluster_.database_url();
        auto at = url.find("/parley?");
        return url.replace(at, std::string("/parley?").size(), "/" + database + "?");
    }
    int next() { return ++databases_; }

  private:
    static std::filesystem::path make_folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "parley-test-XXXXXX").string();
        if (!mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
        chmod(pattern.c_str(), 0755);
        return pattern;
    }
    std::filesystem::path folder_;
    app::PrivateCluster cluster_;
    int databases_ = 0;
};

Cluster& cluster() {
    static Cluster instance;
    return instance;
}

}  // namespace

std::string cluster_address(const std::string& database) {
    return cluster().address(database);
}

Database::Database(bool migrated)
    : name_("test_" + std::to_string(cluster().next())), address_(cluster_address(name_)) {
    run_sql(cluster_address("parley"), "CREATE DATABASE " + name_ + (migrated ? " TEMPLATE migrated" : ""));
}

Database::~Database() {
    try {
        run_sql(cluster_address("parley"), "DROP DATABASE " + name_ + " WITH (FORCE)");
    } catch (const std::exception& error) {
        std::fputs(error.what(), stderr);
    }
}

void Database::execute(const std::string& sql) const {
    run_sql(address_, sql);
}

std::string Database::value(const std::string& sql) const {
    return run_sql(address_, sql);
}

}  // namespace parley::test

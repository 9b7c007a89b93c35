#include "app/private_cluster.hpp"

#include <libpq-fe.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "app/cluster_folder.hpp"
#include "app/data_dir_lock.hpp"
#include "app/postmaster.hpp"
#include "app/process.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"

namespace parley::app {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kRole = "parley";
constexpr auto kPollEvery = 10ms;
constexpr auto kSilencePatience = 60s;
constexpr auto kSessionsPatience = 30s;

std::int64_t ms_since(SteadyClock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - start).count();
}

struct CloseConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

struct Address {
    explicit Address(const fs::path& socket_folder)
        : folder(socket_folder.string()),
          values{folder.c_str(), kClusterPort, kRole, "postgres", "10", "parley", nullptr} {}
    Address(const Address&) = delete;
    Address& operator=(const Address&) = delete;

    std::string folder;
    std::array<const char*, 7> names{"host", "port", "user", "dbname", "connect_timeout", "application_name", nullptr};
    std::array<const char*, 7> values;
};

/// False when the postmaster ended first. Throws when it stays silent.
bool wait_until_ready(Process& postmaster, const fs::path& socket_folder) {
    Address address(socket_folder);
    auto heard = SteadyClock::now();
    while (true) {
        auto state = PQpingParams(address.names.data(), address.values.data(), 0);
        if (state == PQPING_OK) return true;
        // Recovery after a crash takes as long as it takes; PostgreSQL answers meanwhile.
        if (state == PQPING_REJECT) heard = SteadyClock::now();
        if (SteadyClock::now() - heard > kSilencePatience)
            throw std::runtime_error("PostgreSQL (process " + std::to_string(postmaster.pid()) +
                                     ") did not answer within a minute on its socket in " + socket_folder.string() +
                                     ".");
        if (postmaster.ends_within(kPollEvery)) return false;
    }
}

void ensure_database(const fs::path& socket_folder, const std::string& database) {
    Address address(socket_folder);
    std::unique_ptr<PGconn, CloseConnection> connection(
        PQconnectdbParams(address.names.data(), address.values.data(), 0));
    auto fail = [&] {
        throw std::runtime_error("Parley cannot prepare its database `" + database +
                                 "`: " + PQerrorMessage(connection.get()));
    };
    if (PQstatus(connection.get()) != CONNECTION_OK) fail();
    const char* name = database.c_str();
    ResultHandle found(PQexecParams(connection.get(), "SELECT FROM pg_database WHERE datname = $1", 1, nullptr, &name,
                                    nullptr, nullptr, 0));
    if (PQresultStatus(found.get()) != PGRES_TUPLES_OK) fail();
    if (PQntuples(found.get()) == 1) return;
    std::unique_ptr<char, decltype(&PQfreemem)> quoted(
        PQescapeIdentifier(connection.get(), database.data(), database.size()), PQfreemem);
    if (!quoted) fail();
    ResultHandle created(PQexec(connection.get(), ("CREATE DATABASE " + std::string(quoted.get())).c_str()));
    if (PQresultStatus(created.get()) != PGRES_COMMAND_OK) fail();
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (kPlain.contains(text[i]))
            result += text[i];
        else
            result += "%" + to_hex(text.substr(i, 1));
    }
    return result;
}

std::string url(const fs::path& socket_folder, const std::string& database) {
    return "postgresql://" + std::string(kRole) + "@/" + percent_encoded(database) +
           "?host=" + percent_encoded(socket_folder.string()) + "&port=" + kClusterPort;
}

/// What Parley relies on, whatever the cluster's own files say.
std::vector<std::string> settings(const fs::path& socket_folder, bool durable) {
    std::string quoted;
    for (char each : socket_folder.string()) quoted += each == '"' ? std::string("\"\"") : std::string(1, each);
    auto on_disk = std::string(durable ? "on" : "off");
    return {"listen_addresses=", "port=" + std::string(kClusterPort), "unix_socket_directories=\"" + quoted + "\"",
            "unix_socket_permissions=0700", "timezone=UTC", "log_timezone=UTC", "fsync=" + on_disk,
            "synchronous_commit=" + on_disk, "full_page_writes=" + on_disk, "log_destination=stderr",
            "logging_collector=off",
            // Errors of statements quote what people wrote; Parley logs their codes.
            "log_min_messages=log", "log_min_error_statement=panic", "log_statement=none",
            "log_min_duration_statement=-1", "log_parameter_max_length=0", "log_parameter_max_length_on_error=0"};
}

fs::path prepare_data_dir(const fs::path& data_dir) {
    try {
        if (fs::create_directories(data_dir)) {
            // The cluster's user has to pass through a data directory of root's.
            auto through = geteuid() == 0 ? fs::perms::group_exec | fs::perms::others_exec : fs::perms::none;
            fs::permissions(data_dir, fs::perms::owner_all | through);
        }
        return fs::canonical(data_dir);
    } catch (const fs::filesystem_error& error) {
        throw std::runtime_error("Parley cannot make its data directory " + data_dir.string() + " (" +
                                 error.code().message() + "). Make it, or choose another one.");
    }
}

}  // namespace

struct PrivateCluster::Running {
    std::optional<DataDirLock> lock;
    std::string database;
    fs::path cluster;
    fs::path socket_folder;
    std::optional<Process> postmaster;

    Running(const fs::path& data_dir, std::string database_name)
        : lock(data_dir), database(std::move(database_name)), cluster(data_dir / "postgres") {}
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        try {
            stop();
        } catch (const std::exception& error) {
            log::error("private_cluster_not_stopped", {{"reason", error.what()}});
        }
    }

    /// False when none was left running.
    bool take_over();
    void launch(const ClusterFolder& folder, bool durable);
    void stop();
};

bool PrivateCluster::Running::take_over() {
    auto found = find_left_running(cluster);
    if (!found) return false;
    socket_folder = found->socket_folder;
    postmaster.emplace(std::move(found->process));
    if (wait_until_ready(*postmaster, socket_folder)) return true;
    postmaster.reset();
    return false;
}

void PrivateCluster::Running::launch(const ClusterFolder& folder, bool durable) {
    socket_folder = prepare_socket_folder(folder);
    auto deadline = SteadyClock::now() + kSessionsPatience;
    while (true) {
        ClusterLog log(folder.log_file());
        postmaster.emplace(folder.run_postgres(settings(socket_folder, durable), log));
        if (wait_until_ready(*postmaster, socket_folder)) return;
        postmaster.reset();
        auto said = log.last_lines();
        // The sessions of a postmaster that was killed need a moment to notice.
        bool sessions_remain = said.contains("pre-existing shared memory block");
        if (!sessions_remain || SteadyClock::now() > deadline)
            throw std::runtime_error("PostgreSQL did not start in " + cluster.string() + ":\n" + said +
                                     "Its whole log: " + folder.log_file().string());
        std::this_thread::sleep_for(100ms);
    }
}

void PrivateCluster::Running::stop() {
    if (postmaster) {
        auto started = SteadyClock::now();
        struct Step {
            int signal;
            std::chrono::seconds patience;
        };
        // PostgreSQL's fast shutdown, its immediate one, and the kernel's.
        for (auto [signal, patience] : {Step{SIGINT, 30s}, Step{SIGQUIT, 10s}, Step{SIGKILL, 10s}}) {
            postmaster->signal(signal);
            if (postmaster->ends_within(patience)) break;
            log::warn("private_cluster_slow_to_stop", {{"signal", signal}});
        }
        postmaster.reset();
        log::info("private_cluster_stopped", {{"ms", ms_since(started)}});
    }
    std::error_code ignored;
    if (!socket_folder.empty() && socket_folder != cluster) fs::remove(socket_folder, ignored);
    lock.reset();
}

PrivateCluster PrivateCluster::start(const PrivateClusterOptions& options) {
    auto started = SteadyClock::now();
    auto data_dir = prepare_data_dir(options.data_dir);
    auto running = std::make_unique<Running>(data_dir, options.database);
    auto folder = ClusterFolder::open(data_dir, options);
    bool taken_over = running->take_over();
    if (!taken_over) running->launch(folder, options.durable);
    ensure_database(running->socket_folder, options.database);
    log::info("private_cluster_ready",
              {{"process", running->postmaster->pid()}, {"taken_over", taken_over}, {"ms", ms_since(started)}});
    return PrivateCluster(std::move(running));
}

PrivateCluster::PrivateCluster(std::unique_ptr<Running> running) : running_(std::move(running)) {}
PrivateCluster::PrivateCluster(PrivateCluster&&) noexcept = default;
PrivateCluster& PrivateCluster::operator=(PrivateCluster&&) noexcept = default;
PrivateCluster::~PrivateCluster() = default;

std::string PrivateCluster::database_url() const {
    return url(running_->socket_folder, running_->database);
}

void PrivateCluster::stop() {
    running_->stop();
}

pid_t PrivateCluster::postmaster() const {
    return running_->postmaster ? running_->postmaster->pid() : 0;
}

std::optional<std::string> private_cluster_url(const fs::path& data_dir, const std::string& database) {
    std::error_code missing;
    auto cluster = fs::canonical(data_dir, missing) / "postgres";
    if (missing) return std::nullopt;
    if (access((cluster / "postmaster.pid").c_str(), R_OK) < 0 && errno == EACCES)
        throw std::runtime_error("The database in " + cluster.string() +
                                 " belongs to another user. Ask as that user or as root.");
    auto pid = recorded_postmaster(cluster);
    if (!pid) return std::nullopt;
    auto folder = socket_folder_of(*pid, cluster);
    if (!folder) return std::nullopt;
    return url(*folder, database);
}

}  // namespace parley::app

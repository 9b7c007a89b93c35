#include "app/private_cluster.hpp"

#include <libpq-fe.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "app/cluster_folder.hpp"
#include "app/data_dir_lock.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"

namespace parley::app {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kPort = "5432";
constexpr auto kRole = "parley";
constexpr auto kSocketName = ".s.PGSQL.5432";
constexpr std::size_t kLongestSocketPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr auto kPollEvery = 10ms;
constexpr auto kSilencePatience = 60s;
constexpr auto kTakeoverPatience = 10s;

std::int64_t ms_since(SteadyClock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - start).count();
}

// --- where the socket is ---

fs::path short_socket_folder(const fs::path& cluster) {
    auto hash = sha256(cluster.string());
    return "/tmp/parley-" + to_hex(as_text(hash).substr(0, 8));
}

bool holds_socket(const fs::path& folder) {
    return (folder / kSocketName).native().size() <= kLongestSocketPath;
}

/// The cluster's own folder, which is closed to others; or one in /tmp when that path is too long for a socket or
/// cannot be named by the cluster's user.
fs::path prepare_socket_folder(const ClusterFolder& cluster) {
    if (holds_socket(cluster.path()) && cluster.can_be_named()) return cluster.path();
    auto folder = short_socket_folder(cluster.path());
    auto owner = cluster.user() ? cluster.user()->uid : geteuid();
    struct stat found{};
    bool made = mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST;
    bool ours = made && lstat(folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode) && !(found.st_mode & 077) &&
                (found.st_uid == owner || found.st_uid == geteuid());
    if (ours && found.st_uid != owner) ours = lchown(folder.c_str(), owner, cluster.user()->gid) == 0;
    if (!ours)
        throw std::runtime_error("Parley needs " + folder.string() +
                                 " for the database's socket, as a folder that only its own user can open. Remove what "
                                 "is there, or choose a data directory with a shorter path.");
    return folder;
}

/// The process that listens on the socket; empty when none does.
std::optional<pid_t> listener(const fs::path& socket_path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.native().size() > kLongestSocketPath) return std::nullopt;
    std::memcpy(address.sun_path, socket_path.c_str(), socket_path.native().size());
    FileDescriptor connection{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) return std::nullopt;
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return std::nullopt;
    return peer.pid;
}

// --- who runs on the cluster ---

fs::path pid_file(const fs::path& cluster) {
    return cluster / "postmaster.pid";
}

std::optional<pid_t> recorded_postmaster(const fs::path& cluster) {
    pid_t pid = 0;
    if (std::ifstream(pid_file(cluster)) >> pid && pid > 0) return pid;
    return std::nullopt;
}

/// The folder of the socket on which this postmaster serves this cluster. A copy of a running cluster's folder names
/// the postmaster of the original, which does not listen here.
std::optional<fs::path> socket_folder_of(pid_t postmaster, const fs::path& cluster) {
    for (const auto& folder : {cluster, short_socket_folder(cluster)})
        if (listener(folder / kSocketName) == postmaster) return folder;
    return std::nullopt;
}

/// False when the process is certainly something else: numbers are given out again, above all after a restart of the
/// machine.
bool may_serve(pid_t pid, const fs::path& cluster) {
    auto process = "/proc/" + std::to_string(pid);
    struct stat works_in{};
    struct stat folder{};
    if (stat((process + "/cwd").c_str(), &works_in) == 0 && stat(cluster.c_str(), &folder) == 0)
        return works_in.st_dev == folder.st_dev && works_in.st_ino == folder.st_ino;
    if (errno == ENOENT) return false;
    // Containers may forbid even root to look there.
    std::string name;
    return !(std::ifstream(process + "/comm") >> name) || name == "postgres";
}

struct Found {
    Process postmaster;
    fs::path socket_folder;
};

/// The postmaster that a killed Parley left running.
std::optional<Found> find_left_running(const fs::path& cluster) {
    auto deadline = SteadyClock::now() + kTakeoverPatience;
    while (auto pid = recorded_postmaster(cluster)) {
        auto process = Process::find(*pid);
        if (!process) return std::nullopt;
        if (auto folder = socket_folder_of(*pid, cluster)) return Found{std::move(*process), *folder};
        if (!may_serve(*pid, cluster)) {
            // PostgreSQL would take any live process of its user for the one that wrote these, and not start.
            log::info("stale_postmaster_file_removed", {{"process", *pid}});
            fs::remove(pid_file(cluster));
            for (const auto& folder : {cluster, short_socket_folder(cluster)})
                fs::remove(folder / (std::string(kSocketName) + ".lock"));
            return std::nullopt;
        }
        if (SteadyClock::now() > deadline)
            throw std::runtime_error("PostgreSQL (process " + std::to_string(*pid) + ") already runs on " +
                                     cluster.string() + ", but not for Parley. Stop it (kill -INT " +
                                     std::to_string(*pid) + ") and start Parley again.");
        // It may have been started a moment ago, and not listen yet.
        process->ends_within(kPollEvery);
    }
    return std::nullopt;
}

// --- talking to it ---

struct CloseConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

struct Address {
    explicit Address(const fs::path& socket_folder)
        : folder(socket_folder.string()), values{folder.c_str(), kPort, kRole, "postgres", "10", "parley", nullptr} {}
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
           "?host=" + percent_encoded(socket_folder.string()) + "&port=" + kPort;
}

/// What Parley relies on, whatever the cluster's own files say.
std::vector<std::string> settings(const fs::path& socket_folder, bool durable) {
    std::string quoted;
    for (char each : socket_folder.string()) quoted += each == '"' ? std::string("\"\"") : std::string(1, each);
    auto on_disk = std::string(durable ? "on" : "off");
    return {"listen_addresses=", "port=" + std::string(kPort), "unix_socket_directories=\"" + quoted + "\"",
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
    postmaster.emplace(std::move(found->postmaster));
    if (wait_until_ready(*postmaster, socket_folder)) return true;
    postmaster.reset();
    return false;
}

void PrivateCluster::Running::launch(const ClusterFolder& folder, bool durable) {
    socket_folder = prepare_socket_folder(folder);
    auto deadline = SteadyClock::now() + kTakeoverPatience;
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
    if (access(pid_file(cluster).c_str(), R_OK) < 0 && errno == EACCES)
        throw std::runtime_error("The database in " + cluster.string() +
                                 " belongs to another user. Ask as that user or as root.");
    auto pid = recorded_postmaster(cluster);
    if (!pid) return std::nullopt;
    auto folder = socket_folder_of(*pid, cluster);
    if (!folder) return std::nullopt;
    return url(*folder, database);
}

}  // namespace parley::app

#include "app/cluster_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "app/private_cluster.hpp"
#include "base/log.hpp"

namespace parley::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnfinished = "postgres.new.";
constexpr std::uintmax_t kLargestLog = 10'000'000;
constexpr std::size_t kLastLines = 2000;
constexpr std::chrono::minutes kInitdbPatience{5};

/// Sized for a small machine. In the cluster's own file, so that who runs Parley can change them; what Parley relies on
/// is given on the command line instead, which wins.
constexpr std::string_view kSizing = R"(
# Written by Parley when it made this cluster; yours to change.
shared_buffers = 128MB
max_connections = 40
max_wal_size = 1GB
checkpoint_timeout = 15min
wal_level = minimal
max_wal_senders = 0
max_logical_replication_workers = 0
jit = off
log_checkpoints = off
)";

/// Root cannot run PostgreSQL, so it becomes the cluster's owner; another user must be the owner.
std::optional<SystemUser> user_for(const fs::path& cluster) {
    struct stat found{};
    bool exists = lstat(cluster.c_str(), &found) == 0;
    if (geteuid() != 0) {
        if (exists && found.st_uid != geteuid())
            throw std::runtime_error("The database in " + cluster.string() + " belongs to the user " +
                                     user_of(found.st_uid, found.st_gid).name +
                                     ". Run Parley as that user or as root, or choose another data directory.");
        return std::nullopt;
    }
    if (exists && found.st_uid != 0) return user_of(found.st_uid, found.st_gid);
    auto user = find_user("postgres");
    if (!user)
        throw std::runtime_error(
            "Parley runs as root, which PostgreSQL refuses, and there is no user `postgres` to run it as. Install "
            "PostgreSQL's package (Debian: apt install postgresql), run Parley as a plain user, or name an existing "
            "database in DATABASE_URL.");
    if (exists)
        throw std::runtime_error(
            "The database in " + cluster.string() +
            " belongs to root, which PostgreSQL refuses. Give it to its user: chown -R postgres: " + cluster.string());
    return user;
}

void sync(const fs::path& path) {
    auto file = FileDescriptor::open(path, O_RDONLY);
    if (fsync(file.get()) < 0) throw std::system_error(errno, std::generic_category(), "fsync " + path.string());
}

void append(const fs::path& path, std::string_view text) {
    auto file = FileDescriptor::open(path, O_WRONLY | O_APPEND | O_NOFOLLOW);
    if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::system_error(errno, std::generic_category(), "writing " + path.string());
}

void remove_unfinished(const fs::path& data_dir) {
    std::vector<fs::path> unfinished;
    for (const auto& entry : fs::directory_iterator(data_dir))
        if (entry.path().filename().string().starts_with(kUnfinished)) unfinished.push_back(entry.path());
    // An initdb that outlived its Parley may still be writing there: then the rest goes next time.
    std::error_code ignored;
    for (const auto& folder : unfinished) fs::remove_all(folder, ignored);
}

}  // namespace

ClusterLog::ClusterLog(fs::path file) : file_(std::move(file)) {
    std::error_code missing;
    auto size = fs::file_size(file_, missing);
    if (!missing && size > kLargestLog) fs::rename(file_, file_.string() + ".1");
    output_ = FileDescriptor::open(file_, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
    start_ = fs::file_size(file_);
}

std::string ClusterLog::last_lines() const {
    std::ifstream in(file_, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(start_));
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (text.size() > kLastLines) text.erase(0, text.find('\n', text.size() - kLastLines) + 1);
    return text;
}

ClusterFolder ClusterFolder::open(const fs::path& data_dir, const PrivateClusterOptions& options) {
    auto path = data_dir / "postgres";
    ClusterFolder cluster(path, user_for(path));
    auto version = cluster.version();
    cluster.binaries_ = find_postgres(version, options.binaries);
    if (!version) cluster.make(options.durable);
    return cluster;
}

std::optional<std::string> ClusterFolder::version() const {
    std::string version;
    if (std::ifstream(path_ / "PG_VERSION") >> version) return version;
    if (fs::exists(path_) && !fs::is_empty(path_))
        throw std::runtime_error(path_.string() + " is not empty, but holds no PostgreSQL cluster. Move it away.");
    return std::nullopt;
}

void ClusterFolder::make(bool durable) const {
    auto started = std::chrono::steady_clock::now();
    auto data_dir = path_.parent_path();
    remove_unfinished(data_dir);
    auto unfinished = (data_dir / (std::string(kUnfinished) + "XXXXXX")).string();
    if (!mkdtemp(unfinished.data()))
        throw std::runtime_error("Parley cannot write to its data directory " + data_dir.string() + " (" +
                                 std::generic_category().message(errno) + ").");
    try {
        initialize(unfinished, durable);
    } catch (...) {
        std::error_code ignored;
        fs::remove_all(unfinished, ignored);
        throw;
    }
    fs::rename(unfinished, path_);
    if (durable) sync(data_dir);
    auto took = std::chrono::steady_clock::now() - started;
    log::info("private_cluster_made", {{"postgres", binaries_.version},
                                       {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}});
}

void ClusterFolder::initialize(const fs::path& folder, bool durable) const {
    if (user_) {
        auto handle = FileDescriptor::open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        if (fchown(handle.get(), user_->uid, user_->gid) < 0)
            throw std::runtime_error("The folder " + folder.string() + " cannot be given to the user " + user_->name +
                                     " (" + std::generic_category().message(errno) +
                                     "). Choose a data directory on a local disk.");
    }
    ClusterLog log(log_file());
    std::vector<std::string> arguments{"--encoding=UTF8", "--locale=C.UTF-8",  "--username=parley",
                                       "--auth=trust",    "--no-instructions", "--data-checksums"};
    if (!durable) arguments.push_back("--no-sync");
    auto initdb = run("initdb", folder, arguments, log);
    if (!initdb.ends_within(kInitdbPatience)) {
        initdb.signal(SIGKILL);
        throw std::runtime_error("initdb did not finish within five minutes. Its output: " + log.file().string());
    }
    if (initdb.status() != 0)
        throw std::runtime_error("PostgreSQL could not make a database in " + path_.parent_path().string() + ":\n" +
                                 log.last_lines());
    append(folder / "postgresql.conf", kSizing);
    if (durable) sync(folder / "postgresql.conf");
}

Process ClusterFolder::run_postgres(const std::vector<std::string>& settings, const ClusterLog& log) const {
    std::vector<std::string> arguments;
    for (const auto& setting : settings) arguments.insert(arguments.end(), {"-c", setting});
    return run("postgres", path_, std::move(arguments), log);
}

Process ClusterFolder::run(const std::string& program, const fs::path& folder, std::vector<std::string> arguments,
                           const ClusterLog& log) const {
    Program started{.file = binaries_.folder / program,
                    .arguments = std::move(arguments),
                    .environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8"},
                    .user = user_,
                    .output = log.descriptor(),
                    .inherited = std::nullopt};
    auto handle = FileDescriptor::open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    auto name = folder.string();
    // Where the user cannot walk to the folder, it is handed over opened.
    if (user_ && !can_enter(folder, *user_)) {
        started.inherited = handle.get();
        name = "/proc/self/fd/" + std::to_string(Program::kInherited);
    }
    started.arguments.insert(started.arguments.begin(), {"-D", name});
    return Process::spawn(started);
}

}  // namespace parley::app

#include "app/private_cluster.hpp"

#include <grp.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/postmaster.hpp"
#include "app/process.hpp"

namespace parley::app {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A folder under /tmp that everybody may pass through, and that goes with everything in it, a PostgreSQL that a failed
/// test left running included.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = "/tmp/parley-test-XXXXXX";
        if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
        path_ = name;
        fs::permissions(path_, fs::perms(0755));
    }
    ~TemporaryFolder() {
        for (const auto& data_dir : {path_, path_ / "data"})
            if (auto left = find_left_running(data_dir / "postgres")) {
                left->process.signal(SIGQUIT);
                left->process.ends_within(10s);
            }
        fs::remove_all(path_);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

/// Puts a cluster into the data directory. Copied from one that is made once, which is quicker than another initdb.
void prepare(const fs::path& data_dir) {
    static const TemporaryFolder model;
    if (!fs::exists(model.path() / "postgres"))
        PrivateCluster::start({.data_dir = model.path(), .durable = false}).stop();
    auto copy = "cp -a " + (model.path() / "postgres").string() + " '" + data_dir.string() + "'";
    if (std::system(copy.c_str()) != 0) throw std::runtime_error(copy);
}

PrivateClusterOptions fast(const fs::path& data_dir) {
    return {.data_dir = data_dir, .durable = false};
}

using Session = std::unique_ptr<PGconn, decltype([](PGconn* connection) { PQfinish(connection); })>;

/// The first value of the answer, or the error.
std::string ask(const std::string& url, const std::string& sql) {
    auto* connection = PQconnectdb(url.c_str());
    auto* answer = PQexec(connection, sql.c_str());
    bool has_value = PQresultStatus(answer) == PGRES_TUPLES_OK && PQntuples(answer) > 0;
    std::string result = has_value ? PQgetvalue(answer, 0, 0) : PQerrorMessage(connection);
    PQclear(answer);
    PQfinish(connection);
    return result;
}

void remember(const PrivateCluster& cluster, const std::string& word) {
    auto error = ask(cluster.database_url(), "CREATE TABLE memory AS SELECT '" + word + "'::text AS word");
    if (!error.empty()) throw std::runtime_error(error);
}

std::string memory_of(const PrivateCluster& cluster) {
    return ask(cluster.database_url(), "SELECT word FROM memory");
}

/// What start throws; empty when it does not.
std::string refusal(const PrivateClusterOptions& options) {
    try {
        PrivateCluster::start(options);
        return "";
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

bool runs(pid_t pid) {
    auto process = Process::find(pid);
    return process && !process->ends_within(0ms);
}

pid_t fork_into(const std::function<void()>& action) {
    auto pid = fork();
    if (pid != 0) return pid;
    try {
        action();
        _exit(0);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        _exit(1);
    }
}

/// How the process ended, as waitpid tells.
int end_of(pid_t pid) {
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

void become(const SystemUser& user) {
    if (setgroups(0, nullptr) < 0 || setgid(user.gid) < 0 || setuid(user.uid) < 0) throw std::runtime_error("become");
}

/// A Parley that starts the cluster, keeps the word in it, and is killed.
void start_and_be_killed(const fs::path& data_dir, const std::string& word) {
    auto parley = fork_into([&] {
        auto cluster = PrivateCluster::start({.data_dir = data_dir});
        remember(cluster, word);
        raise(SIGKILL);
    });
    auto status = end_of(parley);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

pid_t postmaster_in(const fs::path& data_dir) {
    return recorded_postmaster(data_dir / "postgres").value_or(0);
}

/// Another process of the user who runs PostgreSQL.
class Stranger {
  public:
    Stranger() : process_(Process::spawn({"/bin/sleep", {"600"}, {}, postgres_user(), STDERR_FILENO, {}})) {}
    ~Stranger() {
        process_.signal(SIGKILL);
        process_.ends_within(10s);
    }
    Stranger(const Stranger&) = delete;
    Stranger& operator=(const Stranger&) = delete;

    pid_t pid() const { return process_.pid(); }

  private:
    static std::optional<SystemUser> postgres_user() { return geteuid() == 0 ? find_user("postgres") : std::nullopt; }
    Process process_;
};

/// As when the power goes: nothing gets a chance to clean up.
void kill_at_once(pid_t postmaster) {
    std::vector<pid_t> family{postmaster};
    auto id = std::to_string(postmaster);
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    family.insert(family.end(), std::istream_iterator<pid_t>(children), {});
    std::vector<Process> processes;
    for (auto pid : family)
        if (auto process = Process::find(pid)) processes.push_back(std::move(*process));
    for (auto& process : processes) process.signal(SIGKILL);
    for (auto& process : processes) EXPECT_TRUE(process.ends_within(10s));
}

std::string text_of(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(PrivateCluster, is_made_at_first_start_and_answers) {
    TemporaryFolder folder;
    auto cluster = PrivateCluster::start(fast(folder.path() / "data"));
    EXPECT_EQ(ask(cluster.database_url(), "SELECT current_database()"), "parley");
    EXPECT_EQ(ask(cluster.database_url(), "SHOW server_encoding"), "UTF8");
    EXPECT_EQ(ask(cluster.database_url(), "SHOW data_checksums"), "on");
    EXPECT_EQ(ask(cluster.database_url(), "SHOW listen_addresses"), "");
    EXPECT_EQ(ask(cluster.database_url(), "SHOW max_connections"), "40");
    EXPECT_EQ(ask(cluster.database_url(), "SHOW timezone"), "UTC");
    EXPECT_EQ(fs::status(folder.path() / "data/postgres").permissions(), fs::perms::owner_all);
}

TEST(PrivateCluster, is_durable_unless_told_otherwise) {
    TemporaryFolder folder;
    prepare(folder.path());
    auto cluster = PrivateCluster::start({.data_dir = folder.path()});
    for (const auto* setting : {"fsync", "synchronous_commit", "full_page_writes"})
        EXPECT_EQ(ask(cluster.database_url(), std::string("SHOW ") + setting), "on") << setting;
}

TEST(PrivateCluster, keeps_its_data_over_a_restart) {
    TemporaryFolder folder;
    prepare(folder.path());
    auto cluster = PrivateCluster::start(fast(folder.path()));
    remember(cluster, "heron");
    auto first = cluster.postmaster();
    cluster.stop();
    EXPECT_FALSE(runs(first));
    EXPECT_EQ(cluster.postmaster(), 0);
    cluster.stop();

    cluster = PrivateCluster::start(fast(folder.path()));
    EXPECT_EQ(memory_of(cluster), "heron");
}

TEST(PrivateCluster, stops_when_it_goes_away) {
    TemporaryFolder folder;
    prepare(folder.path());
    pid_t postmaster = 0;
    {
        auto cluster = PrivateCluster::start(fast(folder.path()));
        auto moved = std::move(cluster);
        postmaster = moved.postmaster();
        EXPECT_TRUE(runs(postmaster));
    }
    EXPECT_FALSE(runs(postmaster));
}

TEST(PrivateCluster, stops_with_sessions_open) {
    TemporaryFolder folder;
    prepare(folder.path());
    auto cluster = PrivateCluster::start(fast(folder.path()));
    Session session(PQconnectdb(cluster.database_url().c_str()));
    PQclear(PQexec(session.get(), "BEGIN"));
    auto postmaster = cluster.postmaster();
    auto started = std::chrono::steady_clock::now();
    cluster.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - started, 20s);
    EXPECT_FALSE(runs(postmaster));
}

TEST(PrivateCluster, refuses_a_second_owner_of_the_data_directory) {
    TemporaryFolder folder;
    prepare(folder.path());
    auto cluster = PrivateCluster::start(fast(folder.path()));
    auto message = refusal(fast(folder.path()));
    EXPECT_TRUE(message.starts_with("The data directory " + folder.path().string() +
                                    " is in use by another Parley (process " + std::to_string(getpid()) + ")."))
        << message;
    EXPECT_EQ(ask(cluster.database_url(), "SELECT 1"), "1");
}

TEST(PrivateCluster, takes_over_what_a_killed_parley_left_running) {
    TemporaryFolder folder;
    prepare(folder.path());
    start_and_be_killed(folder.path(), "egret");
    auto orphan = postmaster_in(folder.path());
    ASSERT_TRUE(runs(orphan));

    auto cluster = PrivateCluster::start(fast(folder.path()));
    EXPECT_EQ(cluster.postmaster(), orphan);
    EXPECT_EQ(memory_of(cluster), "egret");
    cluster.stop();
    EXPECT_FALSE(runs(orphan));
}

TEST(PrivateCluster, starts_again_when_parley_was_killed_while_stopping) {
    TemporaryFolder folder;
    prepare(folder.path());
    start_and_be_killed(folder.path(), "stork");
    kill(postmaster_in(folder.path()), SIGINT);
    auto cluster = PrivateCluster::start(fast(folder.path()));
    EXPECT_EQ(memory_of(cluster), "stork");
}

TEST(PrivateCluster, stops_at_once_when_postgres_was_killed_and_waits_for_its_busy_sessions_before_the_next_start) {
    TemporaryFolder folder;
    prepare(folder.path());
    auto cluster = PrivateCluster::start(fast(folder.path()));
    Session session(PQconnectdb(cluster.database_url().c_str()));
    PQsendQuery(session.get(), "SELECT count(*) FROM generate_series(1, 3000000)");
    kill(cluster.postmaster(), SIGKILL);
    auto started = std::chrono::steady_clock::now();
    cluster.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - started, 5s);
    cluster = PrivateCluster::start(fast(folder.path()));
    EXPECT_EQ(ask(cluster.database_url(), "SELECT 1"), "1");
}

TEST(PrivateCluster, recovers_after_a_crash_of_the_machine) {
    TemporaryFolder folder;
    prepare(folder.path());
    start_and_be_killed(folder.path(), "crane");
    auto crashed = postmaster_in(folder.path());
    kill_at_once(crashed);
    ASSERT_EQ(postmaster_in(folder.path()), crashed);

    auto cluster = PrivateCluster::start(fast(folder.path()));
    EXPECT_NE(cluster.postmaster(), crashed);
    EXPECT_EQ(memory_of(cluster), "crane");
}

TEST(PrivateCluster, is_not_misled_when_the_number_of_a_crashed_postgres_is_given_out_again) {
    TemporaryFolder folder;
    prepare(folder.path());
    start_and_be_killed(folder.path(), "ibis");
    kill_at_once(postmaster_in(folder.path()));

    Stranger stranger;
    for (const auto* name : {"postmaster.pid", ".s.PGSQL.5432.lock"}) {
        auto file = folder.path() / "postgres" / name;
        auto text = text_of(file);
        std::ofstream(file) << stranger.pid() << text.substr(text.find('\n'));
    }
    auto cluster = PrivateCluster::start(fast(folder.path()));
    EXPECT_EQ(memory_of(cluster), "ibis");
    cluster.stop();
    EXPECT_TRUE(runs(stranger.pid()));
}

TEST(PrivateCluster, leaves_the_original_alone_when_its_folder_was_copied) {
    TemporaryFolder folder;
    auto original = PrivateCluster::start(fast(folder.path() / "one"));
    fs::create_directory(folder.path() / "two");
    auto copy = "cp -a " + (folder.path() / "one/postgres").string() + " " + (folder.path() / "two").string();
    ASSERT_EQ(std::system(copy.c_str()), 0);
    auto cluster = PrivateCluster::start(fast(folder.path() / "two"));
    EXPECT_NE(cluster.postmaster(), original.postmaster());
    cluster.stop();
    EXPECT_EQ(ask(original.database_url(), "SELECT 1"), "1");
}

TEST(PrivateCluster, starts_anew_after_a_first_start_that_was_killed) {
    TemporaryFolder folder;
    auto unfinished = [&] {
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator(folder.path()))
            if (entry.path().filename().string().starts_with("postgres.new.")) found.push_back(entry.path());
        return found;
    };
    auto parley = fork_into([&] { PrivateCluster::start(fast(folder.path())); });
    while (unfinished().empty() || !fs::exists(unfinished().front() / "PG_VERSION")) ASSERT_TRUE(runs(parley));
    kill(parley, SIGKILL);
    end_of(parley);
    ASSERT_FALSE(fs::exists(folder.path() / "postgres"));

    auto cluster = PrivateCluster::start(fast(folder.path()));
    EXPECT_EQ(ask(cluster.database_url(), "SELECT 1"), "1");
}

TEST(PrivateCluster, works_for_a_plain_user) {
    auto nobody = find_user("nobody");
    if (geteuid() != 0 || !nobody) GTEST_SKIP() << "only root can become another user; the other tests ran as one";
    TemporaryFolder folder;
    ASSERT_EQ(chown(folder.path().c_str(), nobody->uid, nobody->gid), 0);
    auto parley = fork_into([&] {
        become(*nobody);
        auto cluster = PrivateCluster::start(fast(folder.path() / "data"));
        remember(cluster, "plover");
        cluster.stop();
    });
    EXPECT_EQ(end_of(parley), 0);

    // Root finds it, and leaves it to its owner.
    auto cluster = PrivateCluster::start(fast(folder.path() / "data"));
    EXPECT_EQ(memory_of(cluster), "plover");
    struct stat owner{};
    ASSERT_EQ(stat(("/proc/" + std::to_string(cluster.postmaster())).c_str(), &owner), 0);
    EXPECT_EQ(owner.st_uid, nobody->uid);
}

TEST(PrivateCluster, tells_a_plain_user_that_it_belongs_to_another) {
    auto nobody = find_user("nobody");
    if (geteuid() != 0 || !nobody) GTEST_SKIP() << "only root can become another user";
    TemporaryFolder folder;
    fs::create_directory(folder.path() / "postgres");
    ASSERT_EQ(chown((folder.path() / "postgres").c_str(), 12345, 12345), 0);
    ASSERT_EQ(chown(folder.path().c_str(), nobody->uid, nobody->gid), 0);
    auto parley = fork_into([&] {
        become(*nobody);
        auto message = refusal(fast(folder.path()));
        if (!message.contains("belongs to the user 12345")) throw std::runtime_error("said: " + message);
    });
    EXPECT_EQ(end_of(parley), 0);
}

TEST(PrivateCluster, works_below_a_folder_that_is_closed_to_its_user) {
    TemporaryFolder folder;
    fs::permissions(folder.path(), fs::perms::owner_all);
    start_and_be_killed(folder.path() / "data", "avocet");
    auto orphan = postmaster_in(folder.path() / "data");
    auto cluster = PrivateCluster::start(fast(folder.path() / "data"));
    EXPECT_EQ(cluster.postmaster(), orphan);
    EXPECT_EQ(memory_of(cluster), "avocet");
    cluster.stop();
    cluster = PrivateCluster::start(fast(folder.path() / "data"));
    EXPECT_EQ(memory_of(cluster), "avocet");
}

TEST(PrivateCluster, works_on_a_path_too_long_for_a_socket) {
    TemporaryFolder folder;
    auto data_dir = folder.path() / std::string(120, 'x');
    auto cluster = PrivateCluster::start(fast(data_dir));
    EXPECT_EQ(ask(cluster.database_url(), "SELECT 1"), "1");
    auto url = private_cluster_url(data_dir);
    EXPECT_EQ(url, cluster.database_url());
    auto at = cluster.database_url().find("/tmp/parley-");
    fs::path sockets = cluster.database_url().substr(at, std::string("/tmp/parley-0123456789abcdef").size());
    EXPECT_EQ(fs::status(sockets).permissions(), fs::perms::owner_all);
    cluster.stop();
    EXPECT_FALSE(fs::exists(sockets));
}

TEST(PrivateCluster, works_on_a_path_with_any_characters) {
    TemporaryFolder folder;
    for (const auto* name : {"a b\"d%20e&f=g\xc3\xa9", "a,b"}) {
        auto data_dir = folder.path() / name;
        fs::create_directory(data_dir);
        prepare(data_dir);
        auto cluster = PrivateCluster::start({.data_dir = data_dir, .database = "odd \"name\"?", .durable = false});
        EXPECT_EQ(ask(cluster.database_url(), "SELECT current_database()"), "odd \"name\"?") << name;
    }
}

TEST(PrivateCluster, tells_its_address_while_it_runs) {
    TemporaryFolder folder;
    prepare(folder.path());
    EXPECT_EQ(private_cluster_url(folder.path() / "none"), std::nullopt);
    auto cluster = PrivateCluster::start(fast(folder.path()));
    EXPECT_EQ(private_cluster_url(folder.path()), cluster.database_url());
    cluster.stop();
    EXPECT_EQ(private_cluster_url(folder.path()), std::nullopt);
}

TEST(PrivateCluster, leaves_a_folder_alone_that_holds_something_else) {
    TemporaryFolder folder;
    fs::create_directory(folder.path() / "postgres");
    std::ofstream(folder.path() / "postgres/letters.txt") << "dear";
    if (auto user = find_user("postgres"); user && geteuid() == 0)
        ASSERT_EQ(chown((folder.path() / "postgres").c_str(), user->uid, user->gid), 0);
    auto message = refusal(fast(folder.path()));
    EXPECT_TRUE(message.contains("holds no PostgreSQL cluster")) << message;
    EXPECT_EQ(text_of(folder.path() / "postgres/letters.txt"), "dear");
}

TEST(PrivateCluster, says_which_version_of_postgres_is_missing) {
    TemporaryFolder folder;
    prepare(folder.path());
    std::ofstream(folder.path() / "postgres/PG_VERSION") << "9\n";
    auto message = refusal(fast(folder.path()));
    EXPECT_TRUE(message.starts_with("PostgreSQL 9 is not installed (installed: ")) << message;
}

TEST(PrivateCluster, shows_why_postgres_did_not_start) {
    TemporaryFolder folder;
    prepare(folder.path());
    std::ofstream(folder.path() / "postgres/postgresql.conf", std::ios::app) << "no_such_setting = 1\n";
    auto message = refusal(fast(folder.path()));
    EXPECT_TRUE(message.contains("no_such_setting")) << message;
    EXPECT_TRUE(message.contains((folder.path() / "postgres.log").string())) << message;
}

TEST(PrivateCluster, keeps_what_people_wrote_out_of_its_log) {
    TemporaryFolder folder;
    prepare(folder.path());
    auto cluster = PrivateCluster::start(fast(folder.path()));
    EXPECT_NE(ask(cluster.database_url(), "SELECT 'dear customer'::int"), "");
    cluster.stop();
    auto log = text_of(folder.path() / "postgres.log");
    EXPECT_TRUE(log.contains("ready to accept connections")) << log;
    EXPECT_FALSE(log.contains("dear customer")) << log;
}

}  // namespace
}  // namespace parley::app

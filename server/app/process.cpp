#include "app/process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// glibc 2.36 forgot this in its header.
extern "C" {
#include <sys/pidfd.h>
}

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace parley::app {
namespace {

[[noreturn]] void throw_errno(int number, const std::string& doing) {
    throw std::system_error(number, std::generic_category(), doing);
}

SystemUser from_entry(const passwd& entry) {
    SystemUser user{entry.pw_name, entry.pw_uid, entry.pw_gid, {}};
    int count = 64;
    user.groups.resize(static_cast<std::size_t>(count));
    if (getgrouplist(entry.pw_name, entry.pw_gid, user.groups.data(), &count) < 0) {
        user.groups.resize(static_cast<std::size_t>(count));
        getgrouplist(entry.pw_name, entry.pw_gid, user.groups.data(), &count);
    }
    user.groups.resize(static_cast<std::size_t>(count));
    return user;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

/// What the child does between fork and exec. Only calls that are safe there, and no memory allocation: the parent may
/// have other threads.
class Child {
  public:
    Child(const Program& program, int nothing, int report)
        : program_(program),
          arguments_(program.arguments),
          environment_(program.environment),
          nothing_(nothing),
          report_(report) {
        arguments_.insert(arguments_.begin(), program.file.string());
        argv_ = pointers(arguments_);
        envp_ = pointers(environment_);
    }

    [[noreturn]] void run() {
        become_program();
        int reason = errno;
        [[maybe_unused]] auto written = ::write(report_, &reason, sizeof reason);
        _exit(127);
    }

  private:
    /// Returns only when it failed, with errno.
    void become_program() {
        if (setsid() < 0 || chdir("/") < 0) return;
        umask(077);
        for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        if (!move_descriptors()) return;
        if (program_.user && !drop_privileges(*program_.user)) return;
        execve(argv_.front(), argv_.data(), envp_.data());
    }

    bool move_descriptors() {
        // First out of the way of the numbers that are about to be given out.
        int output = fcntl(program_.output, F_DUPFD_CLOEXEC, 16);
        int inherited = program_.inherited ? fcntl(*program_.inherited, F_DUPFD_CLOEXEC, 16) : -1;
        report_ = fcntl(report_, F_DUPFD_CLOEXEC, 16);
        if (dup2(nothing_, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
            return false;
        if (program_.inherited && dup2(inherited, Program::kInherited) < 0) return false;
        unsigned int first_unused = program_.inherited ? Program::kInherited + 1 : Program::kInherited;
        // A kernel without it (before 5.11) leaves what was opened with O_CLOEXEC: all that Parley opens.
        close_range(first_unused, ~0U, CLOSE_RANGE_CLOEXEC);
        return true;
    }

    static bool drop_privileges(const SystemUser& user) {
        return setgroups(user.groups.size(), user.groups.data()) == 0 && setgid(user.gid) == 0 && setuid(user.uid) == 0;
    }

    const Program& program_;
    std::vector<std::string> arguments_;
    std::vector<std::string> environment_;
    std::vector<char*> argv_;
    std::vector<char*> envp_;
    int nothing_;
    int report_;
};

}  // namespace

FileDescriptor::~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
}

FileDescriptor FileDescriptor::open(const std::filesystem::path& path, int flags, mode_t mode) {
    FileDescriptor result{::open(path.c_str(), flags | O_CLOEXEC, mode)};
    if (!result) throw_errno(errno, path.string());
    return result;
}

std::optional<SystemUser> find_user(const std::string& name) {
    const auto* entry = getpwnam(name.c_str());
    if (!entry) return std::nullopt;
    return from_entry(*entry);
}

SystemUser user_of(uid_t uid, gid_t gid) {
    if (const auto* entry = getpwuid(uid)) return from_entry(*entry);
    return {std::to_string(uid), uid, gid, {gid}};
}

bool can_enter(const std::filesystem::path& path, const SystemUser& user) {
    std::filesystem::path folder;
    for (const auto& part : path) {
        folder /= part;
        struct stat found{};
        if (stat(folder.c_str(), &found) < 0) return false;
        bool in_group = found.st_gid == user.gid || std::ranges::find(user.groups, found.st_gid) != user.groups.end();
        auto needed = found.st_uid == user.uid ? S_IXUSR : in_group ? S_IXGRP : S_IXOTH;
        if (!(found.st_mode & needed)) return false;
    }
    return true;
}

Process Process::spawn(const Program& program) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) < 0) throw_errno(errno, "pipe");
    FileDescriptor report{ends[0]};
    FileDescriptor report_of_child{ends[1]};
    auto nothing = FileDescriptor::open("/dev/null", O_RDONLY);
    Child child(program, nothing.get(), report_of_child.get());

    auto pid = fork();
    if (pid < 0) throw_errno(errno, "fork");
    if (pid == 0) child.run();
    report_of_child = FileDescriptor();

    int reason = 0;
    ssize_t received = 0;
    do received = ::read(report.get(), &reason, sizeof reason);
    while (received < 0 && errno == EINTR);
    if (received > 0) {
        waitpid(pid, nullptr, 0);
        throw_errno(reason, "cannot run " + program.file.string());
    }
    FileDescriptor handle{pidfd_open(pid, 0)};
    if (!handle) {
        int cause = errno;
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
        throw_errno(cause, "pidfd_open (needs Linux 5.3)");
    }
    return {pid, std::move(handle)};
}

std::optional<Process> Process::find(pid_t pid) {
    FileDescriptor handle{pidfd_open(pid, 0)};
    if (!handle && (errno == ESRCH || errno == EINVAL)) return std::nullopt;
    if (!handle) throw_errno(errno, "pidfd_open (needs Linux 5.3)");
    return Process(pid, std::move(handle));
}

void Process::signal(int number) const {
    if (ended_) return;
    if (pidfd_send_signal(handle_.get(), number, nullptr, 0) < 0 && errno != ESRCH)
        throw_errno(errno, "signal to process " + std::to_string(pid_));
}

bool Process::ends_within(std::chrono::milliseconds time) {
    auto deadline = std::chrono::steady_clock::now() + time;
    while (!ended_) {
        auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
        pollfd waiting{handle_.get(), POLLIN, 0};
        auto ready = poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
        if (ready < 0 && errno != EINTR) throw_errno(errno, "poll");
        if (ready == 0) return false;
        if (ready < 0) continue;
        ended_ = true;
        waitpid(pid_, &status_, WNOHANG);
    }
    return true;
}

}  // namespace parley::app

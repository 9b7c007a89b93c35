// Programs of the operating system that Parley starts or takes over.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace parley::app {

/// Owns a file descriptor; closes it.
class FileDescriptor {
  public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd) : fd_(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~FileDescriptor();

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

    /// open(2) with O_CLOEXEC. Throws std::system_error that names the path.
    static FileDescriptor open(const std::filesystem::path& path, int flags, mode_t mode = 0);

  private:
    int fd_ = -1;
};

/// A user of the operating system, with what a process needs to become that user.
struct SystemUser {
    std::string name;
    uid_t uid;
    gid_t gid;
    std::vector<gid_t> groups;  ///< supplementary groups
};

/// Empty when the user does not exist.
std::optional<SystemUser> find_user(const std::string& name);
/// A uid without an entry in the user database is named by its number and has the group `gid`.
SystemUser user_of(uid_t uid, gid_t gid);
/// True when the mode bits let the user pass through every folder of the absolute path, the last one included.
bool can_enter(const std::filesystem::path& path, const SystemUser& user);

struct Program {
    std::filesystem::path file;
    std::vector<std::string> arguments;    ///< without the program's own name
    std::vector<std::string> environment;  ///< NAME=value; nothing is inherited
    std::optional<SystemUser> user;        ///< whom it runs as; only root may name one
    int output;                            ///< where standard output and standard error go
    std::optional<int> inherited;          ///< a descriptor of ours that it gets as kInherited
    static constexpr int kInherited = 3;
};

/// A process that is known by more than its number: the kernel's handle cannot come to mean another process.
class Process {
  public:
    /// Starts the program in a session of its own (Ctrl-C in a terminal does not reach it), in the folder /, with
    /// standard input empty and every other descriptor closed. Throws std::system_error when it cannot be executed.
    static Process spawn(const Program& program);
    /// Empty when there is no such process.
    static std::optional<Process> find(pid_t pid);

    pid_t pid() const { return pid_; }
    /// Does nothing when the process has ended.
    void signal(int number) const;
    /// True as soon as the process has ended, false when it has not within the time. A child is reaped.
    bool ends_within(std::chrono::milliseconds time);
    /// As waitpid's status, of a child that has ended; otherwise 0.
    int status() const { return status_; }

  private:
    Process(pid_t pid, FileDescriptor handle) : pid_(pid), handle_(std::move(handle)) {}

    pid_t pid_;
    FileDescriptor handle_;
    bool ended_ = false;
    int status_ = 0;
};

}  // namespace parley::app

// The files of the private cluster: made at first use, opened afterwards, and the programs of PostgreSQL run on them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/postgres_binaries.hpp"
#include "app/process.hpp"

namespace parley::app {

struct PrivateClusterOptions;

/// What PostgreSQL's programs say, in <data_dir>/postgres.log. A log of more than 10 MB is put aside as postgres.log.1.
class ClusterLog {
  public:
    explicit ClusterLog(std::filesystem::path file);
    int descriptor() const { return output_.get(); }
    const std::filesystem::path& file() const { return file_; }
    /// The last lines that were written since this object was made.
    std::string last_lines() const;

  private:
    std::filesystem::path file_;
    FileDescriptor output_;
    std::uintmax_t start_;
};

class ClusterFolder {
  public:
    /// <data_dir>/postgres, made when it is missing. The data directory is absolute, exists, and is locked by the
    /// caller. A kill at any moment leaves either no cluster or a whole one. Throws std::runtime_error with a message
    /// for people.
    static ClusterFolder open(const std::filesystem::path& data_dir, const PrivateClusterOptions& options);

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path log_file() const { return path_.parent_path() / "postgres.log"; }
    /// Whom its programs run as, when that is not the user of this process.
    const std::optional<SystemUser>& user() const { return user_; }
    /// False below a folder that is closed to that user, as /root is. Its programs work there all the same, but cannot
    /// name the folder.
    bool can_be_named() const { return !user_ || can_enter(path_, *user_); }
    /// Runs postgres on this folder with these settings ("name=value").
    Process run_postgres(const std::vector<std::string>& settings, const ClusterLog& log) const;

  private:
    ClusterFolder(std::filesystem::path path, std::optional<SystemUser> user)
        : path_(std::move(path)), user_(std::move(user)) {}
    std::optional<std::string> version() const;
    void make(bool durable) const;
    void initialize(const std::filesystem::path& folder, bool durable) const;
    Process run(const std::string& program, const std::filesystem::path& folder, std::vector<std::string> arguments,
                const ClusterLog& log) const;

    std::filesystem::path path_;
    std::optional<SystemUser> user_;
    PostgresBinaries binaries_;
};

}  // namespace parley::app

// Where the installed PostgreSQL is.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace parley::app {

struct PostgresBinaries {
    std::filesystem::path folder;  ///< holds initdb and postgres
    std::string version;           ///< the major version, as in a cluster's PG_VERSION: "15"
};

/// The programs of that major version or, without one, those of 15 (which Parley is tested with) or else of the highest
/// version. Looks in `folder` alone when it is not empty, otherwise where Debian, Red Hat and others put them. Throws
/// std::runtime_error with a message for people when there is none.
PostgresBinaries find_postgres(const std::optional<std::string>& version, const std::filesystem::path& folder = {});

}  // namespace parley::app

#include "app/postgres_binaries.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace parley::app {
namespace {

TEST(PostgresBinaries, are_found_where_they_are_installed) {
    auto found = find_postgres({});
    EXPECT_TRUE(std::filesystem::exists(found.folder / "initdb"));
    EXPECT_EQ(find_postgres(found.version).folder, found.folder);
}

TEST(PostgresBinaries, in_a_given_folder_tell_their_version) {
    auto found = find_postgres({});
    EXPECT_EQ(find_postgres({}, found.folder).version, found.version);
}

TEST(PostgresBinaries, of_another_version_are_not_used) {
    EXPECT_THROW(find_postgres("9"), std::runtime_error);
    EXPECT_THROW(find_postgres({}, "/nowhere"), std::runtime_error);
}

}  // namespace
}  // namespace parley::app

#include "base/temp_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>

namespace parley {
namespace {

namespace fs = std::filesystem;

class TempFileTest : public testing::Test {
  protected:
    TempFileTest() {
        std::string name = (fs::temp_directory_path() / "temp_file_test_XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    ~TempFileTest() override { fs::remove_all(folder_); }

    std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
    }

    fs::path folder_;
};

std::string content_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(TempFileTest, holds_what_is_written_and_is_gone_afterwards) {
    fs::path path;
    {
        TempFile file(folder_);
        path = file.path();
        file.write("one ");
        file.write("");
        file.write(std::string_view("t\0wo", 4));
        EXPECT_EQ(file.size(), 8U);
        EXPECT_EQ(content_of(path), std::string("one t\0wo", 8));
        EXPECT_TRUE(path.filename().string().starts_with(kTempFilePrefix));
        struct stat about{};
        ASSERT_EQ(::stat(path.c_str(), &about), 0);
        EXPECT_EQ(about.st_mode & 07777, 0600U);
    }
    EXPECT_FALSE(fs::exists(path));
    EXPECT_EQ(entries(), 0U);
}

TEST_F(TempFileTest, stays_where_it_is_kept) {
    auto target = folder_ / "kept";
    std::ofstream(target) << "before";
    {
        TempFile file(folder_);
        file.write("whole");
        file.keep_as(target);
        EXPECT_EQ(file.path(), target);
        EXPECT_THROW(file.write("more"), std::system_error);
    }
    EXPECT_EQ(content_of(target), "whole");
    EXPECT_EQ(entries(), 1U);
}

TEST_F(TempFileTest, is_gone_when_it_could_not_be_kept) {
    {
        TempFile file(folder_);
        EXPECT_THROW(file.keep_as(folder_ / "no such folder" / "kept"), std::system_error);
        EXPECT_TRUE(fs::exists(file.path()));
    }
    EXPECT_EQ(entries(), 0U);
}

TEST_F(TempFileTest, refuses_a_folder_that_is_not_there) {
    try {
        TempFile file(folder_ / "absent");
        FAIL() << "was created";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
        EXPECT_FALSE(is_disk_full(error.code()));
    }
}

TEST_F(TempFileTest, says_when_there_is_no_room) {
    auto before = std::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
    rlimit small{.rlim_cur = 100'000, .rlim_max = old.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    std::error_code reason;
    {
        TempFile file(folder_);
        try {
            file.write(std::string(100'001, 'x'));
        } catch (const std::system_error& error) {
            reason = error.code();
        }
        EXPECT_EQ(file.size(), 100'000U);
    }
    ::setrlimit(RLIMIT_FSIZE, &old);
    std::signal(SIGXFSZ, before);
    EXPECT_TRUE(is_disk_full(reason)) << reason.message();
    EXPECT_TRUE(is_disk_full(std::error_code(ENOSPC, std::system_category())));
    EXPECT_TRUE(is_disk_full(std::error_code(EDQUOT, std::system_category())));
    EXPECT_FALSE(is_disk_full(std::error_code(EIO, std::system_category())));
    EXPECT_EQ(entries(), 0U);
}

TEST_F(TempFileTest, removes_only_what_is_stale_and_its_own) {
    auto old_name = std::string(kTempFilePrefix) + "0123";
    for (const auto& name : {old_name, std::string("other")}) {
        std::ofstream(folder_ / name) << "left over";
        fs::last_write_time(folder_ / name, fs::file_time_type::clock::now() - std::chrono::hours(2));
    }
    TempFile fresh(folder_);
    EXPECT_EQ(remove_stale(folder_, std::chrono::hours(3)), 0U);
    EXPECT_EQ(remove_stale(folder_, std::chrono::hours(1)), 1U);
    EXPECT_FALSE(fs::exists(folder_ / old_name));
    EXPECT_TRUE(fs::exists(folder_ / "other"));
    EXPECT_TRUE(fs::exists(fresh.path()));
    EXPECT_EQ(remove_stale(folder_ / "absent", std::chrono::hours(1)), 0U);
}

}  // namespace
}  // namespace parley

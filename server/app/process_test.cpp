#include "app/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <system_error>

namespace parley::app {
namespace {

using namespace std::chrono_literals;

/// What a shell command prints, run as a Program.
std::string output_of(const std::string& command, std::optional<int> inherited = {}) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) < 0) return "pipe";
    FileDescriptor in{ends[0]};
    FileDescriptor out{ends[1]};
    auto process = Process::spawn({"/bin/sh", {"-c", command}, {"COLOUR=red"}, {}, out.get(), inherited});
    EXPECT_TRUE(process.ends_within(10s));
    std::array<char, 1024> text{};
    auto size = read(in.get(), text.data(), text.size());
    return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

TEST(Process, gets_its_own_environment_folder_and_session) {
    EXPECT_EQ(output_of("echo $COLOUR $HOME; pwd; read x || echo empty"), "red\n/\nempty\n");
    EXPECT_EQ(output_of("cut -d' ' -f6 /proc/self/stat; echo $$ >&2").find(std::to_string(getsid(0)) + "\n"),
              std::string::npos);
}

TEST(Process, inherits_no_descriptor_but_the_one_it_is_given) {
    FileDescriptor leaking{open("/dev/zero", O_RDONLY)};
    auto given = FileDescriptor::open("/dev/full", O_RDONLY);
    EXPECT_FALSE(output_of("readlink /proc/$$/fd/*").contains("/dev/zero"));
    auto links = output_of("readlink /proc/$$/fd/*", given.get());
    EXPECT_TRUE(links.contains("/dev/full")) << links;
    EXPECT_FALSE(links.contains("/dev/zero")) << links;
}

TEST(Process, tells_why_a_program_cannot_run) {
    try {
        Process::spawn({"/no/such/program", {}, {}, {}, STDERR_FILENO, {}});
        FAIL();
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
        EXPECT_TRUE(std::string(error.what()).contains("/no/such/program"));
    }
}

TEST(Process, ends_with_its_status) {
    auto process = Process::spawn({"/bin/sh", {"-c", "exit 7"}, {}, {}, STDERR_FILENO, {}});
    EXPECT_TRUE(process.ends_within(10s));
    EXPECT_EQ(WEXITSTATUS(process.status()), 7);
    process.signal(SIGTERM);
    EXPECT_FALSE(Process::find(process.pid()));
}

TEST(Process, is_waited_for_no_longer_than_asked) {
    auto process = Process::spawn({"/bin/sleep", {"60"}, {}, {}, STDERR_FILENO, {}});
    EXPECT_FALSE(process.ends_within(1ms));
    process.signal(SIGTERM);
    EXPECT_TRUE(process.ends_within(10s));
    EXPECT_EQ(WTERMSIG(process.status()), SIGTERM);
}

TEST(SystemUser, is_found_by_name_with_its_groups) {
    auto root = find_user("root");
    ASSERT_TRUE(root);
    EXPECT_EQ(root->uid, 0u);
    EXPECT_FALSE(root->groups.empty());
    EXPECT_FALSE(find_user("no-such-user"));
    EXPECT_TRUE(can_enter("/usr/lib", user_of(12345, 12345)));
    EXPECT_FALSE(can_enter("/no/such/folder", *root));
}

}  // namespace
}  // namespace parley::app

#include "http/file_range.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::http {
namespace {

constexpr std::string_view kTag = "\"abc\"";
const TimePoint kModified = from_unix_seconds(784'111'777) + std::chrono::milliseconds(250);
constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

FileRange ask(std::vector<Header> headers, std::uint64_t size = 100, Method method = Method::get) {
    Request request;
    request.method = method;
    request.headers = std::move(headers);
    return file_range(request, size, kTag, kModified);
}

std::string content_range(const FileRange& range) {
    for (const auto& field : range.headers)
        if (field.name == "Content-Range") return field.value;
    return {};
}

struct Case {
    std::string_view range;
    unsigned status;
    std::uint64_t offset;
    std::uint64_t length;
    std::string_view content_range;
};

TEST(FileRange, takes_one_range_of_bytes) {
    for (const auto& given : std::vector<Case>{
             {"bytes=0-0", 206, 0, 1, "bytes 0-0/100"},
             {"bytes=0-99", 206, 0, 100, "bytes 0-99/100"},
             {"bytes=10-19", 206, 10, 10, "bytes 10-19/100"},
             {"bytes=90-", 206, 90, 10, "bytes 90-99/100"},
             {"bytes=0-", 206, 0, 100, "bytes 0-99/100"},
             {"bytes=90-1000", 206, 90, 10, "bytes 90-99/100"},
             {"bytes=90-99999999999999999999999", 206, 90, 10, "bytes 90-99/100"},
             {"bytes=-5", 206, 95, 5, "bytes 95-99/100"},
             {"bytes=-1000", 206, 0, 100, "bytes 0-99/100"},
             {"BYTES= 1-2 ", 206, 1, 2, "bytes 1-2/100"},
             {"bytes=100-", 416, 0, 0, "bytes */100"},
             {"bytes=100-200", 416, 0, 0, "bytes */100"},
             {"bytes=99999999999999999999999-", 416, 0, 0, "bytes */100"},
             {"bytes=-0", 416, 0, 0, "bytes */100"},
         }) {
        auto range = ask({{"range", std::string(given.range)}});
        EXPECT_EQ(range.status, given.status) << given.range;
        EXPECT_EQ(range.offset, given.offset) << given.range;
        EXPECT_EQ(range.length, given.length) << given.range;
        EXPECT_EQ(content_range(range), given.content_range) << given.range;
    }
}

TEST(FileRange, gives_the_whole_for_all_else) {
    for (std::string_view text :
         {"", "bytes", "bytes=", "bytes=-", "bytes=5", "bytes=20-10", "bytes=a-b", "bytes=1-b", "bytes=-1-2",
          "bytes=0-1,5-6", "bytes=0-1,", "bytes=+1-2", "bytes=0x1-2", "bytes=1 - 2", "items=0-1", "bytes 0-1"}) {
        auto range = ask({{"Range", std::string(text)}});
        EXPECT_EQ(range.status, 200U) << text;
        EXPECT_EQ(range.offset, 0U) << text;
        EXPECT_EQ(range.length, 100U) << text;
        EXPECT_EQ(content_range(range), "") << text;
    }
    EXPECT_EQ(ask({{"Range", "bytes=0-1"}, {"Range", "bytes=2-3"}}).status, 200U);
    auto head = ask({{"Range", "bytes=0-1"}}, 100, Method::head);
    EXPECT_EQ(head.status, 200U);
    EXPECT_EQ(head.length, 100U);
}

TEST(FileRange, knows_an_empty_file) {
    EXPECT_EQ(ask({}, 0).status, 200U);
    EXPECT_EQ(ask({{"Range", "bytes=0-"}}, 0).status, 416U);
    EXPECT_EQ(ask({{"Range", "bytes=-5"}}, 0).status, 200U);
    EXPECT_EQ(ask({{"Range", "bytes=-0"}}, 0).status, 416U);
}

TEST(FileRange, gives_a_part_of_the_same_version_only) {
    auto status = [](std::string_view if_range) {
        return ask({{"Range", "bytes=0-1"}, {"If-Range", std::string(if_range)}}).status;
    };
    EXPECT_EQ(status(kTag), 206U);
    EXPECT_EQ(status(kDate), 206U);
    EXPECT_EQ(status("W/\"abc\""), 200U);
    EXPECT_EQ(status("\"other\""), 200U);
    EXPECT_EQ(status("Sun, 06 Nov 1994 08:49:38 GMT"), 200U);
    EXPECT_EQ(status("abc"), 200U);
}

TEST(FileRange, answers_304_to_who_has_it) {
    auto status = [](std::string_view tags) {
        return ask({{"Range", "bytes=0-1"}, {"If-None-Match", std::string(tags)}}).status;
    };
    EXPECT_EQ(status(kTag), 304U);
    EXPECT_EQ(status("W/\"abc\""), 304U);
    EXPECT_EQ(status("\"x\", W/\"y\" ,\"abc\""), 304U);
    EXPECT_EQ(status("*"), 304U);
    EXPECT_EQ(status("\"x\""), 206U);
    EXPECT_EQ(status("abc"), 206U);
    EXPECT_EQ(ask({{"If-None-Match", std::string(kTag)}}).length, 0U);
}

TEST(FileRange, names_its_validators) {
    auto range = ask({});
    ASSERT_EQ(range.headers.size(), 3U);
    EXPECT_EQ(range.headers[0].name + ": " + range.headers[0].value, "ETag: \"abc\"");
    EXPECT_EQ(range.headers[1].name + ": " + range.headers[1].value, "Last-Modified: " + std::string(kDate));
    EXPECT_EQ(range.headers[2].name + ": " + range.headers[2].value, "Accept-Ranges: bytes");
}

}  // namespace
}  // namespace parley::http

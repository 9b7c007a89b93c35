#include "http/static_files.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace parley::http {
namespace {

constexpr StaticFile kScript{"/assets/a-1.js", "text/javascript; charset=utf-8", "\"1\"", true, "plain", "br", "gz"};
constexpr StaticFile kPage{"/", "text/html; charset=utf-8", "\"2\"", false, "page", "", ""};

Response ask(const StaticFile& file, std::vector<Header> headers) {
    Request request;
    request.headers = std::move(headers);
    return file_response(request, file);
}

std::string header(const Response& response, std::string_view name) {
    auto found = std::ranges::find(response.headers, name, &Header::name);
    return found == response.headers.end() ? "" : found->value;
}

TEST(StaticFiles, are_found_by_their_whole_path) {
    const StaticFile files[] = {kScript, kPage};
    EXPECT_EQ(find_file(files, "/assets/a-1.js"), &files[0]);
    EXPECT_EQ(find_file(files, "/assets/a"), nullptr);
    EXPECT_EQ(find_file(files, "/assets/../"), nullptr);
}

TEST(StaticFiles, come_in_the_best_coding_that_the_client_takes) {
    struct Case {
        const char* accept;
        const char* body;
        const char* coding;
    };
    for (auto [accept, body, coding] :
         {Case{"gzip, deflate, br", "br", "br"}, Case{"gzip", "gz", "gzip"}, Case{"", "plain", ""},
          Case{"identity", "plain", ""}, Case{"br;q=0, gzip;q=0.5", "gz", "gzip"}, Case{"BR;q=1.0", "br", "br"},
          Case{"br;q=0.000", "plain", ""}, Case{"brotli", "plain", ""}}) {
        auto response = ask(kScript, {{"Accept-Encoding", accept}});
        EXPECT_EQ(response.body, body) << accept;
        EXPECT_EQ(header(response, "Content-Encoding"), coding) << accept;
        EXPECT_EQ(header(response, "Vary"), "Accept-Encoding");
    }
    EXPECT_EQ(ask(kPage, {{"Accept-Encoding", "br"}}).body, "page");
}

TEST(StaticFiles, may_be_kept_for_ever_when_their_name_says_their_content) {
    EXPECT_EQ(header(ask(kScript, {}), "Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(header(ask(kPage, {}), "Cache-Control"), "no-cache");
}

TEST(StaticFiles, are_not_sent_again_when_the_client_has_them) {
    for (const char* tags : {"\"2\"", "W/\"2\"", "\"1\", \"2\"", "*"}) {
        auto response = ask(kPage, {{"If-None-Match", tags}});
        EXPECT_EQ(response.status, 304u) << tags;
        EXPECT_EQ(response.body, "");
    }
    EXPECT_EQ(ask(kPage, {{"If-None-Match", "\"1\""}}).status, 200u);
}

}  // namespace
}  // namespace parley::http

#include "domain/media_kinds.hpp"

#include <gtest/gtest.h>

namespace parley {
namespace {

TEST(MimeEssence, LeavesParametersAndCaseBehind) {
    EXPECT_EQ(mime_essence("Audio/OGG; codecs=opus"), "audio/ogg");
    EXPECT_EQ(mime_essence(" image/png "), "image/png");
    EXPECT_EQ(mime_essence(""), "");
}

TEST(SettledMediaType, BelievesTheBytes) {
    EXPECT_EQ(settled_media_type("text/html", "image/png"), "text/html");
    EXPECT_EQ(settled_media_type("image/jpeg", "image/png"), "image/jpeg");
    EXPECT_EQ(settled_media_type("audio/x-m4a", ""), "audio/mp4");
    EXPECT_EQ(settled_media_type("", "image/png"), "application/octet-stream");
}

TEST(SettledMediaType, AsksTheSenderWhereBytesCannotTell) {
    EXPECT_EQ(settled_media_type("video/mp4", "audio/mp4"), "audio/mp4");
    EXPECT_EQ(settled_media_type("video/webm", "audio/ogg"), "video/webm");
    constexpr auto kSheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    EXPECT_EQ(settled_media_type("application/zip", kSheet), kSheet);
    EXPECT_EQ(settled_media_type("application/zip", "image/png"), "application/zip");
    EXPECT_EQ(settled_media_type("text/html", "application/msword"), "text/html");
}

TEST(CheckMedia, NamesTheLimit) {
    constexpr std::int64_t kMegabyte = 1024 * 1024;
    EXPECT_TRUE(check_media("image", "image/jpeg", 5 * kMegabyte));
    auto large = check_media("image", "image/jpeg", 5 * kMegabyte + 1);
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().code, Errc::too_large);
    EXPECT_EQ(large.error().detail, "WhatsApp takes image files of at most 5 MB; this one has 5.1 MB.");
    EXPECT_EQ(check_media("video", "video/mp4", 16 * kMegabyte + 1).error().code, Errc::too_large);
    EXPECT_EQ(check_media("sticker", "image/webp", 501 * 1024).error().code, Errc::too_large);
    EXPECT_EQ(check_media("document", "application/pdf", 100 * kMegabyte + 1).error().code, Errc::too_large);
}

TEST(CheckMedia, NamesTheTypes) {
    auto wrong = check_media("audio", "video/webm", 1);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, Errc::unsupported_type);
    EXPECT_EQ(check_media("image", "image/webp", 1).error().code, Errc::unsupported_type);
    EXPECT_TRUE(check_media("document", "image/webp", 1));
    EXPECT_EQ(check_media("picture", "image/png", 1).error().member, "kind");
    EXPECT_EQ(check_media("image", "image/png", 0).error().code, Errc::invalid_argument);
}

TEST(ShowsInline, OnlyWhatCannotRunAndIsWhatItSaid) {
    EXPECT_TRUE(shows_inline("image/png", "image/jpeg"));
    EXPECT_TRUE(shows_inline("audio/ogg", "audio/ogg; codecs=opus"));
    EXPECT_TRUE(shows_inline("image/gif", ""));
    EXPECT_FALSE(shows_inline("text/html", "image/png"));
    EXPECT_FALSE(shows_inline("image/svg+xml", "image/svg+xml"));
    EXPECT_FALSE(shows_inline("application/pdf", "application/pdf"));
    EXPECT_FALSE(shows_inline("video/mp4", "image/png"));
}

}  // namespace
}  // namespace parley

#include "media/file_store.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <cstdlib>
#include <fstream>

#include "base/crypto.hpp"

namespace parley::media {
namespace {

class Files : public ::testing::Test {
  protected:
    Files() : folder(std::filesystem::temp_directory_path() / ("parley-files-" + random_uuid())), files(folder) {}
    ~Files() override { std::filesystem::remove_all(folder); }

    template <class T>
    T run(awaitable<T> work) {
        std::optional<T> result;
        std::exception_ptr failure;
        asio::co_spawn(io, std::move(work), [&](std::exception_ptr error, T value) {
            failure = error;
            if (!error) result.emplace(std::move(value));
        });
        io.restart();
        io.run();
        if (failure) std::rethrow_exception(failure);
        return std::move(*result);
    }
    StoredFile keep(std::string_view bytes) {
        auto file = std::make_shared<TempFile>(folder);
        file->write(bytes);
        return run(files.keep(std::move(file)));
    }
    std::size_t names() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
    }

    asio::io_context io;
    std::filesystem::path folder;
    FileStore files;
};

TEST_F(Files, KeepsBytesUnderTheirHashOnce) {
    auto first = keep("%PDF-1.4 and so on");
    auto second = keep("%PDF-1.4 and so on");
    EXPECT_EQ(first.sha256, to_hex(as_text(sha256("%PDF-1.4 and so on"))));
    EXPECT_EQ(first.sha256, second.sha256);
    EXPECT_EQ(first.sniffed, "application/pdf");
    EXPECT_EQ(first.size, 18);
    EXPECT_EQ(names(), 1U);
    auto path = run(files.locate(first.sha256));
    ASSERT_TRUE(path);
    std::ifstream in(*path);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "%PDF-1.4 and so on");
}

TEST_F(Files, SaysWhatIsNotThere) {
    EXPECT_FALSE(run(files.locate(std::string(64, 'a'))));
}

TEST_F(Files, LeavesNothingOfAFileThatWasNotFinished) {
    {
        TempFile file(folder);
        file.write("half of");
    }
    EXPECT_EQ(names(), 0U);
}

TEST_F(Files, LooksIntoTheBytes) {
    EXPECT_EQ(keep("<html><script>alert(1)</script></html>").sniffed, "text/html");
    EXPECT_EQ(keep(std::string_view("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0", 30)).sniffed,
              "image/png");
    EXPECT_EQ(keep("").size, 0);
}

}  // namespace
}  // namespace parley::media

// For tests of bodies in files: a folder of their own, how much memory is in use, and the waiting for a condition.
#pragma once

#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/async.hpp"

namespace parley::http {

/// A new folder in the system's temporary one, gone with this.
class TestFolder {
  public:
    TestFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "http_test_XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TestFolder() { std::filesystem::remove_all(path_); }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::size_t entries() const {
        namespace fs = std::filesystem;
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
    }
    std::filesystem::path add(const std::string& name, std::string_view content) const {
        std::ofstream(path_ / name, std::ios::binary) << content;
        return path_ / name;
    }
    /// A file of `size` bytes which takes no room on the disk.
    std::filesystem::path add_sparse(const std::string& name, std::uintmax_t size) const {
        auto path = add(name, "");
        std::filesystem::resize_file(path, size);
        return path;
    }

  private:
    std::filesystem::path path_;
};

inline std::string content_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// No two places of it look alike, so that a piece out of place is noticed.
inline std::string varied(std::size_t size) {
    std::string text(size, '\0');
    std::uint32_t state = 1;
    for (auto& c : text) {
        state = state * 1664525 + 1013904223;
        c = static_cast<char>(state >> 24);
    }
    return text;
}

/// Bytes of this process that are in memory now.
inline std::size_t resident_bytes() {
    std::ifstream in("/proc/self/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    in >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Waits until `condition` holds; false when it does not within 10 s.
template <class Condition>
awaitable<bool> until(Executor executor, Condition condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) co_await sleep_for(executor, std::chrono::milliseconds(10));
    co_return condition();
}

inline awaitable<TcpSocket> connect_to(Executor executor, std::uint16_t port, int receive_buffer = 0) {
    TcpSocket socket(executor);
    asio::ip::tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), port);
    socket.open(endpoint.protocol());
    if (receive_buffer > 0) socket.set_option(asio::socket_base::receive_buffer_size(receive_buffer));
    co_await socket.async_connect(endpoint, use_awaitable);
    co_return socket;
}

/// Writes `size` bytes from one small buffer.
inline awaitable<void> send_bytes(TcpSocket& socket, std::size_t size) {
    const std::vector<char> piece(64 * 1024, 'b');
    while (size > 0) {
        auto part = std::min(size, piece.size());
        co_await asio::async_write(socket, asio::buffer(piece.data(), part), use_awaitable);
        size -= part;
    }
}

/// Reads until `size` bytes came or the peer closed, and keeps none; returns how many came.
inline awaitable<std::size_t> skip_bytes(TcpSocket& socket, std::size_t size) {
    std::vector<char> piece(64 * 1024);
    std::size_t received = 0;
    boost::system::error_code error;
    while (received < size && !error) {
        auto part = std::min(size - received, piece.size());
        received += co_await socket.async_read_some(asio::buffer(piece.data(), part),
                                                    asio::redirect_error(use_awaitable, error));
    }
    co_return received;
}

}  // namespace parley::http

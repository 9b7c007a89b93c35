#include "media/file_store.hpp"

#include <openssl/evp.h>

#include <fstream>
#include <system_error>
#include <vector>

#include "base/blocking.hpp"
#include "base/crypto.hpp"
#include "media/sniff.hpp"

namespace parley::media {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPiece = 256 * 1024;

std::string hash_of(const std::filesystem::path& path) {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::system_error(errno, std::generic_category(), "reading a file");
    std::vector<char> piece(kPiece);
    EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
    while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0)
        EVP_DigestUpdate(context.get(), piece.data(), static_cast<std::size_t>(file.gcount()));
    if (file.bad()) throw std::system_error(errno, std::generic_category(), "reading a file");
    Sha256 hash;
    EVP_DigestFinal_ex(context.get(), hash.data(), nullptr);
    return to_hex(as_text(hash));
}

}  // namespace

FileStore::FileStore(std::filesystem::path folder, std::unique_ptr<Bucket> bucket)
    : folder_(std::move(folder)), bucket_(std::move(bucket)) {
    std::filesystem::create_directories(folder_);
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
    // Other processes of this folder may be writing theirs.
    remove_stale(folder_, 24h);
}

FileStore::~FileStore() {
    threads_.join();
}

std::filesystem::path FileStore::path_of(const std::string& sha256) const {
    return folder_ / sha256;
}

awaitable<StoredFile> FileStore::keep(std::shared_ptr<TempFile> file) {
    auto work = [this, file = std::move(file)] {
        StoredFile stored;
        stored.sha256 = hash_of(file->path());
        stored.sniffed = sniff(file->path());
        stored.size = static_cast<std::int64_t>(file->size());
        // The same bytes may be there already; putting them there once more changes nothing.
        file->keep_as(path_of(stored.sha256));
        return stored;
    };
    auto stored = co_await run_blocking(threads_, std::move(work));
    if (bucket_) co_await bucket_->put(stored.sha256, path_of(stored.sha256));
    co_return stored;
}

awaitable<std::optional<std::filesystem::path>> FileStore::locate(std::string sha256) {
    auto path = path_of(sha256);
    std::error_code ignored;
    if (std::filesystem::is_regular_file(path, ignored)) {
        // Its time tells when it was used last.
        if (bucket_) std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now(), ignored);
        co_return path;
    }
    if (!bucket_) co_return std::nullopt;
    auto file = std::make_shared<TempFile>(folder_);
    bool found = co_await bucket_->get(sha256, [file](std::string_view bytes) { file->write(bytes); });
    if (!found) co_return std::nullopt;
    auto work = [file, path] {
        file->keep_as(path);
        return true;
    };
    co_await run_blocking(threads_, std::move(work));
    co_return path;
}

awaitable<void> FileStore::forget_local_copies() {
    if (!bucket_) co_return;
    auto work = [folder = folder_] {
        auto oldest = std::filesystem::file_time_type::clock::now() - kLocalCopies;
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            if (entry.last_write_time(ignored) < oldest) std::filesystem::remove(entry.path(), ignored);
        return true;
    };
    co_await run_blocking(threads_, std::move(work));
}

}  // namespace parley::media

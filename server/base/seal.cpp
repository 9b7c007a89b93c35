#include "base/seal.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

#include "base/crypto.hpp"

namespace parley {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKey = 32;
constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;
constexpr std::string_view kVersion = "1.";

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
int size_of(std::string_view text) {
    return static_cast<int>(text.size());
}

void require(bool done) {
    if (!done) throw std::runtime_error("AES-256-GCM failed");
}

Cipher make_cipher() {
    Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    require(cipher != nullptr);
    return cipher;
}

/// Written whole under another name and then linked: nobody ever reads half a key, and of two processes that make one
/// at the same time one wins.
void make_file(const fs::path& file) {
    if (file.has_parent_path()) fs::create_directories(file.parent_path());
    auto key = random_bytes(kKey);
    auto draft = file.string() + "." + random_uuid();
    int descriptor = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) throw std::runtime_error(file.string() + " cannot be made: " + std::strerror(errno));
    bool written = write(descriptor, key.data(), kKey) == static_cast<ssize_t>(kKey) && fsync(descriptor) == 0;
    ::close(descriptor);
    int linked = written ? link(draft.c_str(), file.c_str()) : -1;
    auto why = errno;
    unlink(draft.c_str());
    if (linked != 0 && why != EEXIST)
        throw std::runtime_error(file.string() + " cannot be written: " + std::strerror(why));
}

}  // namespace

Seal::Seal(fs::path file, std::string_view key) : file_(std::move(file)) {
    if (key.empty()) return;
    auto bytes = from_hex(key);
    if (!bytes || bytes->size() != kKey) throw std::invalid_argument("the seal key must be 64 hexadecimal digits");
    key_ = std::move(*bytes);
}

std::expected<void, std::string> Seal::read_key() {
    if (!key_.empty()) return {};
    std::ifstream in(file_, std::ios::binary);
    if (!in) return std::unexpected("The key " + file_.string() + " is missing or cannot be read.");
    std::string key{std::istreambuf_iterator<char>(in), {}};
    if (key.size() != kKey) return std::unexpected(file_.string() + " does not hold the 32 bytes of a key.");
    key_ = std::move(key);
    return {};
}

std::string Seal::close(std::string_view secret, std::string_view place) {
    if (key_.empty() && !fs::exists(file_)) make_file(file_);
    if (auto read = read_key(); !read) throw std::runtime_error(read.error());
    auto nonce = random_bytes(kNonce);
    std::string hidden(secret.size(), '\0'), tag(kTag, '\0');
    auto cipher = make_cipher();
    int size = 0;
    require(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_), bytes_of(nonce)) == 1);
    require(EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(place), size_of(place)) == 1);
    require(EVP_EncryptUpdate(cipher.get(), bytes_of(hidden), &size, bytes_of(secret), size_of(secret)) == 1);
    require(EVP_EncryptFinal_ex(cipher.get(), bytes_of(tag), &size) == 1);
    require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTag, bytes_of(tag)) == 1);
    return std::string(kVersion) + to_base64url(nonce + hidden + tag);
}

std::expected<std::string, std::string> Seal::open(std::string_view sealed, std::string_view place) {
    if (auto read = read_key(); !read) return std::unexpected(read.error());
    auto bytes = sealed.starts_with(kVersion) ? from_base64url(sealed.substr(kVersion.size())) : std::nullopt;
    if (!bytes || bytes->size() < kNonce + kTag)
        return std::unexpected("The value was not sealed by this version of Parley.");
    auto nonce = bytes->substr(0, kNonce);
    auto hidden = bytes->substr(kNonce, bytes->size() - kNonce - kTag);
    auto tag = bytes->substr(bytes->size() - kTag);
    std::string secret(hidden.size(), '\0');
    auto cipher = make_cipher();
    int size = 0;
    require(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_), bytes_of(nonce)) == 1);
    require(EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(place), size_of(place)) == 1);
    require(EVP_DecryptUpdate(cipher.get(), bytes_of(secret), &size, bytes_of(hidden), size_of(hidden)) == 1);
    require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag, bytes_of(tag)) == 1);
    std::string rest(kTag, '\0');
    if (EVP_DecryptFinal_ex(cipher.get(), bytes_of(rest), &size) != 1)
        return std::unexpected("The value cannot be opened with this seal key: it was sealed with another one.");
    return secret;
}

}  // namespace parley

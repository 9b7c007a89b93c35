#include "auth/signing.hpp"

#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "base/crypto.hpp"
#include "base/json.hpp"

namespace parley::auth {
namespace {

namespace fs = std::filesystem;

constexpr int kHalf = 32;  ///< bytes of r, s, x and y on P-256
constexpr std::size_t kMinSecret = 32;

using KeyPair = std::shared_ptr<EVP_PKEY>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

[[noreturn]] void fail(const fs::path& file, const std::string& why) {
    throw std::runtime_error(file.string() + " " + why);
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string private_pem(const KeyPair& key) {
    Memory memory(BIO_new(BIO_s_mem()), &BIO_free);
    if (!memory || PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        throw std::runtime_error("PEM_write_bio_PrivateKey failed");
    char* data = nullptr;
    auto size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

/// nullptr unless it is a private key on P-256.
KeyPair key_of_pem(const std::string& pem) {
    Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    if (!memory) throw std::runtime_error("BIO_new_mem_buf failed");
    KeyPair key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_EC || EVP_PKEY_get_bits(key.get()) != 8 * kHalf) return nullptr;
    return key;
}

std::string number_of(const BIGNUM* number) {
    std::string out(kHalf, '\0');
    if (BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), kHalf) != kHalf)
        throw std::runtime_error("BN_bn2binpad failed");
    return out;
}

std::string coordinate(const PublicKey& key, const char* name) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key.key.get(), name, &number) != 1) throw std::runtime_error("the key has no coordinate");
    std::unique_ptr<BIGNUM, decltype(&BN_free)> owned(number, &BN_free);
    return to_base64url(number_of(number));
}

/// r and s, 32 bytes each: OpenSSL makes DER of them (RFC 7518, section 3.4).
std::string es256(const PublicKey& key, std::string_view text) {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    std::string der(128, '\0');
    auto size = der.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.key.get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size, bytes_of(text),
                       text.size()) != 1)
        throw std::runtime_error("EVP_DigestSign failed");
    const auto* begin = bytes_of(der);
    std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(size)),
                                                               &ECDSA_SIG_free);
    if (!pair) throw std::runtime_error("d2i_ECDSA_SIG failed");
    return number_of(ECDSA_SIG_get0_r(pair.get())) + number_of(ECDSA_SIG_get0_s(pair.get()));
}

std::string new_file_text() {
    KeyPair key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    if (!key) throw std::runtime_error("EVP_EC_gen failed");
    boost::json::object signing_key{{"kid", random_uuid()}, {"private_key", private_pem(key)}};
    boost::json::object all{{"signing_keys", boost::json::array{std::move(signing_key)}},
                            {"refresh_key", to_hex(random_bytes(32))},
                            {"admin_key", "parley_admin_" + to_hex(random_bytes(32))}};
    return boost::json::serialize(all) + "\n";
}

/// Written whole under another name and then linked: nobody ever reads half a file, and of two processes that start
/// together one wins.
void make_file(const fs::path& file) {
    if (file.has_parent_path()) fs::create_directories(file.parent_path());
    auto text = new_file_text();
    auto draft = file.string() + "." + random_uuid();
    int descriptor = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) fail(file, "cannot be made: " + std::string(std::strerror(errno)));
    bool written =
        write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(descriptor) == 0;
    close(descriptor);
    int linked = written ? link(draft.c_str(), file.c_str()) : -1;
    auto why = errno;
    unlink(draft.c_str());
    if (linked != 0 && why != EEXIST) fail(file, "cannot be written: " + std::string(std::strerror(why)));
}

}  // namespace

AuthKeys AuthKeys::load(const fs::path& file) {
    if (!fs::exists(file)) make_file(file);
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    auto parsed = json::parse(text);
    if (!in || !parsed) fail(file, "cannot be read, or is no JSON");
    AuthKeys keys;
    keys.refresh_key_ = json::text(*parsed, "refresh_key");
    keys.admin_key_ = json::text(*parsed, "admin_key");
    if (keys.refresh_key_.size() < kMinSecret || keys.admin_key_.size() < kMinSecret)
        fail(file, "needs a refresh_key and an admin_key of at least 32 characters");
    if (const auto* listed = json::find_array(*parsed, "signing_keys"))
        for (const auto& one : *listed) {
            PublicKey key{json::text(one, "kid"), KeyAlgorithm::es256, key_of_pem(json::text(one, "private_key"))};
            if (key.kid.empty() || !key.key) fail(file, "has a signing key without kid, or that is none on P-256");
            keys.keys_.push_back(std::move(key));
        }
    if (keys.keys_.empty()) fail(file, "has no signing_keys");
    return keys;
}

std::string AuthKeys::sign(const boost::json::object& claims) const {
    const auto& key = keys_.back();
    boost::json::object header{{"alg", "ES256"}, {"typ", "JWT"}, {"kid", key.kid}};
    auto text = to_base64url(boost::json::serialize(header)) + '.' + to_base64url(boost::json::serialize(claims));
    return text + '.' + to_base64url(es256(key, text));
}

std::string AuthKeys::jwks() const {
    boost::json::array listed;
    for (const auto& key : keys_)
        listed.push_back(boost::json::object{{"kty", "EC"},
                                             {"crv", "P-256"},
                                             {"x", coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X)},
                                             {"y", coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y)},
                                             {"kid", key.kid},
                                             {"alg", "ES256"},
                                             {"use", "sig"},
                                             {"key_ops", {"verify"}}});
    return boost::json::serialize(boost::json::object{{"keys", std::move(listed)}});
}

}  // namespace parley::auth

// For tests: key pairs, their JSON Web Keys, and tokens signed right or wrong.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <boost/json.hpp>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "auth/jwt.hpp"
#include "base/crypto.hpp"

namespace parley::auth::test {

using KeyPair = std::shared_ptr<EVP_PKEY>;

inline KeyPair new_ec_key(const char* curve = "P-256") {
    return {EVP_EC_gen(curve), &EVP_PKEY_free};
}
inline KeyPair new_rsa_key(unsigned bits = 2048) {
    return {EVP_RSA_gen(bits), &EVP_PKEY_free};
}

inline const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// `width` 0: as many bytes as needed.
inline std::string bytes_of_number(const BIGNUM* number, int width = 0) {
    if (width == 0) width = BN_num_bytes(number);
    std::string out(static_cast<std::size_t>(width), '\0');
    if (BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), width) < 0)
        throw std::runtime_error("BN_bn2binpad");
    return out;
}

inline std::string number_of(const KeyPair& key, const char* name, int width = 0) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key.get(), name, &number) != 1) throw std::runtime_error("EVP_PKEY_get_bn_param");
    auto out = bytes_of_number(number, width);
    BN_free(number);
    return to_base64url(out);
}

inline boost::json::object ec_jwk(const KeyPair& key, std::string_view kid, std::string_view crv = "P-256",
                                  int width = 32) {
    return {{"kty", "EC"},
            {"crv", crv},
            {"x", number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, width)},
            {"y", number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, width)},
            {"kid", kid},
            {"alg", "ES256"},
            {"use", "sig"},
            {"key_ops", {"verify"}}};
}

inline boost::json::object rsa_jwk(const KeyPair& key, std::string_view kid) {
    return {{"kty", "RSA"},
            {"n", number_of(key, OSSL_PKEY_PARAM_RSA_N)},
            {"e", number_of(key, OSSL_PKEY_PARAM_RSA_E)},
            {"kid", kid},
            {"alg", "RS256"},
            {"use", "sig"}};
}

inline std::string jwks(boost::json::array keys) {
    return boost::json::serialize(boost::json::object{{"keys", std::move(keys)}});
}

inline std::string public_pem(const KeyPair& key) {
    std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PUBKEY(bio.get(), key.get());
    char* data = nullptr;
    auto size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

inline std::string public_der(const KeyPair& key) {
    unsigned char* data = nullptr;
    int size = i2d_PUBKEY(key.get(), &data);
    std::string out(data, data + size);
    OPENSSL_free(data);
    return out;
}

/// As OpenSSL makes it: DER for EC keys.
inline std::string signature(const KeyPair& key, std::string_view text) {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    std::size_t size = 0;
    if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text), text.size()) != 1)
        throw std::runtime_error("EVP_DigestSign");
    std::string out(size, '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes_of(text),
                       text.size()) != 1)
        throw std::runtime_error("EVP_DigestSign");
    out.resize(size);
    return out;
}

/// r and s, 32 bytes each, as ES256 has it.
inline std::string raw_signature(const KeyPair& key, std::string_view text) {
    auto der = signature(key, text);
    auto* begin = bytes_of(der);
    std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parsed(
        d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(der.size())), &ECDSA_SIG_free);
    return bytes_of_number(ECDSA_SIG_get0_r(parsed.get()), 32) + bytes_of_number(ECDSA_SIG_get0_s(parsed.get()), 32);
}

inline std::string signed_text(std::string_view header, std::string_view payload) {
    return to_base64url(header) + '.' + to_base64url(payload);
}

inline std::string hs256_token(std::string_view header, std::string_view payload, std::string_view secret) {
    auto text = signed_text(header, payload);
    auto hash = hmac_sha256(secret, text);
    return text + '.' + to_base64url(as_text(hash));
}

inline std::string es256_token(std::string_view kid, std::string_view payload, const KeyPair& key) {
    boost::json::object header{{"alg", "ES256"}, {"typ", "JWT"}, {"kid", kid}};
    auto text = signed_text(boost::json::serialize(header), payload);
    return text + '.' + to_base64url(raw_signature(key, text));
}

inline std::string rs256_token(std::string_view kid, std::string_view payload, const KeyPair& key) {
    boost::json::object header{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", kid}};
    auto text = signed_text(boost::json::serialize(header), payload);
    return text + '.' + to_base64url(signature(key, text));
}

/// What GoTrue writes for a signed-in user, issued at `now`.
inline boost::json::object user_claims(std::int64_t now) {
    return {{"iss", "https://project.supabase.co/auth/v1"},
            {"sub", "6f0e3a9c-1f65-4f0e-9c0b-0d7d1a3c5e11"},
            {"aud", "authenticated"},
            {"exp", now + 3600},
            {"iat", now},
            {"email", "ana@example.com"},
            {"phone", ""},
            {"app_metadata", {{"provider", "email"}, {"providers", {"email"}}}},
            {"user_metadata", {{"role", "service_role"}}},
            {"role", "authenticated"},
            {"aal", "aal1"},
            {"amr", boost::json::array{boost::json::object{{"method", "password"}, {"timestamp", now}}}},
            {"session_id", "0b5f2d0e-8f5c-4f1c-8a52-8c9a4b0f7d22"},
            {"is_anonymous", false}};
}

}  // namespace parley::auth::test

#include "auth/passwords.hpp"

#include <argon2.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/blocking.hpp"
#include "base/crypto.hpp"
#include "base/text.hpp"

namespace parley::auth {
namespace {

constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kMemoryKiB = 19 * 1024;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;

/// What is looked at for people whom nobody knows: no password has this hash.
constexpr const char* kNobody =
    "$argon2id$v=19$m=19456,t=2,p=1$Tm9ib2R5J3Mgc2FsdCEhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Of eight characters and more, from the lists of leaked passwords; in lower case.
constexpr auto kCommon = std::to_array<std::string_view>({
    "0123456789",  "0987654321",   "11111111",      "111111111",  "1111111111",  "11223344",   "12121212",
    "12341234",    "1234567890",   "12345678",      "123456789",  "12345678910", "123123123",  "1234qwer",
    "123qweasd",   "123qwe123",    "12qwaszx",      "147258369",  "1q2w3e4r",    "1q2w3e4r5t", "1q2w3e4r5t6y",
    "1qaz2wsx",    "1qaz2wsx3edc", "1qazxsw2",      "22222222",   "55555555",    "66666666",   "77777777",
    "87654321",    "88888888",     "987654321",     "99999999",   "00000000",    "a1234567",   "a12345678",
    "a123456789",  "aa123456",     "aaaaaaaa",      "abc12345",   "abcd1234",    "abcdefgh",   "adminadmin",
    "admin123",    "admin1234",    "administrator", "asdasdasd",  "asdf1234",    "asdfasdf",   "asdfghjk",
    "asdfghjkl",   "asdfghjkl;",   "baseball",      "basketball", "butterfly",   "changeme",   "changeme123",
    "chocolate",   "computer",     "consumer",      "corvette",   "dragon123",   "facebook",   "football",
    "football1",   "iloveyou",     "iloveyou1",     "internet",   "jennifer",    "letmein1",   "letmein123",
    "liverpool",   "mercedes",     "michelle",      "midnight",   "monkey123",   "mustang1",   "p@ssw0rd",
    "pa$$word",    "passw0rd",     "password",      "password!",  "password1",   "password1!", "password12",
    "password123", "princess",     "princess1",     "q1w2e3r4",   "q1w2e3r4t5",  "qazwsxedc",  "qwer1234",
    "qwerty12",    "qwerty123",    "qwerty1234",    "qwertyui",   "qwertyuiop",  "starwars",   "sunshine",
    "superman",    "welcome1",
});

std::unexpected<Refusal> weak(std::string message, std::string_view weakness) {
    return std::unexpected(
        Refusal{.status = 422, .code = "weak_password", .message = std::move(message), .weakness = weakness});
}

}  // namespace

Granted<void> check_password(std::string_view password) {
    if (!is_storable_text(password)) return weak("The password must be valid UTF-8.", "characters");
    if (count_code_points(password) < kMinPasswordCharacters)
        return weak("The password must have at least 8 characters.", "length");
    if (password.size() > kMaxPasswordBytes) return weak("The password must have at most 256 bytes.", "length");
    std::string lower(password);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (std::ranges::find(kCommon, lower) != kCommon.end())
        return weak("The password is one of those that everybody tries first.", "pwned");
    return {};
}

std::string hash_password(std::string_view password) {
    auto salt = random_bytes(kSaltBytes);
    std::string encoded(argon2_encodedlen(kPasses, kMemoryKiB, kLanes, kSaltBytes, kHashBytes, Argon2_id), '\0');
    int result = argon2id_hash_encoded(kPasses, kMemoryKiB, kLanes, password.data(), password.size(), salt.data(),
                                       salt.size(), kHashBytes, encoded.data(), encoded.size());
    if (result != ARGON2_OK) throw std::runtime_error(argon2_error_message(result));
    encoded.resize(encoded.find('\0'));
    return encoded;
}

bool password_matches(std::string_view password, const std::string& encoded) {
    int result = argon2id_verify(encoded.c_str(), password.data(), password.size());
    if (result == ARGON2_MEMORY_ALLOCATION_ERROR) throw std::runtime_error(argon2_error_message(result));
    return result == ARGON2_OK;
}

PasswordHasher::PasswordHasher(std::size_t threads, std::size_t max_waiting)
    : max_waiting_(max_waiting), threads_(threads) {}

PasswordHasher::~PasswordHasher() {
    threads_.join();
}

template <class Result, class Work>
awaitable<std::optional<Result>> PasswordHasher::run(Work work) {
    if (*waiting_ >= max_waiting_) co_return std::nullopt;
    struct Place {
        explicit Place(std::shared_ptr<std::size_t> count) : place_count(std::move(count)) { ++*place_count; }
        ~Place() { --*place_count; }
        std::shared_ptr<std::size_t> place_count;
    };
    Place place(waiting_);
    co_return co_await run_blocking(threads_, std::move(work));
}

awaitable<std::optional<std::string>> PasswordHasher::hash(std::string password) {
    auto work = [password = std::move(password)] { return hash_password(password); };
    return run<std::string>(std::move(work));
}

awaitable<std::optional<bool>> PasswordHasher::matches(std::string password, std::string encoded) {
    auto work = [password = std::move(password), encoded = std::move(encoded)] {
        return password_matches(password, encoded.empty() ? kNobody : encoded);
    };
    return run<bool>(std::move(work));
}

}  // namespace parley::auth

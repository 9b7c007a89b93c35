// Passwords: which are good enough, and Argon2id on threads of their own, so that the loop never waits for a hash.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/refusal.hpp"
#include "base/async.hpp"

namespace parley::auth {

inline constexpr std::size_t kMinPasswordCharacters = 8;
inline constexpr std::size_t kMaxPasswordBytes = 256;

/// 422 weak_password: too short, too long, no valid UTF-8, or one of the passwords that everybody tries first. No rules
/// of composition (ASVS 5.0, 6.2).
Granted<void> check_password(std::string_view password);

/// Argon2id (RFC 9106) with 19 MiB, 2 passes, 1 lane, as OWASP recommends; the encoded form. Takes tens of
/// milliseconds.
std::string hash_password(std::string_view password);
bool password_matches(std::string_view password, const std::string& encoded);

class PasswordHasher {
  public:
    explicit PasswordHasher(std::size_t threads = 2, std::size_t max_waiting = 32);
    /// Waits for the hashes in progress.
    ~PasswordHasher();
    PasswordHasher(const PasswordHasher&) = delete;
    PasswordHasher& operator=(const PasswordHasher&) = delete;

    /// Empty when too many are waiting already.
    awaitable<std::optional<std::string>> hash(std::string password);
    /// The same. `encoded` empty: false, after as long as a hash takes.
    awaitable<std::optional<bool>> matches(std::string password, std::string encoded);

  private:
    template <class Result, class Work>
    awaitable<std::optional<Result>> run(Work work);

    std::size_t max_waiting_;
    // Touched by the loop thread alone; shared with coroutines that the end of the program interrupts.
    std::shared_ptr<std::size_t> waiting_ = std::make_shared<std::size_t>(0);
    asio::thread_pool threads_;
};

}  // namespace parley::auth

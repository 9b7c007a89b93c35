// Secrets at rest: AES-256-GCM (NIST SP 800-38D) under a key that is kept outside the database.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// What is sealed for one place opens at that place alone: a sealed value that is copied to another row does not.
class Seal {
  public:
    /// `key`: 64 hexadecimal digits; empty: the 32 bytes in `file`, which is made (0600) when something is sealed for
    /// the first time. Throws std::invalid_argument for another `key`; reads nothing yet.
    Seal(std::filesystem::path file, std::string_view key);
    Seal(const Seal&) = delete;
    Seal& operator=(const Seal&) = delete;

    /// "1." and base64url of nonce (12 random bytes), ciphertext and tag (16 bytes). Throws std::runtime_error when the
    /// file cannot be made or does not hold a key.
    std::string close(std::string_view secret, std::string_view place);
    /// The secret; otherwise a sentence for people that says why there is none: the key is another one or is missing,
    /// or the value belongs to another place or was changed.
    std::expected<std::string, std::string> open(std::string_view sealed, std::string_view place);

  private:
    std::expected<void, std::string> read_key();

    std::filesystem::path file_;
    std::string key_;  // empty: not read yet
};

}  // namespace parley

// Request ids without a system call each: a counter scrambled with a random key.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace parley::http {

class RequestIds {
  public:
    /// Seeds from the operating system; throws std::runtime_error when OpenSSL fails.
    RequestIds();
    /// A UUID of version 4 form, unique within this object: the mixing is a bijection of the counter. An identifier to
    /// find a request by, not a secret.
    std::string next();

  private:
    std::array<std::uint64_t, 2> key_{};
    std::uint64_t counter_ = 0;
};

}  // namespace parley::http

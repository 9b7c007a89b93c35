// The keys of the built-in sign-in, in a file of the data directory.
#pragma once

#include <boost/json/object.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "auth/jwt.hpp"

namespace parley::auth {

/// ES256 keys that sign access tokens, and two secrets. Processes that serve together share the file: a copy of it is
/// needed on every machine.
///
/// The file is {"signing_keys":[{"kid":..,"private_key":<PKCS #8 in PEM>}],"refresh_key":..,"admin_key":..}. The last
/// signing key signs, all verify: to rotate, add one, and take the old one away when its tokens are over.
class AuthKeys {
  public:
    /// Reads the file; makes it first, readable by its owner alone, when it is not there. Throws std::runtime_error for
    /// a file that cannot be read, written or understood.
    static AuthKeys load(const std::filesystem::path& file);

    /// A token with these claims, signed with the newest key (ES256).
    std::string sign(const boost::json::object& claims) const;
    const std::vector<PublicKey>& public_keys() const { return keys_; }
    /// {"keys":[...]} with the public parts (RFC 7517).
    std::string jwks() const;

    const std::string& refresh_key() const { return refresh_key_; }
    /// What /auth/v1/admin asks for.
    const std::string& admin_key() const { return admin_key_; }

  private:
    std::vector<PublicKey> keys_;  ///< with their private parts; the last signs
    std::string refresh_key_;
    std::string admin_key_;
};

}  // namespace parley::auth

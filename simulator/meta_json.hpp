// JSON as Meta's servers write it. The bytes matter: the signature of a webhook is made over them.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"

namespace parley::simulator {

/// Minified; non-ASCII characters as \uXXXX in lower-case hex (surrogate pairs beyond the BMP); '/' as \/.
/// Source: Meta, "Create a webhook endpoint", and Graph API, "Webhooks: getting started".
std::string to_meta_json(const json::value& value);

/// The value of X-Hub-Signature-256: "sha256=" and 64 lower-case hex digits, HMAC over exactly these bytes.
std::string signature(std::string_view app_secret, std::string_view body);

}  // namespace parley::simulator

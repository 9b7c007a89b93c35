// Errors in two tiers. What a caller's input can cause is a Result; everything else (database gone, a bug) is an
// exception, caught once per request or job.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace parley {

/// Every error that the caller of an operation can cause. api/ maps each to an HTTP status; `code_name` is the stable
/// word that clients see in the `code` member of a problem.
enum class Errc {
    invalid_argument,      // a member has a wrong type, range or form: `member` names it
    malformed_json,        // the body is not a JSON object
    not_found,             // no such thing in this account (another account's things included)
    recipient_mismatch,    // `to` is not the customer of `conversation_id`
    window_closed,         // more than 24 h since the customer's last message: only templates may be sent
    idempotency_conflict,  // the key was used before with another body
    newer_messages,        // the conversation has messages that the sender has not seen
    wrong_state,           // the message is not in a state in which this can be done to it
    unauthenticated,       // no token, or one that does not verify
    forbidden,             // a valid token without the membership or role that is needed
    signature_invalid,     // X-Hub-Signature-256 is absent or wrong
    webhooks_disabled,     // no app secret is configured, so no delivery can be trusted
    send_failed,           // Meta refused the message; it is stored as failed
    too_large,             // the body is over the limit of its route, a file over that of its kind
    unsupported_type,      // a file of a type that Meta does not take as what it is to be sent
    unavailable,           // a thing this server needs is away; try again later
};

std::string_view code_name(Errc code);

struct Error {
    Errc code;
    std::string detail;       ///< one sentence for people, naming the rule that was broken; no personal text
    std::string member = {};  ///< the member of the query or body at fault; empty when none is
    std::optional<TimePoint> since = {};  ///< window_closed: when it closed
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> failure(Errc code, std::string detail, std::string member = {}) {
    return std::unexpected(Error{code, std::move(detail), std::move(member)});
}

}  // namespace parley

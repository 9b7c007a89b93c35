#include "base/result.hpp"

namespace parley {

std::string_view code_name(Errc code) {
    switch (code) {
        case Errc::invalid_argument:
            return "invalid_argument";
        case Errc::malformed_json:
            return "malformed_json";
        case Errc::not_found:
            return "not_found";
        case Errc::recipient_mismatch:
            return "recipient_mismatch";
        case Errc::window_closed:
            return "window_closed";
        case Errc::idempotency_conflict:
            return "idempotency_conflict";
        case Errc::newer_messages:
            return "newer_messages";
        case Errc::wrong_state:
            return "wrong_state";
        case Errc::unauthenticated:
            return "unauthenticated";
        case Errc::forbidden:
            return "forbidden";
        case Errc::signature_invalid:
            return "signature_invalid";
        case Errc::webhooks_disabled:
            return "webhooks_disabled";
        case Errc::send_failed:
            return "send_failed";
        case Errc::too_large:
            return "too_large";
        case Errc::unsupported_type:
            return "unsupported_media_type";
        case Errc::unavailable:
            return "unavailable";
    }
    return "unknown";
}

}  // namespace parley

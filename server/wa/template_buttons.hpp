// The buttons of a template: which can be sent, and with what (reference, section 13).
#pragma once

#include <string>

#include "base/json.hpp"
#include "base/result.hpp"

namespace parley::wa {

struct PreparedButtons {
    json::array components;  ///< those that Meta needs: {"type":"button","sub_type","index","parameters"}
    json::array shown;       ///< as the customer sees them: {"type","text","url"?,"phone_number"?,"code"?}
};

/// Why these buttons cannot be sent from here; empty when they can.
std::string buttons_not_sendable_reason(const json::array& buttons);

/// `given` is the member "buttons" of the request, or nullptr: [{"index":0,"text":"..."}]. `code` is that of an
/// authentication template's body, for buttons that copy it; empty: none.
Result<PreparedButtons> prepare_buttons(const json::array& buttons, const json::value* given, const std::string& code);

}  // namespace parley::wa

// What Meta checks before it accepts a message (reference, sections 10 and 13.3). Pure: body in, verdict out.
#pragma once

#include <string>

#include "base/json.hpp"
#include "simulator/graph_error.hpp"
#include "simulator/templates.hpp"

namespace parley::simulator {

/// A send request that passed.
struct Send {
    std::string input;     ///< the recipient as the caller wrote it
    std::string wa_id;     ///< its digits; empty when the recipient is a BSUID or a group
    std::string user_id;   ///< the BSUID when the message is addressed by it alone
    std::string group_id;  ///< for recipient_type "group"
    std::string type;
    std::string category = "service";  ///< of the template, else "service"
    std::string callback_data;         ///< biz_opaque_callback_data
    bool is_template() const { return type == "template"; }
};

/// Judges the body of POST /{phone_number_id}/messages when it is a message.
Checked<Send> check_send(const json::value& body, const TemplateStore& templates);

/// Judges the `interactive` object (reference, 10.3). In its own file; called by check_send.
Checked<void> check_interactive(const json::value& interactive);

/// Text limits count Unicode code points.
Checked<void> check_length(std::string_view what, std::string_view text, std::size_t least, std::size_t most);
/// `latitude` and `longitude`, as numbers or texts.
Checked<void> check_location(const json::value& location);
/// Exactly one of `id` and `link`, and link an http(s) URL.
Checked<void> check_media_reference(const json::value& media, std::string_view type);

}  // namespace parley::simulator

// Message templates: what one needs to be sent, what goes to Meta, and how the customer sees it (reference, section
// 13). Pure: no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "base/result.hpp"

namespace parley::wa {

/// A template as Meta keeps it. Words such as status and types may come in either case.
struct TemplateDefinition {
    std::string id;
    std::string name;
    std::string language;          ///< "en_US"
    std::string category;          ///< MARKETING, UTILITY or AUTHENTICATION
    std::string status;            ///< only APPROVED ones can be sent
    std::string parameter_format;  ///< POSITIONAL: {{1}}; NAMED: {{first_name}}
    json::array components;
    std::string quality;          ///< GREEN, YELLOW, RED, UNKNOWN; empty: not told
    std::string rejected_reason;  ///< empty: none
};

/// A template message, ready but for the upload of its header's file.
struct PreparedTemplate {
    /// The member "template" of the request to Meta. A header with a file has the parameter {"type":"image","image":{}}
    /// (or video, document with "filename"): whoever sends it puts the "id" in.
    json::object graph;
    json::object shown;                    ///< as the customer sees it: name, language, category, header, body, ...
    std::string text;                      ///< the same as plain text, at most 4096 code points; never empty
    std::string header_format;             ///< TEXT, IMAGE, VIDEO, DOCUMENT or LOCATION; empty: no header
    std::optional<std::int64_t> media_id;  ///< the file of an IMAGE, VIDEO or DOCUMENT header, by our number
};

/// Why a template cannot be sent from here, whatever its variables: its status, or a part that needs more than an agent
/// can give. A sentence for people; empty: it can be sent.
std::string not_sendable_reason(const TemplateDefinition& definition);

/// `request`: {"name","language","header"?: {"text"} | {"media_id","file_name"?} | {"location":{"latitude","longitude",
/// "name"?,"address"?}}, "body"?: {"1":"Ana"} or {"first_name":"Ana"}, "buttons"?: [{"index":0,"text":"..."}]}; a
/// button's text is the value of a URL's variable, a copy code's code, or a quick reply's payload. Of an authentication
/// template the code may stand in the body alone. Errors: Errc::wrong_state when the template cannot be sent at all;
/// Errc::invalid_argument with the member at fault ("template.body.2", "template.buttons[0].text").
Result<PreparedTemplate> prepare_template(const TemplateDefinition& definition, const json::value& request);

}  // namespace parley::wa

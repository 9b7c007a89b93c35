// The content of messages with structure that agents send, checked against Meta's limits before anything is stored
// (reference, sections 10.2 and 10.3). Pure: no I/O.
#pragma once

#include <string>

#include "base/json.hpp"
#include "base/result.hpp"

namespace parley::wa {

/// What goes to Graph under the name of the type, with the members that are known and no others.
struct OutgoingContent {
    json::value graph;
    std::string text;  ///< the same for people, in a line or some
};

/// `type` is "location", "contacts" or "interactive", `given` the member of the request that is named like it.
/// Errc::invalid_argument names the member by its path ("interactive.action.buttons[1].reply.title") and the rule.
/// An interactive header of the type image, video or document comes without its file: the sender fills in the id.
Result<OutgoingContent> check_content(std::string_view type, const json::value& given);

/// "image", "video" or "document" when this interactive content needs a file for its header, else empty.
std::string_view header_file_kind(const json::value& interactive);

}  // namespace parley::wa

// What an agent's reply says: the request, its rules, and the form in which it is stored and sent.
#pragma once

#include <optional>
#include <string>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "store/media.hpp"
#include "wa/template_message.hpp"

namespace parley::flow {

struct ReplyRequest {
    ConversationId conversation;  ///< 0: found or created from phone_number_id and to
    std::string phone_number_id;  ///< empty with a conversation: its own
    std::string to;               ///< empty with a conversation: its customer
    std::string text;             ///< body, or caption of media
    std::string kind = "text";
    std::string media_url;            ///< a public address, from which the file is fetched
    std::optional<MediaId> media;     ///< a file that was uploaded here
    bool voice = false;               ///< an audio file is a voice message
    std::string file_name;            ///< of a document; empty: the file's own
    std::optional<MessageId> quoted;  ///< the message that this one answers
    json::value content;  ///< the member named like the kind: location, contacts, interactive, reaction, template
    std::string client_message_id;  ///< empty: none
    std::string sent_by;            ///< user uuid
    std::optional<MessageId> seen;  ///< the newest message that the agent had seen; empty: whatever there is
};

/// Meta's limit for a text body and for a caption, in code points (reference, section 10.2).
inline constexpr std::size_t kTextLimit = 4096;
inline constexpr std::size_t kCaptionLimit = 1024;

/// The rules that need nothing but the request itself.
Result<void> check(const ReplyRequest& request);

/// True for the kinds that are a file with at most a caption.
bool is_file_kind(std::string_view kind);

struct ReplyContent {
    std::string text;     ///< as lists and plain clients show it
    std::string payload;  ///< JSON: {"type":kind, kind:{...}}; empty for text
    std::optional<MediaId> media;
};

/// Of a file that is stored.
Result<ReplyContent> file_content(const ReplyRequest& request, const store::StoredMedia& file);
/// Of location, contacts and interactive. `header` is the file of an interactive header, nullptr when none was given.
Result<ReplyContent> structured_content(const ReplyRequest& request, const store::StoredMedia* header);
/// What goes to Graph is kept beside what is shown, in the member "graph" of the payload.
Result<ReplyContent> template_content(const wa::PreparedTemplate& prepared, const store::StoredMedia* header);

}  // namespace parley::flow

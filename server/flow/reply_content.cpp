#include "flow/reply_content.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "domain/media_kinds.hpp"
#include "wa/outgoing_content.hpp"
#include "wa/summary.hpp"

namespace parley::flow {
namespace {

constexpr std::array<std::string_view, 5> kFileKinds{"image", "video", "audio", "document", "sticker"};
constexpr std::array<std::string_view, 5> kContentKinds{"location", "contacts", "interactive", "reaction", "template"};
constexpr std::size_t kLongestName = 240;

template <class Words>
bool has(const Words& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

Result<void> check_text(const ReplyRequest& request) {
    if (request.text.find_first_not_of(" \t\r\n") == std::string::npos)
        return failure(Errc::invalid_argument, "message must not be empty.", "message");
    if (count_code_points(request.text) > kTextLimit)
        return failure(Errc::invalid_argument, "message must have at most 4096 characters.", "message");
    if (!request.media_url.empty())
        return failure(Errc::invalid_argument, "media_url needs a message_type other than text.", "media_url");
    if (request.media)
        return failure(Errc::invalid_argument, "media_id needs a message_type other than text.", "media_id");
    return {};
}

Result<void> check_file(const ReplyRequest& request) {
    if (!request.text.empty() && request.kind == "audio")
        return failure(Errc::invalid_argument, "An audio message has no caption: leave message empty.", "message");
    if (!request.text.empty() && request.kind == "sticker")
        return failure(Errc::invalid_argument, "A sticker has no caption: leave message empty.", "message");
    if (count_code_points(request.text) > kCaptionLimit)
        return failure(Errc::invalid_argument, "A caption must have at most 1024 characters.", "message");
    if (count_code_points(request.file_name) > kLongestName)
        return failure(Errc::invalid_argument, "file_name must have at most 240 characters.", "file_name");
    if (request.media) {
        if (!request.media_url.empty())
            return failure(Errc::invalid_argument, "media_id and media_url cannot be combined.", "media_url");
        return {};
    }
    bool web = request.media_url.starts_with("https://") || request.media_url.starts_with("http://");
    if (!web || !is_printable(request.media_url) || request.media_url.size() > 2048)
        return failure(Errc::invalid_argument, "media_url must be an http or https address of at most 2048 characters.",
                       "media_url");
    return {};
}

Result<void> check_reaction(const json::value& reaction) {
    constexpr std::size_t kLongest = 16;
    const auto* emoji = json::find(reaction, "emoji");
    if (!emoji || !emoji->is_string())
        return failure(Errc::invalid_argument, "reaction.emoji must be a string; an empty one takes the reaction away.",
                       "reaction.emoji");
    auto words = json::text(reaction, "emoji");
    bool plain = std::ranges::any_of(words, [](char c) { return c >= 'A' && c <= 'z'; });
    if (!is_storable_text(words) || count_code_points(words) > kLongest || plain)
        return failure(Errc::invalid_argument, "reaction.emoji must be one emoji.", "reaction.emoji");
    return {};
}

Result<void> check_content_members(const ReplyRequest& request) {
    if (!request.content.is_object() && !request.content.is_array())
        return failure(Errc::invalid_argument, request.kind + " is required for this message_type.", request.kind);
    if (!request.text.empty())
        return failure(Errc::invalid_argument, "message must be empty for this message_type.", "message");
    if (!request.media_url.empty())
        return failure(Errc::invalid_argument, "media_url is not possible for this message_type.", "media_url");
    if (request.kind == "reaction") return check_reaction(request.content);
    return {};
}

std::string payload_of(std::string_view kind, json::value content) {
    return boost::json::serialize(json::object{{"type", kind}, {kind, std::move(content)}});
}

}  // namespace

bool is_file_kind(std::string_view kind) {
    return has(kFileKinds, kind);
}

Result<void> check(const ReplyRequest& request) {
    if (request.kind != "text" && !is_file_kind(request.kind) && !has(kContentKinds, request.kind))
        return failure(Errc::invalid_argument,
                       "message_type must be text, image, video, audio, document, sticker, location, contacts, "
                       "interactive, reaction or template.",
                       "message_type");
    for (const auto* text : {&request.text, &request.file_name})
        if (!is_storable_text(*text))
            return failure(Errc::invalid_argument, "Texts must be valid Unicode without NUL.",
                           text == &request.text ? "message" : "file_name");
    auto own = request.kind == "text"       ? check_text(request)
               : is_file_kind(request.kind) ? check_file(request)
                                            : check_content_members(request);
    if (!own) return own;
    bool printable_key = std::ranges::all_of(request.client_message_id, [](char c) { return c >= ' ' && c < '\x7f'; });
    if (request.client_message_id.size() > 255 || !printable_key)
        return failure(Errc::invalid_argument, "client_message_id must be 1 to 255 printable ASCII characters.",
                       "client_message_id");
    if (request.conversation.value != 0) return {};
    if (request.phone_number_id.empty())
        return failure(Errc::invalid_argument, "phone_number_id is required without a conversation_id.",
                       "phone_number_id");
    if (request.to.empty()) return failure(Errc::invalid_argument, "to is required without a conversation_id.", "to");
    if (request.quoted || request.kind == "reaction")
        return failure(Errc::invalid_argument, "conversation_id is required to reply or react to a message.",
                       "conversation_id");
    return {};
}

Result<ReplyContent> file_content(const ReplyRequest& request, const store::StoredMedia& file) {
    auto fits = check_media(request.kind, *file.type, *file.size);
    if (!fits) {
        auto error = fits.error();
        error.member = request.media_url.empty() ? "media_id" : "media_url";
        return std::unexpected(std::move(error));
    }
    json::object content;
    if (!request.text.empty()) content["caption"] = request.text;
    if (request.kind == "document") {
        auto name = request.file_name.empty() ? file.file_name : request.file_name;
        if (!name.empty()) content["filename"] = name;
    }
    if (request.kind == "audio" && (request.voice || file.voice)) content["voice"] = true;
    json::value message = json::object{{"type", request.kind}, {request.kind, content}};
    return ReplyContent{wa::summarise(message, request.kind), payload_of(request.kind, content), file.id};
}

Result<ReplyContent> structured_content(const ReplyRequest& request, const store::StoredMedia* header) {
    auto content = wa::check_content(request.kind, request.content);
    if (!content) return std::unexpected(content.error());
    auto needed = request.kind == "interactive" ? wa::header_file_kind(content->graph) : std::string_view();
    if (header && needed.empty())
        return failure(Errc::invalid_argument, "media_id is for a header of the type image, video or document.",
                       "media_id");
    if (!header && !needed.empty())
        return failure(Errc::invalid_argument, "media_id is required for this header.", "media_id");
    if (header) {
        auto fits = check_media(needed, *header->type, *header->size);
        if (!fits) return std::unexpected(Error{fits.error().code, fits.error().detail, "media_id"});
    }
    return ReplyContent{content->text, payload_of(request.kind, content->graph),
                        header ? std::optional(header->id) : std::nullopt};
}

Result<ReplyContent> template_content(const wa::PreparedTemplate& prepared, const store::StoredMedia* header) {
    if (header) {
        std::string kind = prepared.header_format;
        std::ranges::transform(kind, kind.begin(), [](char c) { return static_cast<char>(c + ('a' - 'A')); });
        auto fits = check_media(kind, *header->type, *header->size);
        if (!fits) return std::unexpected(Error{fits.error().code, fits.error().detail, "template.header.media_id"});
    }
    json::object payload{{"type", "template"}, {"template", prepared.shown}, {"graph", prepared.graph}};
    return ReplyContent{prepared.text, boost::json::serialize(payload),
                        header ? std::optional(header->id) : std::nullopt};
}

}  // namespace parley::flow

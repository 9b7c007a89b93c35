#include "wire/json_writer.hpp"

#include "domain/conversation.hpp"
#include "domain/media_kinds.hpp"

namespace parley::wire {
namespace {

/// Writes the members of one object, with the commas between them.
class Object {
  public:
    explicit Object(std::string& out) : out_(out) { out_ += '{'; }
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    ~Object() { out_ += '}'; }

    Object& text(std::string_view name, std::string_view value) {
        key(name);
        write_text(out_, value);
        return *this;
    }
    Object& optional_text(std::string_view name, const std::optional<std::string>& value) {
        return value ? text(name, *value) : null(name);
    }
    Object& number(std::string_view name, std::int64_t value) {
        key(name);
        out_ += std::to_string(value);
        return *this;
    }
    Object& boolean(std::string_view name, bool value) { return json(name, value ? "true" : "false"); }
    Object& time(std::string_view name, const std::optional<TimePoint>& value) {
        return value ? text(name, to_rfc3339(*value)) : null(name);
    }
    /// `value` is JSON already.
    Object& json(std::string_view name, std::string_view value) {
        key(name);
        out_ += value;
        return *this;
    }
    Object& null(std::string_view name) { return json(name, "null"); }

  private:
    void key(std::string_view name) {
        if (!first_) out_ += ',';
        first_ = false;
        out_ += '"';
        out_ += name;
        out_ += "\":";
    }
    std::string& out_;
    bool first_ = true;
};

std::string media_url(MediaId id) {
    return "/api/live-chat/media/" + std::to_string(id.value);
}

}  // namespace

void write_text(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    for (char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += "\\u00";
                    out += hex[static_cast<unsigned char>(c) >> 4];
                    out += hex[static_cast<unsigned char>(c) & 15];
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

void write(std::string& out, const store::ConversationOverview& c) {
    Object object(out);
    object.number("id", c.id.value)
        .text("phone_number_id", c.phone_number_id)
        .text("customer_phone", c.customer_phone)
        .text("customer_name", c.customer_name)
        .time("last_message_at", c.last_message_at)
        .number("unread_count", c.unread_count)
        .time("created_at", c.created_at)
        .number("contact_id", c.contact.value)
        .text("status", c.status)
        .text("preview", c.preview)
        .optional_text("last_message_type", c.last_message_type)
        .optional_text("last_message_sender", c.last_message_sender)
        .optional_text("last_message_status", c.last_message_status)
        .time("last_incoming_at", c.last_incoming_at);
    if (c.last_incoming_at)
        object.time("window_expires_at", *c.last_incoming_at + kServiceWindow);
    else
        object.null("window_expires_at");
    object.boolean("is_group", c.is_group).boolean("blocked", c.blocked);
}

void write(std::string& out, const store::MediaOverview& m) {
    bool stored = m.state == "stored";
    Object object(out);
    object.number("id", m.id.value).text("state", m.state);
    if (stored)
        object.optional_text("mime_type", m.type);
    else
        object.optional_text("mime_type",
                             m.claimed_type.empty() ? std::nullopt : std::optional(mime_essence(m.claimed_type)));
    if (m.size)
        object.number("size", *m.size);
    else
        object.null("size");
    object.optional_text("file_name", m.file_name.empty() ? std::nullopt : std::optional(m.file_name))
        .boolean("voice", m.voice)
        .text("url", media_url(m.id))
        .boolean("inline", stored && shows_inline(*m.type, m.claimed_type));
    if (m.state == "failed") {
        std::string problem;
        Object(problem)
            .text("code", m.problem_code.value_or("unavailable"))
            .text("detail", m.problem_detail.value_or(""));
        object.json("problem", problem);
    } else {
        object.null("problem");
    }
}

void write(std::string& out, const store::MessageOverview& m) {
    Object object(out);
    object.number("id", m.id.value)
        .number("conversation_id", m.conversation.value)
        .text("sender", m.sender)
        .text("message", m.message)
        .text("message_type", m.message_type)
        .optional_text("media_url", m.media && m.media->state == "stored" ? media_url(m.media->id) : m.media_url)
        .boolean("is_read", m.is_read)
        .optional_text("whatsapp_message_id", m.whatsapp_message_id)
        .time("created_at", m.created_at)
        .text("status", m.status);
    std::string times;
    {
        Object inner(times);
        inner.time("queued_at", m.queued_at)
            .time("sent_at", m.sent_at)
            .time("delivered_at", m.delivered_at)
            .time("read_at", m.read_at)
            .time("played_at", m.played_at)
            .time("failed_at", m.failed_at);
    }
    object.json("status_times", times);
    if (m.error) {
        std::string error;
        write(error, *m.error);
        object.json("error", error);
    } else {
        object.null("error");
    }
    if (m.media) {
        std::string media;
        write(media, *m.media);
        object.json("media", media);
    } else {
        object.null("media");
    }
    object.optional_text("reply_to_whatsapp_message_id", m.reply_to_whatsapp_message_id)
        .json("payload", m.payload ? *m.payload : "null")
        .json("reactions", m.reactions ? *m.reactions : "[]")
        .time("edited_at", m.edited_at)
        .time("revoked_at", m.revoked_at)
        .optional_text("client_message_id", m.client_message_id);
}

void write(std::string& out, const store::MessageVersion& v) {
    Object(out).text("message", v.message).time("replaced_at", v.replaced_at);
}

void write(std::string& out, const store::NumberOverview& n) {
    Object object(out);
    object.text("phone_number_id", n.phone_number_id)
        .optional_text("waba_id", n.waba_id)
        .text("display_phone_number", n.display_phone_number)
        .text("verified_name", n.verified_name)
        .number("unread_count", n.unread_count);
}

void write(std::string& out, const store::ContactIdentity& i) {
    Object(out).text("kind", i.kind).text("value", i.value);
}

void write(std::string& out, const store::ContactConversation& c) {
    Object(out)
        .number("id", c.id.value)
        .text("phone_number_id", c.phone_number_id)
        .time("last_message_at", c.last_message_at);
}

void write(std::string& out, const store::ContactMerge& m) {
    Object(out).number("id", m.id.value).time("merged_at", m.merged_at).text("name", m.name);
}

void write(std::string& out, const store::Contact& c) {
    std::string identities, conversations, merges;
    write_list(identities, c.identities);
    write_list(conversations, c.conversations);
    write_list(merges, c.merges);
    Object(out)
        .number("id", c.id.value)
        .text("name", c.name)
        .text("profile_name", c.profile_name)
        .text("kind", c.kind)
        .json("identities", identities)
        .json("conversations", conversations)
        .time("blocked_at", c.blocked_at)
        .json("merges", merges);
}

void write(std::string& out, const store::FoundContact& c) {
    Object(out).number("id", c.id.value).text("name", c.name).text("phone", c.phone);
}

void write(std::string& out, const MessageError& error) {
    Object object(out);
    object.number("code", error.code).text("title", error.title).text("details", error.details);
}

}  // namespace parley::wire

#include "flow/compose.hpp"

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "domain/conversation.hpp"
#include "domain/media_kinds.hpp"
#include "domain/number_variants.hpp"
#include "flow/templates.hpp"
#include "store/contacts.hpp"
#include "store/credentials.hpp"
#include "wa/user_id.hpp"

namespace parley::flow {
namespace {

/// Tells the same request from another one under the same key.
std::string hash_of(const ReplyRequest& request) {
    std::string joined;
    auto add = [&](const std::string& part) {
        joined += std::to_string(part.size()) + ':';
        joined += part;
    };
    for (const auto& part : {std::to_string(request.conversation.value), request.phone_number_id, request.to,
                             request.text, request.kind, request.media_url})
        add(part);
    // Keys of an earlier version go on meaning the same request.
    bool extended =
        request.media || request.voice || !request.file_name.empty() || request.quoted || !request.content.is_null();
    if (extended) {
        add(std::to_string(request.media.value_or(MediaId{}).value));
        add(std::to_string(request.quoted.value_or(MessageId{}).value));
        add(request.voice ? "voice" : "");
        add(request.file_name);
        add(boost::json::serialize(request.content));
    }
    return std::string(as_text(sha256(joined)));
}

Error closed_window(TimePoint closed_at) {
    Error error{Errc::window_closed, "The 24-hour window closed at " + to_rfc3339(closed_at) +
                                         ": until the customer writes again only template messages may be sent."};
    error.since = closed_at;
    return error;
}

}  // namespace

Result<std::string> normalise_address(std::string_view to) {
    if (wa::is_user_id(to)) return std::string(to);
    std::string digits;
    for (std::size_t i = 0; i < to.size(); ++i) {
        char c = to[i];
        if (c >= '0' && c <= '9')
            digits += c;
        else if (!((c == '+' && i == 0) || c == ' ' || c == '-' || c == '(' || c == ')' || c == '.'))
            return failure(Errc::invalid_argument, "to must be a phone number with country code.", "to");
    }
    // E.164: at most 15 digits; no country's numbers are shorter than 5 with the country code.
    if (digits.size() < 5 || digits.size() > 15)
        return failure(Errc::invalid_argument, "to must be a phone number with country code, 5 to 15 digits.", "to");
    return digits;
}

awaitable<Result<store::ConversationOverview>> Composer::place(AccountId account, ReplyRequest request) {
    auto id = request.conversation;
    if (id.value == 0) {
        auto normalised = normalise_address(request.to);
        if (!normalised) co_return std::unexpected(normalised.error());
        auto ensured =
            co_await store::ensure_conversation(pool_, account, request.phone_number_id, *normalised, clock_.now());
        if (!ensured) co_return std::unexpected(ensured.error());
        co_return co_await store::find_conversation(pool_, account, *ensured);
    }
    auto conversation = co_await store::find_conversation(pool_, account, id);
    if (!conversation) co_return conversation;
    if (!request.to.empty() && request.to != conversation->customer_phone) {
        auto asked = normalise_address(request.to);
        if (!asked) co_return std::unexpected(asked.error());
        auto known = normalise_address(conversation->customer_phone);
        if (!known || *asked != *known) {
            auto addresses = variants_of(*asked);
            addresses.push_back(*asked);
            bool theirs = co_await store::is_address_of(pool_, account, conversation->contact, std::move(addresses));
            if (!theirs)
                co_return failure(Errc::recipient_mismatch, "to is not the customer of this conversation.", "to");
        }
    }
    if (!request.phone_number_id.empty() && request.phone_number_id != conversation->phone_number_id)
        co_return failure(Errc::recipient_mismatch, "phone_number_id is not the number of this conversation.",
                          "phone_number_id");
    co_return conversation;
}

awaitable<Result<store::SendState>> Composer::reply(AccountId account, ReplyRequest request) {
    if (auto checked = check(request); !checked) co_return std::unexpected(checked.error());
    auto hash = hash_of(request);
    if (!request.client_message_id.empty()) {
        auto earlier = co_await store::find_by_client_id(pool_, account, request.client_message_id, hash);
        if (!earlier) co_return std::unexpected(earlier.error());
        if (*earlier) co_return **earlier;
    }
    // Whatever is wrong with the content, nobody is added for it.
    std::optional<ReplyContent> content;
    if (request.conversation.value == 0) {
        auto address = normalise_address(request.to);
        if (!address) co_return std::unexpected(address.error());
        auto prepared = co_await prepare(account, request.phone_number_id, request);
        if (!prepared) co_return std::unexpected(prepared.error());
        content = std::move(*prepared);
    }
    auto conversation = co_await place(account, request);
    if (!conversation) co_return std::unexpected(conversation.error());
    bool closed = service_window(conversation->last_incoming_at, clock_.now()) == ServiceWindow::closed;
    if (closed && request.kind != "template")
        co_return std::unexpected(closed_window(*conversation->last_incoming_at + kServiceWindow));
    auto token = co_await tokens_.of_number(account, conversation->phone_number_id);
    bool sendable = !token.empty();
    if (!sendable) {
        auto number = co_await store::token_of_number(pool_, account, conversation->phone_number_id);
        if (number.retired)
            co_return failure(Errc::wrong_state, "This business number was removed: nothing is sent from it.");
    }
    auto client_id = request.client_message_id;
    auto stored =
        co_await store_reply(account, std::move(*conversation), std::move(request), std::move(content), hash, sendable);
    if (!stored) co_return std::unexpected(stored.error());
    auto id = *stored;
    if (!id) {
        // Somebody else stored the same key, or another message, between the look and the leap.
        auto earlier = co_await store::find_by_client_id(pool_, account, client_id, hash);
        if (!earlier) co_return std::unexpected(earlier.error());
        if (*earlier) co_return **earlier;
        co_return failure(Errc::newer_messages, "There are messages after expected_last_message_id.",
                          "expected_last_message_id");
    }
    if (sendable) {
        co_await worker_.send_and_wait(*id, kPatience);
    } else {
        log::info("reply_saved_not_sent", {{"message_id", id->value}, {"reason", "no Graph token"}});
    }
    co_return co_await store::send_state(pool_, account, *id);
}

awaitable<Result<ReplyContent>> Composer::prepare(AccountId account, std::string phone_number_id,
                                                  ReplyRequest request) {
    const auto& kind = request.kind;
    if (kind == "text") co_return ReplyContent{request.text, "", std::nullopt};
    std::optional<wa::PreparedTemplate> message_template;
    if (kind == "template") {
        auto prepared = co_await find_and_prepare_template(pool_, account, phone_number_id, request.content);
        if (!prepared) co_return std::unexpected(prepared.error());
        if (prepared->media_id) request.media = MediaId{*prepared->media_id};
        message_template = std::move(*prepared);
    }
    std::optional<store::StoredMedia> file;
    if (!request.media_url.empty()) {
        auto fetched = co_await fetch_link(account, request);
        if (!fetched) co_return std::unexpected(fetched.error());
        request.media = *fetched;
    }
    if (request.media) {
        std::string member = kind == "template" ? "template.header.media_id" : "media_id";
        auto found = co_await store::find_media(pool_, account, *request.media);
        if (!found) co_return failure(Errc::invalid_argument, member + " names no file of this account.", member);
        if (found->state != "stored")
            co_return failure(Errc::wrong_state, "The file is not here (yet): it cannot be sent.", member);
        file = std::move(*found);
    }
    if (message_template) co_return template_content(*message_template, file ? &*file : nullptr);
    if (is_file_kind(kind)) co_return file_content(request, *file);
    co_return structured_content(request, file ? &*file : nullptr);
}

awaitable<Result<MediaId>> Composer::fetch_link(AccountId account, ReplyRequest request) {
    auto fetched = co_await links_.fetch(request.media_url, media_limit_of(request.kind));
    if (!fetched) co_return std::unexpected(fetched.error());
    store::NewMedia media{fetched->claimed_type, fetched->file_name,
                          request.voice,         settled_media_type(fetched->file.sniffed, fetched->claimed_type),
                          fetched->file.sha256,  fetched->file.size};
    co_return co_await store::add_media(pool_, account, std::move(media));
}

awaitable<Result<std::optional<MessageId>>> Composer::store_reply(AccountId account,
                                                                  store::ConversationOverview conversation,
                                                                  ReplyRequest request,
                                                                  std::optional<ReplyContent> content, std::string hash,
                                                                  bool sendable) {
    if (request.kind == "reaction") {
        auto target = co_await reaction_target(account, conversation.id, request.content);
        if (!target) co_return std::unexpected(target.error());
        store::OutgoingReaction reaction;
        reaction.conversation = conversation.id;
        reaction.phone_number_id = conversation.phone_number_id;
        reaction.recipient = conversation.customer_phone;
        reaction.target = target->id;
        reaction.target_wamid = *target->whatsapp_message_id;
        reaction.emoji = json::text(request.content, "emoji");
        reaction.client_message_id = request.client_message_id;
        reaction.request_hash = hash;
        reaction.sent_by = request.sent_by;
        reaction.sendable = sendable;
        co_return co_await store::store_reaction(pool_, account, std::move(reaction));
    }
    store::OutgoingReply reply;
    if (request.quoted) {
        auto quoted = co_await store::find_message(pool_, account, *request.quoted);
        if (!quoted || quoted->conversation != conversation.id)
            co_return failure(Errc::invalid_argument, "reply_to_message_id names no message of this conversation.",
                              "reply_to_message_id");
        if (!quoted->whatsapp_message_id)
            co_return failure(Errc::wrong_state, "The message to reply to has not reached WhatsApp.",
                              "reply_to_message_id");
        reply.reply_to = *quoted->whatsapp_message_id;
    }
    if (!content) {
        auto prepared = co_await prepare(account, conversation.phone_number_id, request);
        if (!prepared) co_return std::unexpected(prepared.error());
        content = std::move(*prepared);
    }
    reply.conversation = conversation.id;
    reply.phone_number_id = conversation.phone_number_id;
    reply.recipient = conversation.customer_phone;
    reply.text = content->text;
    reply.kind = request.kind;
    reply.payload = content->payload;
    reply.media = content->media;
    reply.client_message_id = request.client_message_id;
    reply.request_hash = hash;
    reply.sent_by = request.sent_by;
    reply.sendable = sendable;
    reply.seen = request.seen;
    co_return co_await store::store_outgoing(pool_, account, std::move(reply));
}

awaitable<Result<store::MessageOverview>> Composer::reaction_target(AccountId account, ConversationId conversation,
                                                                    json::value reaction) {
    auto id = json::integer(reaction, "message_id");
    if (!id) co_return failure(Errc::invalid_argument, "reaction.message_id is required.", "reaction.message_id");
    auto target = co_await store::find_message(pool_, account, MessageId{*id});
    if (!target || target->conversation != conversation)
        co_return failure(Errc::invalid_argument, "reaction.message_id names no message of this conversation.",
                          "reaction.message_id");
    if (!target->whatsapp_message_id || target->revoked_at)
        co_return failure(Errc::wrong_state, "The message is deleted or has not reached WhatsApp.",
                          "reaction.message_id");
    co_return target;
}

awaitable<Result<store::MessageOverview>> Composer::send_again(AccountId account, MessageId id,
                                                               std::vector<MessageStatus> from) {
    auto message = co_await store::find_message(pool_, account, id);
    if (!message) co_return message;
    auto conversation = co_await store::find_conversation(pool_, account, message->conversation);
    if (!conversation) co_return std::unexpected(conversation.error());
    bool closed = service_window(conversation->last_incoming_at, clock_.now()) == ServiceWindow::closed;
    if (closed && message->message_type != "template")
        co_return std::unexpected(closed_window(*conversation->last_incoming_at + kServiceWindow));
    auto token = co_await tokens_.of_number(account, conversation->phone_number_id);
    if (token.empty()) co_return failure(Errc::wrong_state, "Nothing can be sent: no WA_TOKEN is configured.");
    bool queued = co_await store::requeue(pool_, account, id, std::move(from));
    if (!queued)
        co_return failure(Errc::wrong_state, "The message is " + message->status + ": it cannot be sent again.");
    co_await worker_.send_and_wait(id, kPatience);
    co_return co_await store::find_message(pool_, account, id);
}

awaitable<Result<store::MessageOverview>> Composer::retry(AccountId account, MessageId id) {
    std::vector<MessageStatus> from{MessageStatus::failed, MessageStatus::not_sent};
    co_return co_await send_again(account, id, std::move(from));
}

awaitable<Result<store::MessageOverview>> Composer::settle(AccountId account, MessageId id, bool arrived) {
    if (!arrived) {
        std::vector<MessageStatus> from{MessageStatus::unknown};
        co_return co_await send_again(account, id, std::move(from));
    }
    bool confirmed = co_await store::confirm_sent(pool_, account, id);
    auto message = co_await store::find_message(pool_, account, id);
    if (message && !confirmed)
        co_return failure(Errc::wrong_state, "The message is " + message->status + ": its outcome is known.");
    co_return message;
}

}  // namespace parley::flow

#include "flow/compose.hpp"

#include <algorithm>
#include <array>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "domain/conversation.hpp"
#include "wa/user_id.hpp"

namespace parley::flow {
namespace {

constexpr std::array<std::string_view, 5> kKinds{"text", "image", "video", "audio", "document"};

Result<void> check(const ReplyRequest& request) {
    if (std::find(kKinds.begin(), kKinds.end(), request.kind) == kKinds.end())
        return failure(Errc::invalid_argument, "message_type must be text, image, video, audio or document.",
                       "message_type");
    if (!is_storable_text(request.text))
        return failure(Errc::invalid_argument, "message must be valid Unicode text without NUL.", "message");
    auto length = count_code_points(request.text);
    if (request.kind == "text") {
        bool blank = request.text.find_first_not_of(" \t\r\n") == std::string::npos;
        if (blank) return failure(Errc::invalid_argument, "message must not be empty.", "message");
        if (length > kTextLimit)
            return failure(Errc::invalid_argument, "message must have at most 4096 characters.", "message");
        if (!request.media_url.empty())
            return failure(Errc::invalid_argument, "media_url needs a message_type other than text.", "media_url");
    } else {
        if (request.kind == "audio" && !request.text.empty())
            return failure(Errc::invalid_argument, "An audio message has no caption: leave message empty.", "message");
        if (length > kCaptionLimit)
            return failure(Errc::invalid_argument, "A caption must have at most 1024 characters.", "message");
        bool web = request.media_url.starts_with("https://") || request.media_url.starts_with("http://");
        bool printable = std::all_of(request.media_url.begin(), request.media_url.end(),
                                     [](char c) { return c > ' ' && c < '\x7f'; });
        if (!web || !printable || request.media_url.size() > 2048)
            return failure(Errc::invalid_argument,
                           "media_url must be an http or https address of at most 2048 characters.", "media_url");
    }
    bool printable_key = std::all_of(request.client_message_id.begin(), request.client_message_id.end(),
                                     [](char c) { return c >= ' ' && c < '\x7f'; });
    if (request.client_message_id.size() > 255 || !printable_key)
        return failure(Errc::invalid_argument, "client_message_id must be 1 to 255 printable ASCII characters.",
                       "client_message_id");
    if (request.conversation.value == 0) {
        if (request.phone_number_id.empty())
            return failure(Errc::invalid_argument, "phone_number_id is required without a conversation_id.",
                           "phone_number_id");
        if (request.to.empty())
            return failure(Errc::invalid_argument, "to is required without a conversation_id.", "to");
    }
    return {};
}

/// Tells the same request from another one under the same key.
std::string hash_of(const ReplyRequest& request) {
    std::string joined;
    for (const auto& part : {std::to_string(request.conversation.value), request.phone_number_id, request.to,
                             request.text, request.kind, request.media_url}) {
        joined += std::to_string(part.size()) + ':';
        joined += part;
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
        if (!known || *asked != *known)
            co_return failure(Errc::recipient_mismatch, "to is not the customer of this conversation.", "to");
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
    auto conversation = co_await place(account, request);
    if (!conversation) co_return std::unexpected(conversation.error());
    if (service_window(conversation->last_incoming_at, clock_.now()) == ServiceWindow::closed)
        co_return std::unexpected(closed_window(*conversation->last_incoming_at + kServiceWindow));
    if (conversation->is_group)
        co_return failure(Errc::invalid_argument, "Replies to groups are not supported.", "conversation_id");

    store::OutgoingReply reply;
    reply.conversation = conversation->id;
    reply.phone_number_id = conversation->phone_number_id;
    reply.recipient = conversation->customer_phone;
    reply.text = request.text;
    reply.kind = request.kind;
    reply.media_url = request.media_url;
    reply.client_message_id = request.client_message_id;
    reply.request_hash = hash;
    reply.sent_by = request.sent_by;
    auto token = co_await tokens_.of_number(account, conversation->phone_number_id);
    reply.sendable = !token.empty();
    reply.seen = request.seen;
    auto stored = co_await store::store_outgoing(pool_, account, std::move(reply));
    if (!stored) {
        // Somebody else stored the same key, or another message, between the look and the leap.
        auto earlier = co_await store::find_by_client_id(pool_, account, request.client_message_id, hash);
        if (!earlier) co_return std::unexpected(earlier.error());
        if (*earlier) co_return **earlier;
        co_return failure(Errc::newer_messages, "There are messages after expected_last_message_id.",
                          "expected_last_message_id");
    }
    if (!token.empty()) {
        co_await worker_.send_and_wait(*stored, kPatience);
    } else {
        log::info("reply_saved_not_sent", {{"message_id", stored->value}, {"reason", "no Graph token"}});
    }
    co_return co_await store::send_state(pool_, account, *stored);
}

awaitable<Result<store::MessageOverview>> Composer::send_again(AccountId account, MessageId id,
                                                               std::vector<MessageStatus> from) {
    auto message = co_await store::find_message(pool_, account, id);
    if (!message) co_return message;
    auto conversation = co_await store::find_conversation(pool_, account, message->conversation);
    if (!conversation) co_return std::unexpected(conversation.error());
    if (service_window(conversation->last_incoming_at, clock_.now()) == ServiceWindow::closed)
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

// /api/live-chat/messages and /api/live-chat/send-message
#include "store/messages.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "domain/conversation.hpp"
#include "store/conversations.hpp"
#include "wire/json_writer.hpp"

namespace parley::api {
namespace {

constexpr std::int64_t kStandardPage = 100;

Result<store::MessageQuery> read_query(const http::Request& request) {
    store::MessageQuery query;
    auto conversation = integer_parameter(request, "conversation_id", {1});
    if (!conversation) return std::unexpected(conversation.error());
    if (!*conversation) return failure(Errc::invalid_argument, "conversation_id is required.", "conversation_id");
    query.conversation = {**conversation};
    auto limit = limit_parameter(request, kStandardPage);
    if (!limit) return std::unexpected(limit.error());
    query.limit = *limit;
    auto offset = offset_parameter(request);
    if (!offset) return std::unexpected(offset.error());
    query.offset = *offset;
    auto before = integer_parameter(request, "before", {1});
    if (!before) return std::unexpected(before.error());
    if (*before) query.before = MessageId{**before};
    auto after = integer_parameter(request, "after", {1});
    if (!after) return std::unexpected(after.error());
    if (*after) query.after = MessageId{**after};
    if (query.before && query.after)
        return failure(Errc::invalid_argument, "before and after cannot be combined.", "after");
    auto mark_read = boolean_parameter(request, "mark_read");
    if (!mark_read) return std::unexpected(mark_read.error());
    query.mark_read = mark_read->value_or(true);
    return query;
}

awaitable<http::Response> list(store::Pool& pool, flow::Receipts& receipts, http::Request& request,
                               Principal principal) {
    auto query = read_query(request);
    if (!query) co_return problem_of(request, query.error());
    auto conversation = co_await store::find_conversation(pool, principal.account, query->conversation);
    if (!conversation) co_return problem_of(request, conversation.error());
    query->conversation = conversation->id;
    auto page = co_await store::list_messages(pool, principal.account, *query, conversation->unread_count > 0);
    if (!page) co_return problem_of(request, page.error());
    if (query->mark_read && (conversation->unread_count > 0 || conversation->receipts_behind))
        receipts.opened(principal.account, conversation->id);
    std::string body;
    body.reserve(64 + page->messages.size() * 768);
    body += "{\"messages\":";
    wire::write_list(body, page->messages);
    body += page->has_more ? ",\"has_more\":true}" : ",\"has_more\":false}";
    co_return http::json_response(200, std::move(body));
}

Result<flow::ReplyRequest> read_reply(const http::Request& request) {
    auto body = json_body(request);
    if (!body) return std::unexpected(body.error());
    flow::ReplyRequest reply;
    auto conversation = integer_member(*body, "conversation_id");
    if (!conversation) return std::unexpected(conversation.error());
    if (*conversation < 0)
        return failure(Errc::invalid_argument, "conversation_id must not be negative.", "conversation_id");
    reply.conversation = {*conversation};
    auto seen = integer_member(*body, "expected_last_message_id");
    if (!seen) return std::unexpected(seen.error());
    if (*seen < 0)
        return failure(Errc::invalid_argument, "expected_last_message_id must not be negative.",
                       "expected_last_message_id");
    if (*seen > 0) reply.seen = MessageId{*seen};

    auto media = integer_member(*body, "media_id");
    if (!media) return std::unexpected(media.error());
    if (*media < 0) return failure(Errc::invalid_argument, "media_id must not be negative.", "media_id");
    if (*media > 0) reply.media = MediaId{*media};
    auto quoted = integer_member(*body, "reply_to_message_id");
    if (!quoted) return std::unexpected(quoted.error());
    if (*quoted < 0)
        return failure(Errc::invalid_argument, "reply_to_message_id must not be negative.", "reply_to_message_id");
    if (*quoted > 0) reply.quoted = MessageId{*quoted};
    if (const auto* voice = json::find(*body, "voice"); voice && !voice->is_null()) {
        if (!voice->is_bool()) return failure(Errc::invalid_argument, "voice must be true or false.", "voice");
        reply.voice = voice->get_bool();
    }

    struct Member {
        std::string_view name;
        std::string& target;
    };
    for (auto [name, target] :
         {Member{"phone_number_id", reply.phone_number_id}, Member{"to", reply.to}, Member{"message", reply.text},
          Member{"message_type", reply.kind}, Member{"media_url", reply.media_url},
          Member{"client_message_id", reply.client_message_id}, Member{"file_name", reply.file_name}}) {
        auto text = text_member(*body, name);
        if (!text) return std::unexpected(text.error());
        // An absent message_type means text.
        if (!text->empty() || name != "message_type") target = std::move(*text);
    }
    if (const auto* content = json::find(*body, reply.kind); content && reply.kind != "text") reply.content = *content;
    if (auto key = request.header("idempotency-key"); !key.empty()) {
        if (!reply.client_message_id.empty() && reply.client_message_id != key)
            return failure(Errc::invalid_argument, "client_message_id and Idempotency-Key differ.",
                           "client_message_id");
        reply.client_message_id = key;
    }
    return reply;
}

/// {"conversation_id":..,"message_id":..,"status":..,"whatsapp_message_id":..} without the braces.
std::string state_members(const store::SendState& state) {
    std::string out = "\"conversation_id\":" + std::to_string(state.conversation.value) +
                      ",\"message_id\":" + std::to_string(state.id.value) + ",\"status\":";
    wire::write_text(out, to_string(state.status));
    out += ",\"whatsapp_message_id\":";
    if (state.whatsapp_message_id.empty())
        out += "null";
    else
        wire::write_text(out, state.whatsapp_message_id);
    return out;
}

http::Response accepted(unsigned status, std::string_view sentence, const store::SendState& state) {
    std::string body = "{\"success\":true,\"message\":";
    wire::write_text(body, sentence);
    return http::json_response(status, body + "," + state_members(state) + "}");
}

/// A problem whose `status` is the message's, as in every answer about a stored message; the HTTP status is in the
/// answer's first line.
http::Response refused(const http::Request& request, const store::SendState& state) {
    auto error = state.error.value_or(MessageError{});
    std::string body = R"({"type":"about:blank","title":"Bad Gateway","code":"send_failed","detail":)";
    wire::write_text(body, "WhatsApp refused the message: " + error.title + " (" + std::to_string(error.code) + ").");
    body += ",\"request_id\":";
    wire::write_text(body, request.request_id);
    body += "," + state_members(state) + ",\"error\":";
    wire::write(body, error);
    auto response = http::json_response(status_of(Errc::send_failed), body + "}");
    response.content_type = "application/problem+json";
    return response;
}

http::Response answer_of(const http::Request& request, const store::SendState& state) {
    switch (state.status) {
        case MessageStatus::queued:
            return accepted(202, "Message stored; it will be sent as soon as possible", state);
        case MessageStatus::unknown:
            return accepted(202, "Message handed to WhatsApp, but no answer came: it may or may not have been sent",
                            state);
        case MessageStatus::not_sent:
            return accepted(200, "Message saved, not sent: no WA_TOKEN is configured", state);
        case MessageStatus::failed:
            return refused(request, state);
        default:
            return accepted(200, "Message sent successfully", state);
    }
}

awaitable<http::Response> send(store::Pool& pool, flow::Composer& composer, http::Request& request,
                               Principal principal) {
    auto reply = read_reply(request);
    if (!reply) co_return problem_of(request, reply.error());
    reply->sent_by = principal.user_id;
    store::MessageQuery newer;
    newer.conversation = reply->conversation;
    newer.after = reply->seen;
    newer.mark_read = false;
    auto state = co_await composer.reply(principal.account, std::move(*reply));
    if (!state && state.error().code == Errc::newer_messages) {
        auto page = co_await store::list_messages(pool, principal.account, newer, false);
        std::string members = "\"messages\":";
        wire::write_list(members, page ? page->messages : std::vector<store::MessageOverview>{});
        co_return problem_of(request, state.error(), members);
    }
    if (!state) co_return problem_of(request, state.error());
    co_return answer_of(request, *state);
}

http::Response message_answer(const http::Request& request, const Result<store::MessageOverview>& message) {
    if (!message) return problem_of(request, message.error());
    std::string body;
    wire::write(body, *message);
    return http::json_response(200, std::move(body));
}

Result<MessageId> message_in_path(const http::Request& request) {
    auto id = path_id(request, "id");
    if (!id) return std::unexpected(id.error());
    return MessageId{*id};
}

awaitable<http::Response> retry(flow::Composer& composer, http::Request& request, Principal principal) {
    auto id = message_in_path(request);
    if (!id) co_return problem_of(request, id.error());
    auto message = co_await composer.retry(principal.account, *id);
    co_return message_answer(request, message);
}

awaitable<http::Response> settle(flow::Composer& composer, http::Request& request, Principal principal) {
    auto id = message_in_path(request);
    if (!id) co_return problem_of(request, id.error());
    auto body = json_body(request);
    if (!body) co_return problem_of(request, body.error());
    auto arrived = boolean_member(*body, "arrived");
    if (!arrived) co_return problem_of(request, arrived.error());
    auto message = co_await composer.settle(principal.account, *id, *arrived);
    co_return message_answer(request, message);
}

awaitable<http::Response> versions(store::Pool& pool, http::Request& request, Principal principal) {
    auto id = message_in_path(request);
    if (!id) co_return problem_of(request, id.error());
    auto message = co_await store::find_message(pool, principal.account, *id);
    if (!message) co_return problem_of(request, message.error());
    auto earlier = co_await store::message_versions(pool, principal.account, *id);
    std::string body = "{\"versions\":";
    wire::write_list(body, earlier);
    co_return http::json_response(200, body + "}");
}

}  // namespace

void add_message_routes(http::Router& router, Guard& guard, store::Pool& pool, flow::Composer& composer,
                        flow::Receipts& receipts) {
    using http::Method;
    using http::Request;
    router.add(Method::get, "/api/live-chat/messages", guard.require_member([&](Request& request, Principal principal) {
        return list(pool, receipts, request, std::move(principal));
    }));
    router.add(Method::post, "/api/live-chat/send-message",
               guard.require_member([&](Request& request, Principal principal) {
                   return send(pool, composer, request, std::move(principal));
               }));
    router.add(Method::post, "/api/live-chat/messages/{id}/retry",
               guard.require_member([&](Request& request, Principal principal) {
                   return retry(composer, request, std::move(principal));
               }));
    router.add(Method::post, "/api/live-chat/messages/{id}/settle",
               guard.require_member([&](Request& request, Principal principal) {
                   return settle(composer, request, std::move(principal));
               }));
    router.add(Method::get, "/api/live-chat/messages/{id}/versions",
               guard.require_member([&](Request& request, Principal principal) {
                   return versions(pool, request, std::move(principal));
               }));
}

}  // namespace parley::api

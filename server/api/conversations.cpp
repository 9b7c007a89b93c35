// /api/live-chat/conversations
#include <charconv>

#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "base/crypto.hpp"
#include "store/conversations.hpp"
#include "wire/json_writer.hpp"

namespace parley::api {
namespace {

constexpr std::int64_t kStandardPage = 50;

/// A cursor is the position of the last row of a page: microseconds since 1970 and an id. Opaque to clients.
std::string to_cursor(const store::ConversationOverview& last) {
    return to_base64url(std::to_string(last.last_message_at.time_since_epoch().count()) + "." +
                        std::to_string(last.id.value));
}

std::optional<store::ConversationPosition> read_cursor(std::string_view cursor) {
    auto text = from_base64url(cursor);
    if (!text) return std::nullopt;
    std::int64_t micros = 0, id = 0;
    const char* end = text->data() + text->size();
    auto [dot, error] = std::from_chars(text->data(), end, micros);
    if (error != std::errc{} || dot == end || *dot != '.') return std::nullopt;
    auto [last, second_error] = std::from_chars(dot + 1, end, id);
    // The years 1970 to 9999: what RFC 3339 can say.
    constexpr std::int64_t kLatest = 253'402'300'799'999'999;
    if (second_error != std::errc{} || last != end || micros < 0 || micros > kLatest) return std::nullopt;
    return store::ConversationPosition{TimePoint{std::chrono::microseconds{micros}}, {id}};
}

Result<store::ConversationQuery> read_query(const http::Request& request) {
    store::ConversationQuery query;
    auto limit = limit_parameter(request, kStandardPage);
    if (!limit) return std::unexpected(limit.error());
    query.limit = *limit;
    auto offset = offset_parameter(request);
    if (!offset) return std::unexpected(offset.error());
    query.offset = *offset;
    auto number = text_parameter(request, "phone_number_id", 64);
    if (!number) return std::unexpected(number.error());
    query.phone_number_id = *number;
    auto unread = boolean_parameter(request, "unread");
    if (!unread) return std::unexpected(unread.error());
    query.unread_only = unread->value_or(false);
    auto search = text_parameter(request, "q", 200);
    if (!search) return std::unexpected(search.error());
    query.search = *search;
    auto cursor = parameter(request, "cursor");
    if (!cursor) return std::unexpected(cursor.error());
    if (*cursor) {
        query.after = read_cursor(**cursor);
        if (!query.after)
            return failure(Errc::invalid_argument, "cursor is not one that this server gave out.", "cursor");
        if (query.offset != 0)
            return failure(Errc::invalid_argument, "offset cannot be combined with cursor.", "offset");
    }
    return query;
}

awaitable<http::Response> list(store::Pool& pool, http::Request& request, Principal principal) {
    auto query = read_query(request);
    if (!query) co_return problem_of(request, query.error());
    auto limit = static_cast<std::size_t>(query->limit);
    auto conversations = co_await store::list_conversations(pool, principal.account, std::move(*query));
    std::string body;
    body.reserve(64 + conversations.size() * 512);
    body += "{\"conversations\":";
    wire::write_list(body, conversations);
    body += ",\"next_cursor\":";
    if (conversations.size() == limit)
        wire::write_text(body, to_cursor(conversations.back()));
    else
        body += "null";
    body += '}';
    co_return http::json_response(200, std::move(body));
}

awaitable<http::Response> show(store::Pool& pool, http::Request& request, Principal principal) {
    auto id = path_id(request, "id");
    if (!id) co_return problem_of(request, id.error());
    auto conversation = co_await store::find_conversation(pool, principal.account, {*id});
    if (!conversation) co_return problem_of(request, conversation.error());
    std::string body;
    wire::write(body, *conversation);
    co_return http::json_response(200, std::move(body));
}

awaitable<http::Response> read(store::Pool& pool, flow::Receipts& receipts, http::Request& request,
                               Principal principal) {
    auto id = path_id(request, "id");
    if (!id) co_return problem_of(request, id.error());
    auto conversation = co_await store::find_conversation(pool, principal.account, {*id});
    if (!conversation) co_return problem_of(request, conversation.error());
    co_await store::mark_read(pool, principal.account, conversation->id);
    if (conversation->unread_count > 0 || conversation->receipts_behind)
        receipts.opened(principal.account, conversation->id);
    co_return http::json_response(
        200, "{\"conversation_id\":" + std::to_string(conversation->id.value) + ",\"unread_count\":0}");
}

}  // namespace

void add_conversation_routes(http::Router& router, Guard& guard, store::Pool& pool, flow::Receipts& receipts) {
    using http::Method;
    using http::Request;
    router.add(Method::get, "/api/live-chat/conversations",
               guard.require_member(
                   [&](Request& request, Principal principal) { return list(pool, request, std::move(principal)); }));
    router.add(Method::get, "/api/live-chat/conversations/{id}",
               guard.require_member(
                   [&](Request& request, Principal principal) { return show(pool, request, std::move(principal)); }));
    router.add(Method::post, "/api/live-chat/conversations/{id}/read",
               guard.require_member([&](Request& request, Principal principal) {
                   return read(pool, receipts, request, std::move(principal));
               }));
}

}  // namespace parley::api

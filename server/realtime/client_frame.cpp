#include "realtime/client_frame.hpp"

#include "base/json.hpp"

namespace parley::realtime {
namespace {

using Malformed = std::unexpected<std::string_view>;

std::optional<std::string> text_of(const json::value& frame, std::string_view name) {
    const auto* member = json::find(frame, name);
    if (!member || !member->is_string()) return std::nullopt;
    return std::string(member->get_string());
}

std::optional<std::int64_t> integer_of(const json::value& frame, std::string_view name) {
    const auto* member = json::find(frame, name);
    if (!member || !member->is_int64()) return std::nullopt;
    return member->get_int64();
}

std::optional<ConversationId> conversation_of(const json::value& frame) {
    auto id = integer_of(frame, "conversation_id");
    if (!id || *id < 1) return std::nullopt;
    return ConversationId{*id};
}

std::expected<ClientFrame, std::string_view> read_auth(const json::value& frame) {
    auto token = text_of(frame, "token");
    if (!token) return Malformed("token must be a string");
    AuthFrame auth{std::move(*token), std::nullopt};
    if (const auto* member = json::find(frame, "account_id"); member && !member->is_null()) {
        auto account = integer_of(frame, "account_id");
        if (!account || *account < 1) return Malformed("account_id must be a positive integer or null");
        auth.account = AccountId{*account};
    }
    const auto* resume = json::find(frame, "resume");
    if (!resume || resume->is_null()) return auth;
    auto epoch = text_of(*resume, "epoch");
    auto offset = integer_of(*resume, "offset");
    if (!epoch || !offset || *offset < 0)
        return Malformed("resume must have an epoch (a string) and an offset (an integer, 0 or more)");
    auth.resume = Resume{std::move(*epoch), *offset};
    return auth;
}

std::expected<ClientFrame, std::string_view> read_viewing(const json::value& frame) {
    const auto* member = json::find(frame, "conversation_id");
    if (member && member->is_null()) return ViewingFrame{};
    auto conversation = conversation_of(frame);
    if (!conversation) return Malformed("conversation_id must be a positive integer or null");
    return ViewingFrame{conversation};
}

std::expected<ClientFrame, std::string_view> read_typing(const json::value& frame) {
    auto conversation = conversation_of(frame);
    if (!conversation) return Malformed("conversation_id must be a positive integer");
    const auto* typing = json::find(frame, "typing");
    if (!typing || !typing->is_bool()) return Malformed("typing must be true or false");
    return TypingFrame{*conversation, typing->get_bool()};
}

}  // namespace

std::expected<ClientFrame, std::string_view> read_client_frame(std::string_view text) {
    auto frame = json::parse(text);
    if (!frame || !frame->is_object()) return Malformed("a message must be one JSON object");
    auto type = text_of(*frame, "type");
    if (!type) return Malformed("type must be a string");
    if (*type == "auth") return read_auth(*frame);
    if (*type == "viewing") return read_viewing(*frame);
    if (*type == "typing") return read_typing(*frame);
    if (*type == "ping") return PingFrame{};
    return UnknownFrame{std::move(*type)};
}

}  // namespace parley::realtime

#include "flow/contacts.hpp"

#include "base/log.hpp"
#include "domain/conversation.hpp"
#include "wa/user_id.hpp"

namespace parley::flow {
namespace {

/// Some of the users could not be blocked (reference, section 14); here there is but one.
constexpr std::int64_t kNotBlocked = 139100;

std::string body_for(const std::string& address) {
    auto user = wa::is_user_id(address) ? address : "+" + address;
    json::array users{json::object{{"user", user}}};
    return boost::json::serialize(json::object{{"messaging_product", "whatsapp"}, {"block_users", std::move(users)}});
}

Error refusal(const wa::Refused& refused, bool block) {
    if (refused.http_status == 0) return {Errc::send_failed, "Meta could not be reached; nothing was changed."};
    auto code = std::to_string(refused.error.code);
    if (refused.error.code == kNotBlocked && block)
        return {Errc::wrong_state,
                "Meta blocks only customers who wrote to this number in the last 24 hours (" + code + ")."};
    return {Errc::send_failed, "Meta answered " + code + ": " + refused.error.title};
}

}  // namespace

awaitable<Result<void>> Contacts::ask(AccountId account, store::ContactConversation conversation, bool block) {
    auto token = co_await tokens_.of_number(account, conversation.phone_number_id);
    if (token.empty()) co_return failure(Errc::wrong_state, "There is no Graph token to tell Meta with.");
    wa::GraphCall call;
    call.method = block ? http::Method::post : http::Method::del;
    call.path = "/" + conversation.phone_number_id + "/block_users";
    call.body = body_for(conversation.customer_phone);
    call.token = std::move(token);
    auto answer = co_await graph_.call(std::move(call));
    if (answer) co_return Result<void>{};
    log::warn("contact_not_blocked", {{"phone_number_id", conversation.phone_number_id},
                                      {"block", block},
                                      {"code", answer.error().error.code},
                                      {"http_status", answer.error().http_status}});
    co_return std::unexpected(refusal(answer.error(), block));
}

awaitable<Result<void>> Contacts::change(AccountId account, ContactId id, bool block) {
    auto contact = co_await store::find_contact(pool_, account, id);
    if (!contact) co_return std::unexpected(contact.error());
    if (contact->kind != "person") co_return failure(Errc::wrong_state, "Groups cannot be blocked.");
    std::optional<Error> problem;
    bool done = false;
    for (const auto& conversation : contact->conversations) {
        bool known_closed = service_window(conversation.last_incoming_at, clock_.now()) != ServiceWindow::open;
        if (block && known_closed) continue;
        auto asked = co_await ask(account, conversation, block);
        if (asked)
            done = true;
        else
            problem = std::move(asked.error());
    }
    // One number that cannot be told is no reason to hide that the others were; to unblock, all must be told.
    if (problem && (!done || !block)) co_return std::unexpected(std::move(*problem));
    if (!done && block)
        co_return failure(Errc::wrong_state,
                          "Meta blocks only customers who wrote in the last 24 hours; this one did not.");
    co_await store::set_blocked(pool_, account, contact->id, block);
    log::info(block ? "contact_blocked" : "contact_unblocked",
              {{"account_id", account.value}, {"contact_id", contact->id.value}});
    co_return Result<void>{};
}

awaitable<Result<void>> Contacts::block(AccountId account, ContactId id) {
    co_return co_await change(account, id, true);
}

awaitable<Result<void>> Contacts::unblock(AccountId account, ContactId id) {
    co_return co_await change(account, id, false);
}

}  // namespace parley::flow

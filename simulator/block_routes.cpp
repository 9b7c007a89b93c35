// GET, POST and DELETE /{phone_number_id}/block_users (reference, section 14).
#include "simulator/meta_ids.hpp"
#include "simulator/routes.hpp"

namespace parley::simulator {
namespace {

constexpr std::size_t kMaxBlocked = 64'000;

json::object entry(const std::string& input, const Customer* customer) {
    json::object made{{"input", input}};
    if (customer == nullptr) return made;
    if (!customer->hides_number) made["wa_id"] = customer->wa_id;
    made["user_id"] = customer->user_id;
    return made;
}

/// Why this person cannot be blocked; empty when they can.
std::string problem_of(const World& world, const BusinessNumber& number, const Customer* customer) {
    if (customer == nullptr) return "The user is not a WhatsApp user.";
    if (!window_open(*customer, number.phone_number_id, world.state.now())) {
        return "Only users who have messaged the business in the last 24 hours can be blocked.";
    }
    if (number.blocked.size() >= kMaxBlocked) return "The block list is full.";
    return {};
}

awaitable<http::Response> change(World& world, http::Request& request) {
    bool blocking = request.method == http::Method::post;
    BusinessNumber* number = number_of(world, request);
    if (number == nullptr) {
        co_return graph_answer(request, {}, unknown_object(blocking ? "post" : "delete", request.path_parameter("id")));
    }
    auto body = body_of(request);
    if (json::text(body, "messaging_product") != "whatsapp") {
        co_return graph_answer(request, number->waba_id, missing_parameter("messaging_product"));
    }
    const auto* users = json::find_array(body, "block_users");
    if (users == nullptr || users->empty()) {
        co_return graph_answer(request, number->waba_id, missing_parameter("block_users"));
    }
    json::array done;
    json::array failed;
    for (const auto& user : *users) {
        auto input = json::text(user, json::text(user, "user").empty() ? "user_id" : "user");
        auto digits = phone_digits(input);
        const Customer* customer = world.state.find_customer(digits.empty() ? input : digits);
        auto problem = blocking ? problem_of(world, *number, customer) : std::string();
        if (!problem.empty()) {
            auto one = entry(input, customer);
            one["errors"] = json::array{{{"message", "(#139100) Failed to block/unblock users"},
                                         {"code", 139100},
                                         {"error_data", {{"details", problem}}}}};
            failed.push_back(std::move(one));
            continue;
        }
        if (blocking) number->blocked.insert(customer->key);
        if (!blocking && customer != nullptr) number->blocked.erase(customer->key);
        done.push_back(entry(input, customer));
    }
    world.state.note_change();
    json::object result{{blocking ? "added_users" : "removed_users", std::move(done)}};
    json::object answer{{"messaging_product", "whatsapp"}};
    if (failed.empty()) {
        answer["block_users"] = std::move(result);
        co_return graph_answer(request, number->waba_id, answer);
    }
    result["failed_users"] = std::move(failed);
    answer["block_users"] = std::move(result);
    GraphError error{.code = 139100,
                     .message = "(#139100) Failed to block/unblock users",
                     .details = "Failed to block some users, see the block_users response list for details"};
    answer["error"] = to_json(error)["error"];
    auto response = graph_answer(request, number->waba_id, answer);
    response.status = error.status;
    co_return response;
}

awaitable<http::Response> list(World& world, http::Request& request) {
    const BusinessNumber* number = number_of(world, request);
    if (number == nullptr) co_return graph_answer(request, {}, unknown_object("get", request.path_parameter("id")));
    json::array data;
    for (const auto& key : number->blocked) {
        const Customer* customer = world.state.find_customer(key);
        if (customer == nullptr) continue;
        auto one = entry(key, customer);
        one.erase("input");
        one["messaging_product"] = "whatsapp";
        data.push_back(std::move(one));
    }
    co_return graph_answer(request, number->waba_id, json::object{{"data", std::move(data)}});
}

}  // namespace

void add_block_routes(http::Router& router, World& world) {
    add_graph_route(router, world, http::Method::get, "/{id}/block_users", list);
    add_graph_route(router, world, http::Method::post, "/{id}/block_users", change);
    add_graph_route(router, world, http::Method::del, "/{id}/block_users", change);
}

}  // namespace parley::simulator

// webhooks, account, database-url: the commands that look into a database and change a little.
#include <iostream>
#include <stdexcept>

#include "app/command_database.hpp"
#include "app/commands.hpp"
#include "app/private_cluster.hpp"
#include "flow/journal.hpp"
#include "store/accounts.hpp"
#include "store/deliveries.hpp"
#include "store/members.hpp"

namespace parley::app {
namespace {

awaitable<void> print_deliveries(store::Pool& pool, DeliveriesRequest request) {
    auto deliveries = co_await store::list_deliveries(pool, request.all, request.limit);
    for (const auto& d : deliveries) {
        std::cout << d.id.value << "  " << to_rfc3339(d.received_at) << "  " << d.state << "  account "
                  << d.account.value << "  " << d.bytes << " bytes  " << d.fields;
        if (!d.problem.empty()) std::cout << "  " << d.problem;
        if (d.replayed_at) std::cout << "  (replayed " << to_rfc3339(*d.replayed_at) << ")";
        std::cout << '\n';
    }
    if (deliveries.empty()) std::cout << (request.all ? "No deliveries.\n" : "Every delivery is stored.\n");
}

awaitable<void> replay_one(store::Pool& pool, DeliveryId id) {
    bool found = co_await flow::replay_delivery(pool, id);
    if (!found) throw std::invalid_argument("There is no delivery " + std::to_string(id.value) + ".");
}

awaitable<void> replay(store::Pool& pool, std::int64_t id) {
    std::vector<DeliveryId> ids;
    if (id != 0)
        ids.push_back({id});
    else
        ids = co_await store::problem_deliveries(pool);
    for (auto one : ids) co_await replay_one(pool, one);
    auto left = co_await store::problem_deliveries(pool);
    std::cout << "Replayed " << ids.size() << "; " << left.size() << " not wholly stored.\n";
}

awaitable<void> print_accounts(store::Pool& pool) {
    auto rows = co_await pool.query("list_accounts");
    for (auto row : rows) std::cout << row.get<std::int64_t>("id") << "  " << row.get<std::string>("name") << '\n';
}

awaitable<void> make_account(store::Pool& pool, std::string name) {
    auto id = co_await store::add_account(pool, std::move(name));
    std::cout << "Account " << id.value << " added.\n";
}

awaitable<void> change_name(store::Pool& pool, AccountId account, std::string name) {
    bool renamed = co_await store::rename_account(pool, account, std::move(name));
    if (!renamed) throw std::invalid_argument("There is no such account.");
    std::cout << "Account " << account.value << " renamed.\n";
}

}  // namespace

int print_database_url(const Config& config) {
    if (!config.database_url.empty()) {
        std::cout << config.database_url << '\n';
        return 0;
    }
    auto url = private_cluster_url(config.data_dir);
    if (!url)
        throw std::runtime_error("No private cluster runs in " + config.data_dir.string() + ". Start `parley serve`.");
    std::cout << *url << '\n';
    return 0;
}

int list_webhooks(const Config& config, DeliveriesRequest request) {
    CommandDatabase database(config);
    database.run(print_deliveries(database.pool(), request));
    return 0;
}

int replay_webhooks(const Config& config, std::int64_t id) {
    CommandDatabase database(config);
    database.run(replay(database.pool(), id));
    return 0;
}

int list_accounts(const Config& config) {
    CommandDatabase database(config);
    database.run(print_accounts(database.pool()));
    return 0;
}

int add_account(const Config& config, const std::string& name) {
    CommandDatabase database(config);
    database.run(make_account(database.pool(), name));
    return 0;
}

int rename_account(const Config& config, std::int64_t account, const std::string& name) {
    CommandDatabase database(config);
    database.run(change_name(database.pool(), {account}, name));
    return 0;
}

}  // namespace parley::app

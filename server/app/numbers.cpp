// number: the commands about business numbers. Their secrets come from a file or standard input, never from the command
// line, which others on the machine can read.
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "app/command_database.hpp"
#include "app/commands.hpp"
#include "app/service.hpp"
#include "flow/graph_tokens.hpp"
#include "flow/number_check.hpp"
#include "http/client.hpp"
#include "store/numbers.hpp"

namespace parley::app {
namespace {

store::CredentialChange read_secrets(std::istream& in) {
    store::CredentialChange change;
    for (std::string line; std::getline(in, line);) {
        if (line.ends_with('\r')) line.pop_back();
        if (line.empty() || line.starts_with('#')) continue;
        auto name = line.substr(0, line.find('='));
        auto value = name.size() < line.size() ? line.substr(name.size() + 1) : std::string();
        if (name == "token")
            change.token = value;
        else if (name == "app_secret")
            change.app_secret = value;
        else if (name == "verify_token")
            change.verify_token = value;
        else
            throw std::invalid_argument(
                "--secrets-file: each line is token=, app_secret= or verify_token= and a value.");
    }
    return change;
}

store::CredentialChange read_secrets(const std::string& file) {
    if (file.empty()) return {};
    if (file == "-") return read_secrets(std::cin);
    std::ifstream in(file);
    if (!in) throw std::invalid_argument("--secrets-file: " + file + " cannot be read.");
    return read_secrets(in);
}

awaitable<void> print_numbers(store::Pool& pool) {
    auto rows = co_await pool.query("list_numbers");
    for (auto row : rows) {
        std::cout << "account " << row.get<std::int64_t>("account_id") << "  "
                  << row.get<std::string>("phone_number_id") << "  WABA " << row.get<std::string>("waba_id") << "  "
                  << row.get<std::string>("display_phone_number") << "  " << row.get<std::string>("verified_name");
        if (auto name = row.get<std::string>("name"); !name.empty()) std::cout << "  called " << name;
        if (auto secrets = row.get<std::string>("secrets"); !secrets.empty()) std::cout << "  own " << secrets;
        if (row.get<bool>("retired")) std::cout << "  retired";
        std::cout << '\n';
    }
}

awaitable<void> make_number(store::Pool& pool, Seal& seal, NumberRequest request) {
    auto secrets = read_secrets(request.secrets_file);
    store::NumberSettings number{request.phone_number_id, request.waba_id, request.display_phone_number,
                                 request.verified_name};
    auto put = co_await store::put_number(pool, {request.account}, number);
    if (!put) throw std::invalid_argument(put.error().detail);
    co_await store::save_number(pool, seal, {request.account}, std::move(number), std::nullopt, std::move(secrets));
    std::cout << "Number " << request.phone_number_id << " belongs to account " << request.account << ".\n";
}

/// The account that is named, or the one that has the number.
awaitable<AccountId> account_of(store::Pool& pool, NumberRequest request) {
    if (request.account != 0) co_return AccountId{request.account};
    auto account = co_await store::account_of_number(pool, request.phone_number_id);
    if (!account) throw std::invalid_argument("There is no such business number.");
    co_return *account;
}

awaitable<void> drop_number(store::Pool& pool, NumberRequest request) {
    auto account = co_await account_of(pool, request);
    auto removed = co_await store::remove_number(pool, account, request.phone_number_id);
    if (removed == store::NumberRemoved::not_found) throw std::invalid_argument("There is no such business number.");
    std::cout << (removed == store::NumberRemoved::removed
                      ? "Removed.\n"
                      : "Retired: its conversations stay readable, nothing is sent from it any more.\n");
}

awaitable<void> ask_meta(store::Pool& pool, flow::GraphTokens& tokens, wa::GraphClient& graph, NumberRequest request,
                         bool& good) {
    auto account = co_await account_of(pool, request);
    auto number = co_await store::find_number(pool, account, request.phone_number_id);
    if (!number) throw std::invalid_argument(number.error().detail);
    auto token = co_await tokens.of_number(account, request.phone_number_id);
    flow::NumberToCheck asked{number->phone_number_id, number->waba_id, std::move(token)};
    auto check = co_await flow::check_number(graph, std::move(asked));
    for (const auto& step : check.steps)
        std::cout << (step.ok ? "ok      " : "FAILED  ") << step.step << ": " << step.detail << '\n';
    good = check.all_ok();
}

}  // namespace

int list_numbers(const Config& config) {
    CommandDatabase database(config);
    database.run(print_numbers(database.pool()));
    return 0;
}

int add_number(const Config& config, NumberRequest request) {
    CommandDatabase database(config);
    Seal seal(seal_key_file(config), config.seal_key);
    database.run(make_number(database.pool(), seal, std::move(request)));
    return 0;
}

int remove_number(const Config& config, NumberRequest request) {
    CommandDatabase database(config);
    database.run(drop_number(database.pool(), std::move(request)));
    return 0;
}

int check_number(const Config& config, NumberRequest request) {
    CommandDatabase database(config);
    Seal seal(seal_key_file(config), config.seal_key);
    flow::GraphTokens tokens(config.wa_token, database.pool(), seal);
    http::Client client(database.io());
    wa::GraphClient graph(client, config.graph_url, config.graph_version);
    bool good = false;
    database.run(ask_meta(database.pool(), tokens, graph, std::move(request), good));
    client.stop();
    return good ? 0 : 1;
}

}  // namespace parley::app

// doctor: what the connection page shows, on the command line. It reads the configured database, whether the server
// runs or not.
#include <boost/json/serialize.hpp>
#include <iostream>
#include <stdexcept>

#include "api/routes.hpp"
#include "app/command_database.hpp"
#include "app/commands.hpp"
#include "app/service.hpp"
#include "flow/doctor.hpp"

namespace parley::app {
namespace {

using flow::CheckState;

constexpr std::chrono::seconds kRequestTimeout{3};

struct Examined {
    AccountId account;
    std::string name;
    flow::Report report;
};

std::string_view mark_of(CheckState state) {
    switch (state) {
        case CheckState::ok:
            return "ok       ";
        case CheckState::unknown:
            return "unknown  ";
        case CheckState::warning:
            return "warning  ";
        case CheckState::failed:
            return "FAILED   ";
    }
    return "";
}

std::string local_address(const Config& config) {
    auto host = config.host;
    if (host == "0.0.0.0" || host == "::") host = "127.0.0.1";
    if (host.contains(':')) host = "[" + host + "]";
    return "http://" + host + ":" + std::to_string(config.port);
}

/// Whether the server of this configuration runs on this machine. It need not.
awaitable<flow::Check> look_for_server(http::Client& client, std::string address) {
    http::ClientRequest request;
    request.timeout = kRequestTimeout;
    auto url = http::parse_url(address + "/readyz");
    if (url) request.url = std::move(*url);
    auto answer = co_await client.send(std::move(request));
    flow::Finding finding;
    if (answer && answer->status == 200)
        finding = {CheckState::ok, "The server is ready at " + address + "."};
    else if (answer)
        finding = {CheckState::warning, "What answers at " + address + " is not ready.", "Look into its log."};
    else
        finding = {CheckState::unknown, "No server answers at " + address +
                                            ". The webhook address can only answer while it runs, and only the running "
                                            "server knows whether deliveries were refused lately."};
    co_return flow::Check{"server", "Server", std::move(finding)};
}

awaitable<void> examine(store::Pool& pool, flow::Doctor& doctor, http::Client& client, std::string address,
                        DoctorRequest request, std::vector<Examined>& out) {
    auto server = co_await look_for_server(client, std::move(address));
    auto rows = co_await pool.query("list_accounts");
    for (auto row : rows) {
        auto id = row.get<AccountId>("id");
        if (request.account != 0 && id.value != request.account) continue;
        auto report = co_await doctor.examine(id);
        report.checks.push_back(server);
        out.push_back({id, row.get<std::string>("name"), std::move(report)});
    }
    if (out.empty())
        throw std::invalid_argument(request.account != 0
                                        ? "There is no such account."
                                        : "There is no account yet: add one with `parley account add`.");
}

/// What there is to say when there is nothing to ask.
Examined without_database(const std::string& reason) {
    Examined out;
    flow::Finding finding{CheckState::failed, reason.substr(0, reason.find('\n')),
                          "Look whether PostgreSQL runs, and whether DATABASE_URL is right."};
    if (!finding.detail.ends_with('.')) finding.detail += '.';
    out.report.checks.push_back({"database", "Database", std::move(finding)});
    out.report.checked_at = Clock{}.now();
    return out;
}

void print(const Examined& examined) {
    for (const auto& check : examined.report.checks) {
        const auto& finding = check.finding;
        std::cout << mark_of(finding.state) << check.title << ": " << finding.detail;
        if (finding.state > CheckState::unknown && !finding.advice.empty()) std::cout << " " << finding.advice;
        std::cout << '\n';
    }
    if (const auto* missing = examined.report.missing())
        std::cout << "Missing: " << missing->title << ". "
                  << (missing->finding.advice.empty() ? missing->finding.detail : missing->finding.advice) << '\n';
    else
        std::cout << "Nothing is missing.\n";
}

void print_json(const std::vector<Examined>& all) {
    json::array accounts;
    for (const auto& one : all) {
        auto object = api::report_object(one.report);
        object["account_id"] = one.account.value == 0 ? json::value(nullptr) : json::value(one.account.value);
        object["name"] = one.name;
        accounts.push_back(std::move(object));
    }
    std::cout << boost::json::serialize(json::object{{"accounts", std::move(accounts)}}) << '\n';
}

int exit_code(const std::vector<Examined>& all) {
    auto worst = CheckState::ok;
    for (const auto& one : all)
        for (const auto& check : one.report.checks) worst = std::max(worst, check.finding.state);
    if (worst == CheckState::failed) return 1;
    return worst == CheckState::warning ? 2 : 0;
}

std::vector<Examined> examine_all(const Config& config, DoctorRequest request) {
    std::vector<Examined> out;
    // An unsafe database is what a check is to find, not a reason to refuse.
    auto lenient = config;
    lenient.allow_unsafe_database = true;
    std::optional<CommandDatabase> database;
    try {
        database.emplace(lenient);
    } catch (const std::runtime_error& error) {
        out.push_back(without_database(error.what()));
        return out;
    }
    Clock clock;
    Seal seal(seal_key_file(config), config.seal_key);
    flow::GraphTokens tokens(config.wa_token, database->pool(), seal);
    http::Client client(database->io());
    wa::GraphClient graph(client, config.graph_url, config.graph_version);
    wa::Probe probe(client, config.graph_url);
    flow::Doctor doctor(database->io(), database->pool(), seal, tokens, graph, probe, clock, nullptr,
                        doctor_settings(config));
    database->run(examine(database->pool(), doctor, client, local_address(config), request, out));
    client.stop();
    return out;
}

}  // namespace

int doctor(const Config& config, DoctorRequest request) {
    auto all = examine_all(config, request);
    if (request.json) {
        print_json(all);
    } else {
        for (const auto& one : all) {
            if (all.size() > 1) std::cout << "Account " << one.account.value << " (" << one.name << ")\n";
            print(one);
        }
    }
    return exit_code(all);
}

}  // namespace parley::app

// parley-bench: measures a running Parley from outside, and PostgreSQL beside it. bench/run puts the commands together.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <functional>

#include "bench/commands.hpp"

namespace {

using namespace parley::bench;

struct Options {
    IngestOptions ingest;
    ReadsOptions reads;
    LiveOptions live;
    BaselineOptions baseline;
    SeedOptions seed;
    StartOptions start;
    WaitOptions wait;
    TokenOptions token;
    ProcessOptions process;
    ReportOptions report;
};

void describe_load(CLI::App& app, Options& options, std::function<int()>& chosen) {
    auto& in = options.ingest;
    CLI::App* ingest = app.add_subcommand("ingest", "Send signed webhooks; check what the database holds afterwards");
    ingest->add_option("--url", in.url, "of the webhook: http://127.0.0.1:PORT/webhook")->required();
    ingest->add_option("--secret", in.secret, "app secret that signs the deliveries")->required();
    ingest->add_option("--phone-number-id", in.phone_number_id)->required();
    ingest->add_option("--waba", in.waba)->required();
    ingest->add_option("--database", in.database, "conninfo of the server's database")->required();
    ingest->add_option("--connections", in.connections)->capture_default_str();
    ingest->add_option("--seconds", in.seconds)->capture_default_str();
    ingest->add_option("--rate", in.rate, "deliveries per second, due come what may; without it a closed loop");
    ingest->add_option("--customers", in.customers)->capture_default_str();
    ingest->add_option("--messages", in.messages, "in each delivery")->capture_default_str();
    ingest->add_option("--prepare", in.prepare,
                       "deliveries made ready; without it enough for 30,000 messages a second");
    ingest->add_option("--server-pid", in.server_pid, "whose CPU time is counted");
    ingest->add_option("--round", in.round, "number that is printed with the result");
    ingest->callback([&] { chosen = [&in] { return parley::bench::ingest(in); }; });

    auto& rd = options.reads;
    CLI::App* reads = app.add_subcommand("reads", "Read the conversation list and threads in a closed loop");
    reads->add_option("--url", rd.url, "of the server: http://127.0.0.1:PORT")->required();
    reads->add_option("--token", rd.token, "an agent's access token")->required();
    reads->add_option("--database", rd.database, "conninfo, for ids of conversations")->required();
    reads->add_option("--phone-number-id", rd.phone_number_id, "of the account whose conversations are read")
        ->required();
    reads->add_option("--connections", rd.connections)->capture_default_str();
    reads->add_option("--conversations", rd.conversations, "different threads to read")->capture_default_str();
    reads->add_option("--seconds", rd.seconds, "for each of the two")->capture_default_str();
    reads->add_option("--round", rd.round, "number that is printed with the result");
    reads->callback([&] { chosen = [&rd] { return parley::bench::reads(rd); }; });
}

void describe_live(CLI::App& app, Options& options, std::function<int()>& chosen) {
    auto& lv = options.live;
    const auto describe = [&](CLI::App* command) {
        command->add_option("--url", lv.url, "of the server: http://127.0.0.1:PORT")->required();
        command->add_option("--secret", lv.secret, "app secret that signs the deliveries")->required();
        command->add_option("--jwt-secret", lv.jwt_secret, "signs access tokens of as many agents as there have to be");
        command->add_option("--token", lv.token, "instead: an access token that all sockets use");
        command->add_option("--phone-number-id", lv.phone_number_id)->required();
        command->add_option("--waba", lv.waba)->required();
        command->add_option("--database", lv.database, "conninfo of the server's database")->required();
        command->add_option("--sockets", lv.sockets)->capture_default_str();
        command->add_option("--sockets-per-agent", lv.sockets_per_agent)->capture_default_str();
        command->add_option("--rate", lv.rate, "deliveries per second")->capture_default_str();
        command->add_option("--seconds", lv.seconds)->capture_default_str();
        command->add_option("--customers", lv.customers)->capture_default_str();
        command->add_option("--server-pid", lv.server_pid, "whose memory and CPU time are read")->required();
        command->add_option("--round", lv.round, "number that is printed with the result");
        return command;
    };
    describe(app.add_subcommand("live", "Time webhooks until they are at the sockets of the agents"))->callback([&] {
        chosen = [&lv] { return parley::bench::live(lv); };
    });
    describe(app.add_subcommand("swarm", "Weigh many sockets; cut them all and time their return"))->callback([&] {
        chosen = [&lv] { return parley::bench::swarm(lv); };
    });
}

void describe_database(CLI::App& app, Options& options, std::function<int()>& chosen) {
    auto& base = options.baseline;
    CLI::App* baseline = app.add_subcommand("baseline", "Write the same rows to copies of the tables in plain batches");
    baseline->add_option("--database", base.database, "conninfo")->required();
    baseline->add_option("--batch", base.batch, "messages in a transaction")->capture_default_str();
    baseline->add_option("--customers", base.customers)->capture_default_str();
    baseline->add_option("--seconds", base.seconds)->capture_default_str();
    baseline->add_option("--round", base.round, "number that is printed with the result");
    baseline->callback([&] { chosen = [&base] { return parley::bench::baseline(base); }; });

    auto& sd = options.seed;
    CLI::App* seed = app.add_subcommand("seed", "Fill the tables with conversations of the last 90 days");
    seed->add_option("--database", sd.database, "conninfo")->required();
    seed->add_option("--phone-number-id", sd.phone_number_id)->required();
    seed->add_option("--messages", sd.messages)->capture_default_str();
    seed->add_option("--conversations", sd.conversations, "without it one for 200 messages");
    seed->add_option("--name", sd.name, "of all customers; without it each has its own");
    seed->add_option("--account", sd.account, "without it the account of the number");
    seed->callback([&] { chosen = [&sd] { return parley::bench::seed(sd); }; });
}

void describe_server(CLI::App& app, Options& options, std::function<int()>& chosen) {
    auto& st = options.start;
    CLI::App* start = app.add_subcommand("start", "Time a server from exec until it is ready; its idle memory");
    start->add_option("--url", st.url, "that answers 200 when ready")->required();
    start->add_option("--name", st.name, "printed with the result")->required();
    start->add_option("--log", st.log, "file for what the server prints")->required();
    start->add_option("--runs", st.runs)->capture_default_str();
    start->add_option("--settle", st.settle, "seconds until memory is read")->capture_default_str();
    start->add_option("command", st.command, "after --")->required();
    start->callback([&] { chosen = [&st] { return parley::bench::start(st); }; });

    auto& wt = options.wait;
    CLI::App* wait = app.add_subcommand("wait", "Wait until a URL answers 200");
    wait->add_option("--url", wt.url)->required();
    wait->add_option("--pid", wt.pid, "give up when this process is gone");
    wait->add_option("--seconds", wt.seconds)->capture_default_str();
    wait->callback([&] { chosen = [&wt] { return parley::bench::wait(wt); }; });

    auto& tk = options.token;
    CLI::App* token = app.add_subcommand("token", "Print an access token (HS256)");
    token->add_option("--secret", tk.secret)->required();
    token->add_option("--subject", tk.subject, "user id")->required();
    token->callback([&] { chosen = [&tk] { return parley::bench::token(tk); }; });

    auto& pr = options.process;
    CLI::App* process = app.add_subcommand("process", "Print the memory of a running process");
    process->add_option("--pid", pr.pid)->required();
    process->add_option("--name", pr.name, "printed with the result")->required();
    process->callback([&] { chosen = [&pr] { return parley::bench::process(pr); }; });

    auto& rp = options.report;
    CLI::App* report = app.add_subcommand("report", "Print medians of many results as Markdown; write them as JSON");
    report->add_option("runs", rp.runs, "file of result lines")->required();
    report->add_option("output", rp.output, "JSON file to write")->required();
    report->callback([&] { chosen = [&rp] { return parley::bench::report(rp); }; });
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Measures Parley and the PostgreSQL under it"};
    app.require_subcommand(1);
    Options options;
    std::function<int()> chosen;
    describe_load(app, options, chosen);
    describe_live(app, options, chosen);
    describe_database(app, options, chosen);
    describe_server(app, options, chosen);
    CLI11_PARSE(app, argc, argv);
    try {
        return chosen();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "parley-bench: %s\n", error.what());
        return 2;
    }
}

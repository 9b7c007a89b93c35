#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "bench/commands.hpp"
#include "bench/json_line.hpp"

namespace parley::bench {

namespace {

struct Run {
    std::string text;
    json::value value;

    std::string word(std::string_view name) const { return json::text(value, name); }
    double number(std::string_view name) const {
        const json::value* found = json::find(value, name);
        return found && found->is_number() ? found->to_number<double>() : 0;
    }
};

using Runs = std::vector<const Run*>;

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::vector<double> all(const Runs& runs, std::string_view name) {
    std::vector<double> values;
    for (const Run* run : runs) values.push_back(run->number(name));
    return values;
}

double median(const Runs& runs, std::string_view name) {
    return median(all(runs, name));
}

// "12,345 (11,000-13,000)": the median, and from the least to the most.
std::string thousands(double value) {
    std::string digits = decimal(value, 0);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}
std::string with_range(const Runs& runs, std::string_view name) {
    const std::vector<double> values = all(runs, name);
    std::string text = thousands(median(values));
    if (values.size() > 1)
        text += " (" + thousands(std::ranges::min(values)) + "-" + thousands(std::ranges::max(values)) + ")";
    return text;
}

class Report {
  public:
    explicit Report(const std::string& path) {
        std::ifstream file(path);
        for (std::string line; std::getline(file, line);) {
            if (line.empty()) continue;
            auto value = json::parse(line);
            if (!value) throw std::runtime_error("not JSON: " + line);
            runs_.push_back({line, *std::move(value)});
        }
        if (runs_.empty()) throw std::runtime_error("no results in " + path);
    }

    void print() {
        settings();
        webhooks();
        reading();
        live();
        page();
        running();
    }

    void write(const std::string& path) const {
        std::ofstream file(path);
        file << "{\n  \"medians\": " << medians_.text() << ",\n  \"runs\": [";
        for (std::size_t i = 0; i < runs_.size(); ++i) file << (i ? ",\n    " : "\n    ") << runs_[i].text;
        file << "\n  ]\n}\n";
        if (!file.flush()) throw std::runtime_error("cannot write " + path);
    }

  private:
    Runs of(std::string_view kind) const {
        Runs found;
        for (const Run& run : runs_)
            if (run.word("kind") == kind) found.push_back(&run);
        return found;
    }

    static void row(std::initializer_list<std::string> cells) {
        for (const std::string& cell : cells) std::printf("| %s ", cell.c_str());
        std::puts("|");
    }

    void settings() const {
        for (const Run* run : of("settings"))
            std::printf("%s, %s cores, %s GiB; PostgreSQL %s; %s s a run, %s rounds; %s.\n\n", run->word("cpu").c_str(),
                        run->word("cores").c_str(), run->word("memory_gib").c_str(), run->word("postgres").c_str(),
                        run->word("seconds").c_str(), run->word("rounds").c_str(), run->word("when").c_str());
    }

    void webhooks() {
        const Runs alone = of("baseline");
        std::map<std::pair<double, double>, Runs> loads;
        for (const Run* run : of("ingest")) loads[{run->number("rate"), run->number("connections")}].push_back(run);
        if (alone.empty() && loads.empty()) return;
        std::puts("Webhook messages stored, each with its raw body, counters and event:\n");
        row({"load", "messages/s", "p50 ms", "p99 ms", "max ms", "share of PostgreSQL alone", "server CPU us/message",
             "PostgreSQL CPU us/message"});
        row({"-", "-", "-", "-", "-", "-", "-", "-"});
        if (!alone.empty()) {
            row({"PostgreSQL alone, batches of " + alone.front()->word("batch") + ", one session",
                 with_range(alone, "messages_per_second"), "-", "-", "-", "1", "-",
                 decimal(median(alone, "postgres_cpu_us"), 0)});
            medians_.add("baseline.messages_per_second", median(alone, "messages_per_second"), 1);
        }
        for (const auto& [load, runs] : loads) {
            const auto& [rate, connections] = load;
            std::string name = thousands(connections) + " connections, ";
            name += rate > 0 ? thousands(rate) + "/s" : "closed loop";
            const std::string key = "ingest." + decimal(connections, 0) + (rate > 0 ? ".rate" + decimal(rate, 0) : "");
            const std::optional<double> share = rate > 0 ? std::nullopt : share_of(alone, runs);
            row({name, with_range(runs, "messages_per_second"), decimal(median(runs, "p50_ms"), 1),
                 decimal(median(runs, "p99_ms"), 1), decimal(median(runs, "max_ms"), 1),
                 share ? decimal(*share, 2) : "-", decimal(median(runs, "server_cpu_us"), 0),
                 decimal(median(runs, "postgres_cpu_us"), 0)});
            for (const char* name_of : {"messages_per_second", "p50_ms", "p90_ms", "p99_ms", "max_ms", "server_cpu_us",
                                        "postgres_cpu_us", "generator_cpu_us"})
                medians_.add(key + "." + name_of, median(runs, name_of));
            if (share) medians_.add(key + ".share_of_postgres", *share);
        }
        const Runs ingests = of("ingest");
        double acknowledged = 0, wrong = 0, refused = 0;
        for (const Run* run : ingests) {
            acknowledged += run->number("acknowledged");
            refused += run->number("answers_503");
            for (const char* name : {"missing", "doubled", "unread_wrong", "events_wrong", "answers_other", "broken"})
                wrong += run->number(name);
        }
        std::printf(
            "\nLooked up afterwards: %s acknowledged messages, %s problems (missing, stored twice, wrong unread "
            "count, wrong event, other answers); %s answers 503.\n\n",
            thousands(acknowledged).c_str(), thousands(wrong).c_str(), thousands(refused).c_str());
    }

    // Of the runs of one round, since machines drift.
    static std::optional<double> share_of(const Runs& alone, const Runs& runs) {
        std::vector<double> shares;
        for (const Run* run : runs)
            for (const Run* base : alone)
                if (base->number("round") == run->number("round") && base->number("messages_per_second") > 0)
                    shares.push_back(run->number("messages_per_second") / base->number("messages_per_second"));
        if (shares.empty()) return {};
        return median(shares);
    }

    void reading() {
        std::map<std::string, std::map<double, Runs>> kinds;
        for (const Run* run : of("reads")) kinds[run->word("what")][run->number("stored")].push_back(run);
        if (kinds.empty()) return;
        std::printf("Reading, %s connections, closed loop:\n\n", of("reads").front()->word("connections").c_str());
        row({"request", "messages stored", "requests/s", "p50 ms", "p99 ms", "p99 against the smallest"});
        row({"-", "-", "-", "-", "-", "-"});
        for (const auto& [what, sizes] : kinds) {
            const double smallest = median(sizes.begin()->second, "p99_ms");
            for (const auto& [stored, runs] : sizes) {
                const double p99 = median(runs, "p99_ms");
                const double times = smallest > 0 ? p99 / smallest : 0;
                row({what == "messages" ? "thread, 100 messages" : "conversation list, 50", thousands(stored),
                     with_range(runs, "requests_per_second"), decimal(median(runs, "p50_ms"), 2), decimal(p99, 2),
                     decimal(times, 2) + "x"});
                const std::string key = "reads." + what + "." + decimal(stored, 0);
                medians_.add(key + ".requests_per_second", median(runs, "requests_per_second"), 1);
                medians_.add(key + ".p50_ms", median(runs, "p50_ms")).add(key + ".p99_ms", p99);
            }
        }
        std::puts("");
    }

    void live() {
        const Runs runs = of("live"), swarms = of("swarm");
        if (!runs.empty()) {
            std::printf("From the webhook to the sockets of %s agents, %s messages/s:\n\n",
                        runs.front()->word("sockets").c_str(), runs.front()->word("rate").c_str());
            row({"", "p50 ms", "p99 ms", "max ms"});
            row({"-", "-", "-", "-"});
            row({"the event is at a socket", decimal(median(runs, "p50_ms"), 1), decimal(median(runs, "p99_ms"), 1),
                 decimal(median(runs, "max_ms"), 1)});
            row({"the webhook is answered", decimal(median(runs, "answer_p50_ms"), 1),
                 decimal(median(runs, "answer_p99_ms"), 1), "-"});
            std::printf("\nServer CPU for an event at a socket: %s us.\n\n",
                        decimal(median(runs, "server_cpu_us"), 1).c_str());
            for (const char* name : {"p50_ms", "p99_ms", "max_ms", "answer_p50_ms", "answer_p99_ms", "server_cpu_us"})
                medians_.add(std::string("live.") + name, median(runs, name));
        }
        if (swarms.empty()) return;
        row({"many sockets", "figure"});
        row({"-", "-"});
        for (const Run* run : swarms) {
            const std::string sockets = thousands(run->number("sockets"));
            row({"server's memory with " + sockets + " idle sockets",
                 decimal(run->number("idle_rss_mib"), 1) + " MiB (" + decimal(run->number("empty_rss_mib"), 1) +
                     " MiB without)"});
            row({"server's CPU meanwhile", decimal(run->number("idle_cpu_percent"), 1) + " %"});
            row({"all connect at once", decimal(run->number("connected_s"), 1) + " s"});
            row({"all are cut at once and are back, with the " + run->word("missed_messages") + " messages they missed",
                 decimal(run->number("back_s"), 1) + " s"});
            for (const char* name : {"idle_rss_mib", "empty_rss_mib", "idle_cpu_percent", "connected_s", "back_s"})
                medians_.add("swarm." + std::string(name), run->number(name));
        }
        std::puts("");
    }

    void page() {
        const Runs loads = of("page_load"), bubbles = of("bubble");
        if (loads.empty() && bubbles.empty()) return;
        row({"the page, in Chromium", "figure"});
        row({"-", "-"});
        for (const Run* run : loads) {
            row({"JavaScript of the first load, compressed", decimal(run->number("script_kib"), 0) + " KiB"});
            row({"first load, nothing cached, until the list can be used",
                 decimal(run->number("interactive_ms"), 0) + " ms, at most " + decimal(run->number("slowest_ms"), 0) +
                     " ms"});
            medians_.add("page.script_kib", run->number("script_kib"), 1);
            medians_.add("page.interactive_ms", run->number("interactive_ms"), 1);
        }
        if (!bubbles.empty()) {
            row({"webhook sent until its bubble is painted, beside 100 agents at 50 messages/s",
                 "p50 " + decimal(median(bubbles, "p50_ms"), 0) + " ms, p95 " + decimal(median(bubbles, "p95_ms"), 0) +
                     " ms"});
            medians_.add("bubble.p50_ms", median(bubbles, "p50_ms"), 1);
            medians_.add("bubble.p95_ms", median(bubbles, "p95_ms"), 1);
        }
        for (const auto& [kind, what] : {std::pair{"scroll_thread", "messages of a thread"},
                                         std::pair{"scroll_list", "conversations of the list"}})
            for (const Run* run : of(kind)) {
                row({"scrolling through " + thousands(run->number("wanted")) + " " + what,
                     thousands(run->number("seen")) + " seen in " + decimal(run->number("seconds"), 0) +
                         " s; a frame takes " + decimal(run->number("frame_p50_ms"), 0) + " ms, p99 " +
                         decimal(run->number("frame_p99_ms"), 0) + " ms"});
                medians_.add(std::string(kind) + ".seconds", run->number("seconds"), 1);
                medians_.add(std::string(kind) + ".frame_p99_ms", run->number("frame_p99_ms"), 1);
            }
        std::puts("");
    }

    void running() {
        const Runs starts = of("start"), memory = of("memory");
        if (starts.empty() && memory.empty()) return;
        row({"running", "figure"});
        row({"-", "-"});
        for (const Run* run : starts) {
            const std::string name = run->word("name");
            row({"exec until ready, " + name, decimal(run->number("ready_ms"), 0) + " ms (" +
                                                  decimal(run->number("fastest_ms"), 0) + "-" +
                                                  decimal(run->number("slowest_ms"), 0) + ")"});
            row({"server's memory, idle, " + name, decimal(run->number("idle_rss_mib"), 1) + " MiB"});
            medians_.add("start." + name + ".ready_ms", run->number("ready_ms"), 1);
            medians_.add("start." + name + ".idle_rss_mib", run->number("idle_rss_mib"), 1);
        }
        for (const Run* run : memory) {
            const std::string name = run->word("name");
            row({"server's memory, " + name, decimal(run->number("rss_mib"), 1) + " MiB, at most " +
                                                 decimal(run->number("peak_rss_mib"), 1) + " MiB"});
            medians_.add("memory." + name + ".rss_mib", run->number("rss_mib"), 1);
            medians_.add("memory." + name + ".peak_rss_mib", run->number("peak_rss_mib"), 1);
        }
        std::puts("");
    }

    std::vector<Run> runs_;
    JsonLine medians_;
};

}  // namespace

int report(const ReportOptions& options) {
    Report report(options.runs);
    report.print();
    report.write(options.output);
    return 0;
}

}  // namespace parley::bench

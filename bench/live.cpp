// From the webhook to the agents' sockets, and many sockets at once.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/access_token.hpp"
#include "bench/commands.hpp"
#include "bench/database.hpp"
#include "bench/deliveries.hpp"
#include "bench/event_sockets.hpp"
#include "bench/http_load.hpp"
#include "bench/json_line.hpp"
#include "bench/process.hpp"

namespace parley::bench {

namespace {

constexpr Nanoseconds kPatience = 60 * kSecond;

// As many agents as there have to be for so many sockets; members of the first account.
std::vector<std::string> tokens_of_agents(const LiveOptions& options) {
    if (!options.token.empty())
        return std::vector<std::string>(static_cast<std::size_t>(options.sockets), options.token);
    const int agents = (options.sockets + options.sockets_per_agent - 1) / options.sockets_per_agent;
    Database database(options.database);
    const std::string count = std::to_string(agents);
    const Rows rows = database.query(
        "WITH agents AS (SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid AS id "
        "FROM generate_series(1, $1::integer) n), joined AS (INSERT INTO members (account_id, user_id, role) "
        "SELECT (SELECT min(id) FROM accounts), id, 'agent' FROM agents ON CONFLICT DO NOTHING) "
        "SELECT id FROM agents",
        std::span(&count, 1));
    std::vector<std::string> tokens;
    for (int i = 0; i < options.sockets; ++i)
        tokens.push_back(access_token(options.jwt_secret, rows.text(i % agents, 0)));
    return tokens;
}

// When each message of a run arrived at each socket.
class Arrivals {
  public:
    Arrivals(const DeliveryMaker& made, std::size_t first, std::size_t sockets)
        : made_(made), first_(first), seen_(sockets), at_(sockets) {}

    void take(std::size_t socket, std::string_view frame, Nanoseconds at) {
        if (frame.find(R"("name":"message.created")") == std::string_view::npos) return;
        const std::size_t begin = frame.find(made_.wamid_prefix());
        if (begin == std::string_view::npos) return;
        const auto number = made_.number_of(frame.substr(begin, frame.find('"', begin) - begin));
        if (!number || *number < first_) return;
        const std::size_t index = *number - first_;
        auto& seen = seen_[socket];
        if (seen.size() <= index) {
            seen.resize(index + 1);
            at_[socket].resize(index + 1);
        }
        if (seen[index]) {
            ++doubled_;
            return;
        }
        seen[index] = true;
        at_[socket][index] = at;
        ++count_;
    }

    std::size_t count() const { return count_; }
    std::size_t doubled() const { return doubled_; }
    /// Milliseconds from when each was due, ascending.
    std::vector<double> delays(std::int64_t begin_ns, double rate) const {
        std::vector<double> delays;
        delays.reserve(count_);
        for (std::size_t socket = 0; socket < seen_.size(); ++socket)
            for (std::size_t i = 0; i < seen_[socket].size(); ++i)
                if (seen_[socket][i]) {
                    const double due = static_cast<double>(begin_ns) + static_cast<double>(i) * 1e9 / rate;
                    delays.push_back((static_cast<double>(at_[socket][i]) - due) / 1e6);
                }
        std::ranges::sort(delays);
        return delays;
    }

  private:
    const DeliveryMaker& made_;
    std::size_t first_;
    std::vector<std::vector<bool>> seen_;
    std::vector<std::vector<Nanoseconds>> at_;
    std::size_t count_ = 0, doubled_ = 0;
};

double percentile(const std::vector<double>& ascending, double share) {
    if (ascending.empty()) return 0;
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(ascending.size()));
    return ascending[std::min(rank, ascending.size() - 1)];
}

void check(const LiveOptions& options) {
    if (options.sockets < 1 || options.sockets_per_agent < 1 || options.customers < 1 || options.rate <= 0)
        throw std::invalid_argument("sockets, sockets per agent, customers and rate are above 0");
    if (options.token.empty() == options.jwt_secret.empty())
        throw std::invalid_argument("either --token or --jwt-secret is needed");
}

[[noreturn]] void give_up(const std::string& what, const EventSockets& sockets) {
    throw std::runtime_error(what + ": " + std::to_string(sockets.ready()) + " of " + std::to_string(sockets.size()) +
                             " are ready, " + std::to_string(sockets.lost()) + " were closed; " +
                             sockets.last_goodbye());
}

}  // namespace

int live(const LiveOptions& options) {
    check(options);
    const Url webhook(options.url + "/webhook");
    DeliveryMaker maker(webhook, options.secret, options.waba, options.phone_number_id, options.customers);
    Requests opening, requests;
    maker.add_one_of_each_customer(opening, kOpeningBatch);
    const std::size_t first = maker.made();
    maker.add(requests, static_cast<std::size_t>(options.rate * options.seconds), 1);
    if (run_load(webhook, opening, {.connections = 4, .seconds = 60}).status_200 != opening.size())
        throw std::runtime_error("a first message was not taken");

    const auto count = static_cast<std::size_t>(options.sockets);
    Arrivals arrivals(maker, first, count);
    EventSockets sockets(
        Url(options.url + "/api/live-chat/events"), tokens_of_agents(options),
        [&](std::size_t socket, std::string_view frame, Nanoseconds at) { arrivals.take(socket, frame, at); });
    sockets.connect();
    if (!sockets.serve_until([&] { return sockets.ready() == count; }, kPatience)) give_up("connecting", sockets);
    Database(options.database).checkpoint();

    std::optional<LoadResult> load;
    std::exception_ptr failure;
    std::atomic<bool> over = false;
    std::thread sender([&] {
        try {
            load =
                run_load(webhook, requests, {.connections = 16, .seconds = options.seconds + 1, .rate = options.rate});
        } catch (...) {
            failure = std::current_exception();
        }
        over = true;
    });
    const double before = cpu_seconds(options.server_pid);
    sockets.serve_until([&] { return over.load(); }, kPatience + static_cast<Nanoseconds>(options.seconds) * kSecond);
    sender.join();
    if (failure) std::rethrow_exception(failure);
    const std::size_t wanted = load->accepted.size() * count;
    sockets.serve_until([&] { return arrivals.count() >= wanted; }, 10 * kSecond);
    const double used = cpu_seconds(options.server_pid) - before;

    const std::vector<double> delays = arrivals.delays(load->begin_ns, options.rate);
    const bool ok = load->accepted.size() == requests.size() && arrivals.count() == wanted && arrivals.doubled() == 0 &&
                    sockets.out_of_order() == 0 && sockets.lost() == 0;
    JsonLine line;
    line.add("kind", "live").add("round", options.round).add("sockets", options.sockets).add("rate", options.rate, 0);
    line.add("p50_ms", percentile(delays, 0.50)).add("p95_ms", percentile(delays, 0.95));
    line.add("p99_ms", percentile(delays, 0.99)).add("max_ms", percentile(delays, 1));
    line.add("answer_p50_ms", load->percentile_ms(0.50)).add("answer_p99_ms", load->percentile_ms(0.99));
    line.add("frames", arrivals.count()).add("missing", wanted - std::min(wanted, arrivals.count()));
    line.add("doubled", arrivals.doubled()).add("out_of_order", sockets.out_of_order()).add("lost", sockets.lost());
    line.add("server_cpu_us", arrivals.count() ? used * 1e6 / static_cast<double>(arrivals.count()) : 0, 1);
    line.flag("ok", ok);
    line.print();
    return ok ? 0 : 1;
}

int swarm(const LiveOptions& options) {
    check(options);
    const Url webhook(options.url + "/webhook");
    DeliveryMaker maker(webhook, options.secret, options.waba, options.phone_number_id, options.customers);
    Requests missed;
    maker.add(missed, static_cast<std::size_t>(options.customers), 1);

    const auto count = static_cast<std::size_t>(options.sockets);
    Arrivals arrivals(maker, 0, count);
    EventSockets sockets(
        Url(options.url + "/api/live-chat/events"), tokens_of_agents(options),
        [&](std::size_t socket, std::string_view frame, Nanoseconds at) { arrivals.take(socket, frame, at); });
    const double empty = memory_mib(options.server_pid, "VmRSS");
    const auto seconds_until = [&](const char* what, const std::function<bool()>& condition) {
        const Nanoseconds begin = now();
        if (!sockets.serve_until(condition, kPatience)) give_up(what, sockets);
        return static_cast<double>(now() - begin) / static_cast<double>(kSecond);
    };
    sockets.connect();
    const double connected = seconds_until("connecting", [&] { return sockets.ready() == count; });
    const Nanoseconds rest = now() + static_cast<Nanoseconds>(options.seconds * static_cast<double>(kSecond));
    const double cpu_before = cpu_seconds(options.server_pid);
    sockets.serve_until([&] { return now() >= rest; }, kPatience);
    const double idle_cpu = (cpu_seconds(options.server_pid) - cpu_before) / options.seconds;
    const double idle = memory_mib(options.server_pid, "VmRSS");

    sockets.cut();
    const LoadResult load = run_load(webhook, missed, {.connections = 1, .seconds = 60});
    const std::size_t wanted = load.accepted.size() * count;
    sockets.connect();
    const double back =
        seconds_until("coming back", [&] { return sockets.ready() == count && arrivals.count() >= wanted; });

    const bool ok = load.accepted.size() == missed.size() && sockets.recovered() == count && arrivals.doubled() == 0 &&
                    arrivals.count() == wanted && sockets.out_of_order() == 0 && sockets.lost() == 0;
    JsonLine line;
    line.add("kind", "swarm").add("round", options.round).add("sockets", options.sockets);
    line.add("missed_messages", load.accepted.size()).add("connected_s", connected, 2).add("back_s", back, 2);
    line.add("empty_rss_mib", empty, 1).add("idle_rss_mib", idle, 1).add("idle_cpu_percent", idle_cpu * 100, 1);
    line.add("peak_rss_mib", memory_mib(options.server_pid, "VmHWM"), 1);
    line.add("recovered", sockets.recovered()).add("doubled", arrivals.doubled());
    line.add("out_of_order", sockets.out_of_order()).add("lost", sockets.lost()).flag("ok", ok);
    line.print();
    return ok ? 0 : 1;
}

}  // namespace parley::bench

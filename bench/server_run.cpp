// Starting a server, waiting for it, and what it weighs.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "bench/access_token.hpp"
#include "bench/commands.hpp"
#include "bench/http_load.hpp"
#include "bench/json_line.hpp"
#include "bench/process.hpp"

extern char** environ;

namespace parley::bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPause = std::chrono::milliseconds(1);
constexpr auto kStartLimit = std::chrono::seconds(60);
constexpr auto kStopLimit = std::chrono::seconds(30);

// One GET on a connection of its own; true for 200. A server that takes the connection and stays silent costs a second.
bool answers(const Url& url) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) throw std::system_error(errno, std::generic_category(), "socket");
    const timeval limit{1, 0};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const std::string request =
        "GET " + url.path + " HTTP/1.1\r\nHost: " + url.authority + "\r\nConnection: close\r\n\r\n";
    char answer[16] = {};
    const bool heard =
        ::connect(socket, reinterpret_cast<const sockaddr*>(&url.address), sizeof url.address) == 0 &&
        ::send(socket, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()) &&
        ::recv(socket, answer, 12, MSG_WAITALL) == 12;
    ::close(socket);
    return heard && std::string_view(answer).substr(8) == " 200";
}

// A server process of our own; killed when it is still there at the end.
class Child {
  public:
    Child(const std::vector<std::string>& command, const std::string& log) {
        std::vector<std::string> words = command;
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
        posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
        const int error = posix_spawnp(&pid_, arguments.front(), &files, nullptr, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&files);
        if (error != 0) throw std::system_error(error, std::generic_category(), command.front());
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }

    int pid() const { return pid_; }
    bool ended() {
        if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
        return pid_ == 0;
    }
    void stop() {
        ::kill(pid_, SIGTERM);
        const auto limit = Clock::now() + kStopLimit;
        while (!ended()) {
            if (Clock::now() > limit) throw std::runtime_error("the server did not stop within 30 s of SIGTERM");
            std::this_thread::sleep_for(kPause);
        }
    }

  private:
    pid_t pid_ = 0;
};

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

}  // namespace

int start(const StartOptions& options) {
    if (options.command.empty() || options.runs < 1) throw std::invalid_argument("a command and at least one run");
    const Url url(options.url);
    std::vector<double> times, memory;
    for (int run = 0; run < options.runs; ++run) {
        const auto begin = Clock::now();
        Child server(options.command, options.log);
        while (!answers(url)) {
            if (server.ended() || Clock::now() > begin + kStartLimit)
                throw std::runtime_error("the server did not become ready; see " + options.log);
            std::this_thread::sleep_for(kPause);
        }
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
        std::this_thread::sleep_for(std::chrono::duration<double>(options.settle));
        memory.push_back(memory_mib(server.pid(), "VmRSS"));
        server.stop();
    }
    JsonLine line;
    line.add("kind", "start").add("name", options.name).add("runs", options.runs);
    line.add("ready_ms", median(times), 1).add("fastest_ms", std::ranges::min(times), 1);
    line.add("slowest_ms", std::ranges::max(times), 1).add("idle_rss_mib", median(memory), 1).print();
    return 0;
}

int wait(const WaitOptions& options) {
    const Url url(options.url);
    const auto limit = Clock::now() + std::chrono::duration<double>(options.seconds);
    while (!answers(url)) {
        if (options.pid > 0 && ::kill(options.pid, 0) != 0) throw std::runtime_error("the server has ended");
        if (Clock::now() > limit) throw std::runtime_error(options.url + " did not answer 200 in time");
        std::this_thread::sleep_for(10 * kPause);
    }
    return 0;
}

int token(const TokenOptions& options) {
    std::puts(access_token(options.secret, options.subject).c_str());
    return 0;
}

int process(const ProcessOptions& options) {
    JsonLine line;
    line.add("kind", "memory").add("name", options.name).add("rss_mib", memory_mib(options.pid, "VmRSS"), 1);
    line.add("peak_rss_mib", memory_mib(options.pid, "VmHWM"), 1).print();
    return 0;
}

}  // namespace parley::bench

#include "bench/process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace parley::bench {

namespace {

namespace fs = std::filesystem;

struct Stat {
    std::string name;
    int parent = 0;
    double own = 0;    // CPU seconds
    double ended = 0;  // of children that were waited for
};

// proc(5): the name stands in brackets and may hold spaces; state, parent, ... utime (14), stime, cutime, cstime.
Stat read_stat(int pid) {
    Stat stat;
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::stringstream all;
    all << file.rdbuf();
    const std::string text = all.str();
    const std::size_t open = text.find('('), close = text.rfind(')');
    if (open == std::string::npos || close == std::string::npos) return stat;
    stat.name = text.substr(open + 1, close - open - 1);
    std::istringstream rest(text.substr(close + 1));
    std::string skipped;
    rest >> skipped >> stat.parent;
    for (int field = 5; field < 14; ++field) rest >> skipped;
    std::array<double, 4> ticks{};
    for (double& value : ticks) rest >> value;
    const auto per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
    stat.own = (ticks[0] + ticks[1]) / per_second;
    stat.ended = (ticks[2] + ticks[3]) / per_second;
    return stat;
}

}  // namespace

double cpu_seconds(int pid) {
    return read_stat(pid).own;
}

double cpu_seconds_with_children(int pid) {
    const Stat self = read_stat(pid);
    double total = self.own + self.ended;
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator("/proc", gone)) {
        const std::string name = entry.path().filename();
        if (!std::isdigit(static_cast<unsigned char>(name.front()))) continue;
        const Stat child = read_stat(std::stoi(name));
        if (child.parent == pid) total += child.own;
    }
    return total;
}

double own_cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double memory_mib(int pid, const std::string& line) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    std::string name;
    double kib = 0;
    for (std::string text; std::getline(file, text);) {
        std::istringstream words(text);
        if (words >> name >> kib && name == line + ":") return kib / 1024;
    }
    return 0;
}

std::string process_name(int pid) {
    return read_stat(pid).name;
}

int parent_of(int pid) {
    return read_stat(pid).parent;
}

}  // namespace parley::bench

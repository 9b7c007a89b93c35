#include "bench/http_load.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <deque>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "bench/process.hpp"
#include "bench/socket.hpp"

namespace parley::bench {

namespace {

constexpr Nanoseconds kLongestSleep = kSecond / 10;
constexpr Nanoseconds kGrace = 10 * kSecond;

bool same_letters(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

struct Connection {
    Socket socket;
    bool busy = false;
    bool waits_to_write = false;
    std::size_t request = 0;
    std::size_t written = 0;
    Nanoseconds due = 0;
    AnswerReader answer;
};

class Load {
  public:
    Load(const Url& url, const Requests& requests, const LoadPlan& plan)
        : url_(url), requests_(requests), plan_(plan), poll_(epoll_create1(EPOLL_CLOEXEC)) {
        if (!poll_) throw_errno("epoll_create1");
        connections_.resize(static_cast<std::size_t>(plan.connections));
        for (std::size_t i = 0; i < connections_.size(); ++i) {
            if (!open(i)) throw_errno("connect");
            idle_.push_back(i);
        }
    }

    LoadResult run() {
        const double cpu_before = own_cpu_seconds();
        begin_ = now();
        last_answer_ = begin_;
        result_.begin_ns = begin_;
        const Nanoseconds end = begin_ + static_cast<Nanoseconds>(plan_.seconds * static_cast<double>(kSecond));
        std::array<epoll_event, 256> events{};
        for (;;) {
            const Nanoseconds time = now();
            stopping_ = stopping_ || time >= end;
            send_what_is_due(time);
            const bool over = stopping_ || used_up();
            if ((over && in_flight_ == 0) || time >= end + kGrace) break;
            Nanoseconds sleep = kLongestSleep;
            if (plan_.rate > 0 && !over && !idle_.empty()) sleep = std::clamp<Nanoseconds>(due(next_) - time, 0, sleep);
            const timespec timeout{0, sleep};
            const int count =
                epoll_pwait2(poll_.number(), events.data(), static_cast<int>(events.size()), &timeout, nullptr);
            for (int i = 0; i < count; ++i) {
                const epoll_event& event = events[static_cast<std::size_t>(i)];
                const auto index = static_cast<std::size_t>(event.data.u64);
                if (event.events & EPOLLOUT) write(index);
                if (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read(index);
            }
        }
        result_.seconds = static_cast<double>(last_answer_ - begin_) / static_cast<double>(kSecond);
        result_.cpu_seconds = own_cpu_seconds() - cpu_before;
        result_.unanswered = in_flight_;
        if (plan_.rate > 0) {
            const auto wanted = static_cast<std::size_t>(plan_.rate * plan_.seconds);
            result_.unsent = wanted > next_ ? wanted - next_ : 0;
        }
        result_.ran_out = !stopping_ && plan_.rate <= 0;
        std::ranges::sort(result_.latencies_us);
        return std::move(result_);
    }

  private:
    bool used_up() const { return !plan_.repeat && next_ >= requests_.size(); }
    Nanoseconds due(std::size_t index) const {
        return begin_ +
               static_cast<Nanoseconds>(static_cast<double>(index) * static_cast<double>(kSecond) / plan_.rate);
    }

    bool open(std::size_t index) {
        Connection& connection = connections_[index];
        Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (!socket) throw_errno("socket");
        const int on = 1;
        setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&url_.address), sizeof url_.address) != 0)
            return false;
        fcntl(socket.number(), F_SETFL, O_NONBLOCK);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = index;
        if (epoll_ctl(poll_.number(), EPOLL_CTL_ADD, socket.number(), &event) != 0) throw_errno("epoll_ctl");
        connection.socket = std::move(socket);
        connection.waits_to_write = false;
        return true;
    }

    void watch_writing(std::size_t index, bool wanted) {
        Connection& connection = connections_[index];
        if (connection.waits_to_write == wanted) return;
        connection.waits_to_write = wanted;
        epoll_event event{};
        event.events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN;
        event.data.u64 = index;
        epoll_ctl(poll_.number(), EPOLL_CTL_MOD, connection.socket.number(), &event);
    }

    void send_what_is_due(Nanoseconds time) {
        while (!stopping_ && !used_up() && !idle_.empty()) {
            if (plan_.rate > 0 && due(next_) > time) return;
            const std::size_t index = idle_.front();
            Connection& connection = connections_[index];
            if (!connection.socket && !open(index)) {
                ++result_.broken;
                stopping_ = true;
                return;
            }
            idle_.pop_front();
            connection.busy = true;
            connection.due = plan_.rate > 0 ? due(next_) : now();
            connection.request = next_++ % requests_.size();
            connection.written = 0;
            connection.answer = {};
            ++in_flight_;
            write(index);
        }
    }

    void write(std::size_t index) {
        Connection& connection = connections_[index];
        if (!connection.busy) return;
        const std::string_view bytes = requests_[connection.request];
        while (connection.written < bytes.size()) {
            const ssize_t count = ::send(connection.socket.number(), bytes.data() + connection.written,
                                         bytes.size() - connection.written, MSG_NOSIGNAL);
            if (count < 0 && errno == EAGAIN) return watch_writing(index, true);
            if (count < 0) return broken(index);
            connection.written += static_cast<std::size_t>(count);
        }
        watch_writing(index, false);
    }

    void read(std::size_t index) {
        Connection& connection = connections_[index];
        if (!connection.socket) return;
        const ssize_t count = ::recv(connection.socket.number(), buffer_.data(), buffer_.size(), 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) return broken(index);
        result_.bytes += static_cast<std::uint64_t>(count);
        if (!connection.busy) return broken(index);
        switch (connection.answer.feed({buffer_.data(), static_cast<std::size_t>(count)})) {
            case AnswerReader::State::more:
                return;
            case AnswerReader::State::bad:
                return broken(index);
            case AnswerReader::State::done:
                return answered(index);
        }
    }

    void answered(std::size_t index) {
        Connection& connection = connections_[index];
        last_answer_ = now();
        const int status = connection.answer.status();
        if (status == 200) {
            ++result_.status_200;
            result_.accepted.push_back(static_cast<std::uint32_t>(connection.request));
            const Nanoseconds microseconds = (last_answer_ - connection.due) / 1000;
            result_.latencies_us.push_back(static_cast<std::uint32_t>(
                std::min<Nanoseconds>(microseconds, std::numeric_limits<std::uint32_t>::max())));
        } else {
            ++(status == 503 ? result_.status_503 : result_.status_other);
        }
        if (connection.answer.closes()) connection.socket.close();
        release(index);
    }

    // A server may close a connection that is idle; only one that owes an answer counts.
    void broken(std::size_t index) {
        Connection& connection = connections_[index];
        connection.socket.close();
        if (!connection.busy) return;
        ++result_.broken;
        release(index);
    }

    void release(std::size_t index) {
        connections_[index].busy = false;
        --in_flight_;
        idle_.push_back(index);
    }

    const Url& url_;
    const Requests& requests_;
    const LoadPlan plan_;
    Socket poll_;
    std::vector<Connection> connections_;
    std::deque<std::size_t> idle_;
    std::vector<char> buffer_ = std::vector<char>(1 << 18);
    LoadResult result_;
    std::size_t next_ = 0;
    std::size_t in_flight_ = 0;
    Nanoseconds begin_ = 0;
    Nanoseconds last_answer_ = 0;
    bool stopping_ = false;
};

}  // namespace

Url::Url(std::string_view text) {
    constexpr std::string_view kScheme = "http://";
    if (!text.starts_with(kScheme)) throw std::invalid_argument("a URL must begin with http://");
    text.remove_prefix(kScheme.size());
    const std::size_t slash = text.find('/');
    authority = text.substr(0, slash);
    path = slash == std::string_view::npos ? "/" : text.substr(slash);
    const std::size_t colon = authority.find(':');
    std::uint16_t port = 80;
    if (colon != std::string::npos)
        std::from_chars(authority.data() + colon + 1, authority.data() + authority.size(), port);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (inet_pton(AF_INET, authority.substr(0, colon).c_str(), &address.sin_addr) != 1)
        throw std::invalid_argument("a URL needs a numeric IPv4 address");
}

void Requests::add(std::string_view bytes) {
    bytes_ += bytes;
    ends_.push_back(bytes_.size());
}

std::string_view Requests::operator[](std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(bytes_).substr(begin, ends_[index] - begin);
}

AnswerReader::State AnswerReader::feed(std::string_view bytes) {
    if (!in_body_) {
        const std::size_t known = head_.size();
        head_ += bytes;
        const std::size_t end = head_.find("\r\n\r\n", known < 3 ? 0 : known - 3);
        if (end == std::string::npos) return State::more;
        bytes.remove_prefix(end + 4 - known);
        head_.resize(end + 2);
        if (read_head() == State::bad) return State::bad;
        in_body_ = true;
    }
    if (bytes.size() > left_) return State::bad;
    left_ -= bytes.size();
    return left_ == 0 ? State::done : State::more;
}

AnswerReader::State AnswerReader::read_head() {
    const std::string_view head = head_;
    if (!head.starts_with("HTTP/1.") || head.size() < 12) return State::bad;
    std::from_chars(head.data() + 9, head.data() + 12, status_);
    bool sized = status_ == 204 || status_ == 304;
    for (std::size_t begin = head.find("\r\n") + 2; begin < head.size();) {
        const std::size_t end = head.find("\r\n", begin);
        const std::string_view line = head.substr(begin, end - begin);
        begin = end + 2;
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) return State::bad;
        std::string_view value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        if (same_letters(line.substr(0, colon), "content-length")) {
            sized = std::from_chars(value.data(), value.data() + value.size(), left_).ec == std::errc{};
        } else if (same_letters(line.substr(0, colon), "connection")) {
            closes_ = same_letters(value, "close");
        }
    }
    return sized ? State::done : State::bad;
}

double LoadResult::percentile_ms(double share) const {
    if (latencies_us.empty()) return 0;
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(latencies_us.size()));
    return latencies_us[std::min(rank, latencies_us.size() - 1)] / 1000.0;
}

LoadResult run_load(const Url& url, const Requests& requests, const LoadPlan& plan) {
    if (requests.size() == 0) throw std::invalid_argument("no requests");
    return Load(url, requests, plan).run();
}

}  // namespace parley::bench

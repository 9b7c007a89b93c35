#include "simulator/webhooks_out.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "simulator/meta_json.hpp"

namespace parley::simulator {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestWait{30'000};
constexpr milliseconds kWebhookTimeout{10'000};
constexpr milliseconds kHeldBack{400};

std::string percent_encode(std::string_view text) {
    std::string out;
    for (char c : text) {
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '_' || c == '.' || c == '~';
        out += plain ? std::string(1, c) : "%" + to_hex(std::string_view(&c, 1));
    }
    return out;
}

}  // namespace

WebhooksOut::WebhooksOut(asio::io_context& io, const SimulatorOptions& options, State& state, Faults& faults)
    : executor_(io.get_executor()),
      options_(options),
      state_(state),
      faults_(faults),
      client_(io),
      wake_(executor_),
      verify_now_(executor_),
      stopping_(executor_),
      url_(options.webhook_url),
      random_(std::random_device{}()) {}

void WebhooksOut::start() {
    stopped_ = false;
    loops_ = 2;
    asio::co_spawn(executor_, run(), asio::detached);
    asio::co_spawn(executor_, keep_verifying(), asio::detached);
}

awaitable<void> WebhooksOut::stop() {
    stopped_ = true;
    wake_.notify();
    verify_now_.notify();
    client_.stop();
    while (loops_ > 0 || in_flight_ > 0) {
        milliseconds patience{50};
        co_await stopping_.wait_for(patience);
    }
}

std::shared_ptr<Delivery> WebhooksOut::post(const json::object& body, Kind kind, std::string wamid,
                                            milliseconds delay) {
    return post(to_meta_json(body), kind, std::move(wamid), delay);
}

std::shared_ptr<Delivery> WebhooksOut::post(std::string body, Kind kind, std::string wamid, milliseconds delay) {
    if (queue_.size() >= kMaxQueue) {
        ++refused_;
        return nullptr;
    }
    ++posted_;
    auto delivery = std::make_shared<Delivery>(executor_);
    delivery->body = std::move(body);
    delivery->wamid = std::move(wamid);
    delay += milliseconds{faults_.delay_ms} + hold_back(kind);
    enqueue(delivery, delay);
    if (take(faults_.duplicate)) {
        auto twin = std::make_shared<Delivery>(executor_);
        twin->body = delivery->body;
        enqueue(std::move(twin), delay);
    }
    return delivery;
}

milliseconds WebhooksOut::hold_back(Kind kind) {
    if (!faults_.reorder || kind != Kind::message) return milliseconds{0};
    hold_next_ = !hold_next_;
    return hold_next_ ? kHeldBack : milliseconds{0};
}

void WebhooksOut::enqueue(std::shared_ptr<Delivery> delivery, milliseconds delay) {
    queue_.emplace(std::pair{std::chrono::steady_clock::now() + delay, ++last_id_}, std::move(delivery));
    wake_.notify();
}

awaitable<bool> WebhooksOut::wait_delivered(std::shared_ptr<Delivery> delivery, milliseconds timeout) {
    auto deadline = std::chrono::steady_clock::now() + timeout;
    while (!delivery->delivered) {
        auto left = deadline - std::chrono::steady_clock::now();
        if (left <= milliseconds{0}) co_return false;
        co_await delivery->done.wait_for(left);
    }
    co_return true;
}

awaitable<void> WebhooksOut::run() {
    while (!stopped_) {
        start_due();
        std::chrono::steady_clock::duration wait = std::chrono::minutes{10};
        if (!queue_.empty() && in_flight_ < kMaxInFlight) {
            wait = queue_.begin()->first.first - std::chrono::steady_clock::now();
        }
        co_await wake_.wait_for(wait);
    }
    --loops_;
    stopping_.ring();
}

void WebhooksOut::start_due() {
    auto now = std::chrono::steady_clock::now();
    while (in_flight_ < kMaxInFlight && !queue_.empty() && queue_.begin()->first.first <= now) {
        auto delivery = std::move(queue_.begin()->second);
        queue_.erase(queue_.begin());
        ++in_flight_;
        asio::co_spawn(executor_, attempt(std::move(delivery)), asio::detached);
    }
}

awaitable<void> WebhooksOut::attempt(std::shared_ptr<Delivery> delivery) {
    ++delivery->attempts;
    std::string problem;
    try {
        problem = co_await try_once(delivery->body);
    } catch (const std::exception& error) {
        problem = error.what();
    }
    --in_flight_;
    if (delivery->attempts > 1) --retrying_;
    if (problem.empty()) {
        ++delivered_;
        delivery->delivered = true;
        delivery->done.ring();
    } else {
        ++failed_attempts_;
        last_problem_ = problem;
        log::debug("simulator_webhook_failed", {{"attempt", delivery->attempts}, {"reason", problem}});
        ++retrying_;
        if (!stopped_) enqueue(delivery, backoff(delivery->attempts));
    }
    note_outcome(*delivery, problem);
    state_.note_change();
    wake_.notify();
    if (stopped_) stopping_.ring();
}

awaitable<std::string> WebhooksOut::try_once(std::string body) {
    auto url = http::parse_url(url_);
    if (!url) co_return url_.empty() ? "no webhook URL" : "the webhook URL is not an http(s) URL";
    http::ClientRequest request{.method = http::Method::post,
                                .url = *url,
                                .headers = {{"Content-Type", "application/json"},
                                            {"X-Hub-Signature-256", signature(options_.app_secret, body)}},
                                .body = std::move(body),
                                .timeout = kWebhookTimeout};
    auto answer = co_await client_.send(std::move(request));
    if (!answer) co_return answer.error().reason;
    if (answer->status != 200) co_return "HTTP " + std::to_string(answer->status);
    co_return std::string();
}

void WebhooksOut::note_outcome(const Delivery& delivery, const std::string& problem) {
    if (delivery.wamid.empty()) return;
    ChatMessage* message = state_.find(delivery.wamid);
    if (message == nullptr || message->from_business || message->status == "delivered") return;
    message->status = delivery.delivered ? "delivered" : "retrying";
    message->attempts = delivery.attempts;
    message->problem = problem;
    state_.touch(*message);
}

milliseconds WebhooksOut::backoff(unsigned attempts) {
    auto wait = options_.retry_base * (std::int64_t{1} << std::min(attempts - 1, 10U));
    wait = std::clamp(wait, milliseconds{1}, kLongestWait);
    std::uniform_int_distribution<std::int64_t> jitter(wait.count() * 3 / 4, wait.count() * 5 / 4);
    return std::min(milliseconds{jitter(random_)}, kLongestWait);
}

void WebhooksOut::set_url(std::string url, bool verify) {
    url_ = std::move(url);
    want_verification_ = verify;
    verification_ = {};
    verify_now_.notify();
    auto waiting = std::exchange(queue_, {});
    auto now = std::chrono::steady_clock::now();
    for (auto& [due, delivery] : waiting) queue_.emplace(std::pair{std::min(due.first, now), due.second}, delivery);
    wake_.notify();
}

void WebhooksOut::drop_waiting() {
    queue_.clear();
}

awaitable<Verification> WebhooksOut::verify(std::string url, std::string verify_token) {
    auto target = http::parse_url(url);
    if (!target) {
        verification_ = {.ok = false, .detail = url.empty() ? "no webhook URL" : "not an http(s) URL"};
        co_return verification_;
    }
    std::uniform_int_distribution<std::uint32_t> digits(1'000'000'000, 1'999'999'999);
    auto challenge = std::to_string(digits(random_));
    target->target += target->target.find('?') == std::string::npos ? '?' : '&';
    target->target +=
        "hub.mode=subscribe&hub.challenge=" + challenge + "&hub.verify_token=" + percent_encode(verify_token);
    http::ClientRequest request{
        .method = http::Method::get, .url = *target, .headers = {}, .body = {}, .timeout = kWebhookTimeout};
    auto answer = co_await client_.send(std::move(request));
    if (!answer) {
        verification_ = {.ok = false, .detail = answer.error().reason};
    } else if (answer->status != 200) {
        verification_ = {.ok = false, .detail = "HTTP " + std::to_string(answer->status)};
    } else if (answer->body != challenge) {
        verification_ = {.ok = false, .detail = "the answer is not exactly the challenge"};
    } else {
        verification_ = {.ok = true, .detail = "ok"};
    }
    log::info("simulator_webhook_verified", {{"ok", verification_.ok}, {"detail", verification_.detail}});
    state_.note_change();
    co_return verification_;
}

awaitable<void> WebhooksOut::keep_verifying() {
    unsigned tries = 0;
    while (!stopped_) {
        std::chrono::steady_clock::duration wait = std::chrono::minutes{10};
        if (want_verification_ && !url_.empty()) {
            auto result = co_await verify_quietly();
            want_verification_ = !result.ok && want_verification_;
            tries = result.ok ? 0 : tries + 1;
            if (want_verification_) wait = backoff(tries);
        }
        if (!stopped_) co_await verify_now_.wait_for(wait);
    }
    --loops_;
    stopping_.ring();
}

awaitable<Verification> WebhooksOut::verify_quietly() {
    try {
        co_return co_await verify(url_, options_.verify_token);
    } catch (const std::exception& error) {
        log::error("simulator_verification_failed", {{"reason", error.what()}});
    }
    co_return Verification{};
}

json::object WebhooksOut::to_json() const {
    return {{"url", url_},           {"verified", verification_.ok}, {"verification", verification_.detail},
            {"posted", posted_},     {"delivered", delivered_},      {"failed_attempts", failed_attempts_},
            {"refused", refused_},   {"in_flight", in_flight_},      {"waiting", queue_.size()},
            {"retrying", retrying_}, {"last_problem", last_problem_}};
}

}  // namespace parley::simulator

#include "simulator/receipts.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "simulator/webhook_bodies.hpp"

namespace parley::simulator {
namespace {

constexpr std::chrono::milliseconds kReadAfter{300};

}  // namespace

Receipts::Receipts(Executor executor, const SimulatorOptions& options, State& state, Businesses& businesses,
                   WebhooksOut& webhooks, const Faults& faults)
    : options_(options),
      state_(state),
      businesses_(businesses),
      webhooks_(webhooks),
      faults_(faults),
      wake_(executor),
      ended_(executor) {}

void Receipts::start() {
    stopped_ = false;
    running_ = true;
    asio::co_spawn(state_.executor(), run(), asio::detached);
}

awaitable<void> Receipts::stop() {
    stopped_ = true;
    wake_.notify();
    while (running_) {
        std::chrono::milliseconds patience{50};
        co_await ended_.wait_for(patience);
    }
}

awaitable<void> Receipts::run() {
    while (!stopped_) {
        auto now = std::chrono::steady_clock::now();
        while (!schedule_.empty() && schedule_.begin()->first <= now) {
            Step step = std::move(schedule_.begin()->second);
            schedule_.erase(schedule_.begin());
            take_step(step);
        }
        std::chrono::steady_clock::duration wait = std::chrono::minutes{10};
        if (!schedule_.empty()) wait = schedule_.begin()->first - std::chrono::steady_clock::now();
        co_await wake_.wait_for(wait);
    }
    running_ = false;
    ended_.ring();
}

void Receipts::after(std::chrono::milliseconds delay, Step step) {
    schedule_.emplace(std::chrono::steady_clock::now() + delay, std::move(step));
    wake_.notify();
}

void Receipts::accepted(const std::string& wamid) {
    ChatMessage* message = state_.find(wamid);
    if (!faults_.auto_statuses || message == nullptr) return;
    if (faults_.reorder) {
        take_step({.id = wamid, .status = "delivered"});
        after(options_.delivered_after, {.id = wamid, .status = "sent", .forced = true});
        return;
    }
    take_step({.id = wamid, .status = "sent"});
    bool only_sent = message->type == "reaction" || state_.find_customer(message->customer) == nullptr;
    if (only_sent) return;
    after(options_.delivered_after, {.id = wamid, .status = "delivered"});
    if (faults_.auto_read) after(options_.delivered_after + kReadAfter, {.id = wamid, .status = "read"});
}

void Receipts::failed(const std::string& wamid, const json::object& error) {
    ChatMessage* message = state_.find(wamid);
    if (message == nullptr || !state_.advance(*message, "failed")) return;
    message->problem = std::to_string(json::integer(error, "code").value_or(0)) + " " + json::text(error, "title");
    state_.touch(*message);
    post(*message, "failed", json::array{error});
}

std::size_t Receipts::read_all(std::string_view customer, std::string_view phone_number_id) {
    auto unread = state_.unread_by(customer);
    if (!phone_number_id.empty()) {
        std::erase_if(unread, [&](const auto* message) { return message->phone_number_id != phone_number_id; });
    }
    for (ChatMessage* message : unread) {
        state_.advance(*message, "read");
        post(*message, "read", {});
    }
    return unread.size();
}

bool Receipts::send(const std::string& wamid, std::string_view status, const json::array& errors) {
    ChatMessage* message = state_.find(wamid);
    if (message == nullptr || !message->from_business) return false;
    state_.advance(*message, status);
    post(*message, status, errors);
    return true;
}

void Receipts::approve_soon(const std::string& template_id) {
    after(std::chrono::milliseconds{faults_.approve_after_ms}, {.id = template_id, .status = "template"});
}

void Receipts::take_step(const Step& step) {
    if (step.status == "template") {
        Waba* waba = businesses_.waba_with_template(step.id);
        Template* pending = waba == nullptr ? nullptr : waba->templates.find_by_id(step.id);
        if (pending == nullptr || pending->status != "PENDING") return;
        pending->status = "APPROVED";
        post(*waba, template_status_webhook(waba->id, *pending, state_.now()), WebhooksOut::Kind::other);
        return;
    }
    ChatMessage* message = state_.find(step.id);
    if (message == nullptr) return;
    bool moved = state_.advance(*message, step.status);
    if (moved || step.forced) post(*message, step.status, {});
}

void Receipts::post(const ChatMessage& message, std::string_view status, const json::array& errors) {
    BusinessNumber* number = businesses_.number(message.phone_number_id);
    if (number == nullptr) return;
    const Customer* customer = state_.find_customer(message.customer);
    post(businesses_.waba_of(*number), status_webhook(*number, message, customer, status, state_.now(), errors),
         WebhooksOut::Kind::status);
}

std::shared_ptr<Delivery> Receipts::post(const Waba& waba, const json::object& body, WebhooksOut::Kind kind) {
    return waba.subscribed ? webhooks_.post(body, kind) : nullptr;
}

}  // namespace parley::simulator

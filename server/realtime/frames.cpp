#include "realtime/frames.hpp"

#include "base/text.hpp"
#include "wire/json_writer.hpp"

namespace parley::realtime {
namespace {

Frame shared(std::string text) {
    return std::make_shared<const std::string>(std::move(text));
}

std::string quoted(std::string_view text) {
    std::string out;
    wire::write_text(out, text);
    return out;
}

/// Writes each conversation of a page once, however many of its events name it.
class PageWriter {
  public:
    explicit PageWriter(const store::EventPage& page) : page_(page) {}

    Frame write(const store::Event& event) {
        std::string out = R"({"type":"event","offset":)" + std::to_string(event.offset) + ",\"name\":";
        wire::write_text(out, event.name);
        if (event.conversation) out += ",\"conversation_id\":" + std::to_string(event.conversation->value);
        out += ",\"data\":{";
        auto message = event.message ? page_.messages.find(*event.message) : page_.messages.end();
        if (message != page_.messages.end()) {
            out += "\"message\":";
            wire::write(out, message->second);
        }
        if (const auto* conversation = event.conversation ? conversation_text(*event.conversation) : nullptr) {
            if (message != page_.messages.end()) out += ',';
            out += "\"conversation\":" + *conversation;
        }
        return shared(out + "}}");
    }

  private:
    const std::string* conversation_text(ConversationId id) {
        auto found = page_.conversations.find(id);
        if (found == page_.conversations.end()) return nullptr;
        auto& text = written_[id];
        if (text.empty()) wire::write(text, found->second);
        return &text;
    }

    const store::EventPage& page_;
    std::unordered_map<ConversationId, std::string> written_;
};

}  // namespace

Frame ready_frame(const Ready& ready) {
    return shared(R"({"type":"ready","epoch":)" + quoted(ready.epoch) + ",\"offset\":" + std::to_string(ready.offset) +
                  ",\"recovered\":" + (ready.recovered ? "true" : "false") + ",\"user_id\":" + quoted(ready.user_id) +
                  ",\"server_time\":" + quoted(to_rfc3339(ready.now)) + "}");
}

std::vector<Frame> event_frames(const store::EventPage& page) {
    PageWriter writer(page);
    std::vector<Frame> frames;
    frames.reserve(page.events.size());
    for (const auto& event : page.events) frames.push_back(writer.write(event));
    return frames;
}

Frame heartbeat_frame(std::int64_t offset) {
    return shared(R"({"type":"heartbeat","offset":)" + std::to_string(offset) + "}");
}

Frame expiring_frame(TimePoint expires_at) {
    return shared(R"({"type":"auth_expiring","expires_at":)" + quoted(to_rfc3339(expires_at)) + "}");
}

Frame pong_frame() {
    return shared(R"({"type":"pong"})");
}

Frame unknown_type_frame(std::string_view type) {
    constexpr std::size_t kShown = 40;
    return shared(
        R"({"type":"notice","code":"unknown_type","detail":)" +
        quoted("Nothing is done for a message of the type " + std::string(first_code_points(type, kShown)) + ".") +
        "}");
}

}  // namespace parley::realtime

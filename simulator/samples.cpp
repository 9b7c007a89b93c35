// Sample messages of every type that a customer can send.
#include "simulator/incoming.hpp"

namespace parley::simulator {
namespace {

json::object sample_media(World& world, const BusinessNumber& number, std::string_view kind, std::string mime_type,
                          std::string filename) {
    auto file = world.media.add(MediaOrigin::customer, number.phone_number_id, std::move(mime_type),
                                std::move(filename), std::string(sample_bytes(kind)));
    return media_content(world, *file);
}

json::value button_reply(const World& world, const Customer& customer) {
    json::object reply{{"id", "yes"}, {"title", "Yes, please"}};
    const ChatMessage* question = newest_reply(world, customer, "interactive");
    const auto* interactive = question == nullptr ? nullptr : question->body.if_contains("interactive");
    const auto* action = interactive == nullptr ? nullptr : json::find(*interactive, "action");
    const auto* buttons = action == nullptr ? nullptr : json::find_array(*action, "buttons");
    if (buttons != nullptr && !buttons->empty()) {
        if (const auto* first = json::find_object(buttons->front(), "reply")) reply = *first;
    }
    return json::object{{"type", "button_reply"}, {"button_reply", std::move(reply)}};
}

json::value contact_card() {
    json::object name{{"formatted_name", "Chandra Rao"}, {"first_name", "Chandra"}, {"last_name", "Rao"}};
    json::object phone{{"phone", "+1 650-555-0199"}, {"wa_id", "16505550199"}, {"type", "CELL"}};
    return json::array{json::object{{"name", std::move(name)}, {"phones", json::array{std::move(phone)}}}};
}

json::value order() {
    json::object item{
        {"product_retailer_id", "succulent-7"}, {"quantity", 2}, {"item_price", 12.5}, {"currency", "USD"}};
    return json::object{
        {"catalog_id", "194836987003835"}, {"text", ""}, {"product_items", json::array{std::move(item)}}};
}

}  // namespace

const ChatMessage* newest_reply(const World& world, const Customer& customer, std::string_view type) {
    const ChatMessage* newest = nullptr;
    for (const ChatMessage* message : world.state.numbered_after(0)) {
        bool fits =
            message->from_business && message->customer == customer.key && (type.empty() || message->type == type);
        if (fits) newest = message;
    }
    return newest;
}

json::object media_content(const World& world, const MediaFile& file) {
    json::object content{{"mime_type", file.mime_type}, {"sha256", to_base64(file.sha256_raw)}, {"id", file.id}};
    if (world.faults.webhook_media_url) {
        std::chrono::seconds life{world.faults.media_url_life_s};
        content["url"] = world.base_url + world.media.url_target(file.id, life);
    }
    return content;
}

json::object sample_referral() {
    return {{"source_url", "https://fb.me/3cr4Wqqkv"},
            {"source_id", "120226305854810726"},
            {"source_type", "ad"},
            {"body", "Summer succulents are here!"},
            {"headline", "Chat with us"},
            {"media_type", "image"},
            {"image_url", "https://www.example.com/summer.jpg"},
            {"ctwa_clid", "Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27vDVwFjN80dp4"},
            {"welcome_message", {{"text", "Hi there! Let us know how we can help!"}}}};
}

json::value sample_content(World& world, const BusinessNumber& number, const std::string& type,
                           const Customer& customer) {
    if (type == "text") return json::object{{"body", "Hello!"}};
    if (type == "image") return sample_media(world, number, "image", "image/png", {});
    if (type == "video") return sample_media(world, number, "video", "video/mp4", {});
    if (type == "sticker") {
        auto sticker = sample_media(world, number, "sticker", "image/webp", {});
        sticker["animated"] = false;
        return sticker;
    }
    if (type == "audio") {
        auto audio = sample_media(world, number, "audio", "audio/ogg; codecs=opus", {});
        audio["voice"] = false;
        return audio;
    }
    if (type == "document") {
        auto document = sample_media(world, number, "document", "application/pdf", "receipt.pdf");
        document["filename"] = "receipt.pdf";
        return document;
    }
    if (type == "location") {
        return json::object{{"latitude", 37.44221496582},
                            {"longitude", -122.16165924072},
                            {"name", "Philz Coffee"},
                            {"address", "101 Forest Ave, Palo Alto, CA 94301"}};
    }
    if (type == "contacts") return contact_card();
    if (type == "reaction") {
        const ChatMessage* target = newest_reply(world, customer, {});
        return json::object{{"message_id", target == nullptr ? std::string("wamid.unknown") : target->wamid},
                            {"emoji", "\U0001F44D"}};
    }
    if (type == "interactive") return button_reply(world, customer);
    if (type == "button") return json::object{{"payload", "Talk to us"}, {"text", "Talk to us"}};
    if (type == "order") return order();
    if (type == "unsupported") return json::object{{"type", "poll_creation"}};
    return nullptr;
}

}  // namespace parley::simulator

// Media both ways, and what goes wrong with them on purpose.
#include "simulator/media_kinds.hpp"
#include "simulator/stage_for_tests.hpp"

namespace parley::simulator {
namespace {

constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n and so on";
constexpr const char* kUpload = "/v24.0/106540352242922/media";

using Answer = std::expected<http::ClientResponse, http::ClientError>;

awaitable<Answer> upload(Stage& stage, std::string type, std::string bytes, bool with_product = true) {
    std::string body;
    if (with_product) body += "--b\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n";
    body += "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: " + type +
            "\r\n\r\n" + bytes + "\r\n--b--\r\n";
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = *http::parse_url(stage.simulator.url() + kUpload);
    request.headers = {{"Authorization", "Bearer token"}, {"Content-Type", "multipart/form-data; boundary=b"}};
    request.body = std::move(body);
    co_return co_await stage.client.send(std::move(request));
}

awaitable<void> set_faults(Stage& stage, json::object faults) {
    auto answer = co_await stage.call(http::Method::put, "/_sim/faults", faults);
    body_of(answer);
}

/// The media object of a photo that Ana sends.
awaitable<json::value> photo_of_ana(Stage& stage) {
    json::object photo{{"from", "5511955501234"}, {"type", "image"}, {"wait", true}};
    auto answer = co_await stage.call(http::Method::post, "/_sim/inbound", photo);
    body_of(answer);
    co_return first_of(stage.app.bodies.back(), "messages")->at("image");
}

json::object an_image(std::string id, std::string type = "image") {
    json::object message{{"messaging_product", "whatsapp"}, {"to", "+5511955501234"}, {"type", type}};
    message[type] = json::object{{"id", std::move(id)}};
    return message;
}

awaitable<void> checks_uploads(Stage& stage) {
    auto good = co_await upload(stage, "image/png", std::string(kPng));
    EXPECT_FALSE(json::text(body_of(good), "id").empty());
    auto wrong_type = co_await upload(stage, "image/gif", "GIF89a");
    EXPECT_EQ(error_code(body_of(wrong_type, 400)), 131053);
    auto no_product = co_await upload(stage, "image/png", std::string(kPng), false);
    EXPECT_EQ(error_code(body_of(no_product, 400)), 100);
    auto large = co_await upload(stage, "image/png", std::string(media_limit("image") + 1, 'x'));
    EXPECT_EQ(error_code(body_of(large, 400)), 131053);
}
TEST(Media, checks_type_size_and_parts_of_uploads) {
    Stage stage;
    stage.run(checks_uploads);
}

awaitable<void> takes_large_documents(Stage& stage) {
    std::string bytes(std::size_t{100} * 1024 * 1024, 'x');
    auto answer = co_await upload(stage, "text/plain", std::move(bytes));
    EXPECT_FALSE(json::text(body_of(answer), "id").empty());
}
TEST(Media, takes_documents_of_100_mb) {
    Stage stage;
    stage.run(takes_large_documents);
}

awaitable<void> fails_later(Stage& stage) {
    co_await write_as_ana(stage);
    auto stored = co_await upload(stage, "image/jpeg", std::string(kPng));
    auto id = json::text(body_of(stored), "id");
    for (const auto& message : {an_image(id), an_image(id, "video"), an_image("12345")}) {
        stage.app.bodies.clear();
        auto sent = co_await stage.call(http::Method::post, kMessages, message);
        body_of(sent);
        auto fits = status_is("failed");
        auto webhook = co_await stage.app.wait_for(fits);
        const auto* item = first_of(webhook, "statuses");
        EXPECT_NE(item, nullptr);
        if (item != nullptr) EXPECT_EQ(json::integer(item->at("errors").at(0), "code"), 131053);
    }
}
TEST(Media, fails_sends_with_wrong_bytes_wrong_kind_or_unknown_id_afterwards) {
    Stage stage;
    stage.run(fails_later);
}

awaitable<void> expires(Stage& stage) {
    auto image = co_await photo_of_ana(stage);
    auto id = json::text(image, "id");
    auto known = co_await stage.call(http::Method::get, "/" + id);
    auto url = json::text(body_of(known), "url");
    auto expired = co_await stage.call(http::Method::post, "/_sim/media/" + id + "/expire");
    body_of(expired);
    auto unknown = co_await stage.call(http::Method::get, "/" + id);
    auto body = body_of(unknown, 400);
    EXPECT_EQ(error_code(body), 100);
    EXPECT_EQ(json::integer(body.at("error"), "error_subcode"), 33);
    auto gone = co_await stage.call(http::Method::get, http::parse_url(url)->target);
    EXPECT_EQ(gone->status, 404U);
    auto kept = co_await stage.call(http::Method::get, "/_sim/media/" + id);
    EXPECT_EQ(kept->status, 200U);
}
TEST(Media, forgets_an_expired_id_and_its_url_but_not_on_the_phone) {
    Stage stage;
    stage.run(expires);
}

awaitable<void> hides_url(Stage& stage) {
    EXPECT_FALSE(json::text(co_await photo_of_ana(stage), "url").empty());
    co_await set_faults(stage, {{"webhook_media_url", false}});
    EXPECT_TRUE(json::text(co_await photo_of_ana(stage), "url").empty());
}
TEST(Media, can_leave_the_url_out_of_webhooks) {
    Stage stage;
    stage.run(hides_url);
}

awaitable<void> url_ends(Stage& stage) {
    co_await set_faults(stage, {{"media_url_life_s", 0}});
    auto image = co_await photo_of_ana(stage);
    auto late = co_await stage.call(http::Method::get, http::parse_url(json::text(image, "url"))->target);
    EXPECT_EQ(late->status, 404U);
}
TEST(Media, serves_a_url_only_for_a_while) {
    Stage stage;
    stage.run(url_ends);
}

awaitable<void> goes_wrong(Stage& stage) {
    co_await set_faults(stage, {{"media_lookup_500", 1},
                                {"media_lookup_429", 1},
                                {"media_download_500", 1},
                                {"media_download_404", 1},
                                {"media_download_cut", 1},
                                {"media_wrong_sha", 1},
                                {"media_upload_500", 1},
                                {"media_upload_drop_answer", 1}});
    auto image = co_await photo_of_ana(stage);
    std::string lookup = "/" + json::text(image, "id");
    for (unsigned status : {500U, 429U, 200U}) {
        auto answer = co_await stage.call(http::Method::get, lookup);
        EXPECT_TRUE(answer && answer->status == status) << status;
    }
    auto target = http::parse_url(json::text(image, "url"))->target;
    for (unsigned status : {500U, 404U}) {
        auto answer = co_await stage.call(http::Method::get, target);
        EXPECT_TRUE(answer && answer->status == status) << status;
    }
    auto cut = co_await stage.call(http::Method::get, target);
    EXPECT_FALSE(cut);
    auto changed = co_await stage.call(http::Method::get, target);
    EXPECT_TRUE(changed && to_base64(as_text(sha256(changed->body))) != json::text(image, "sha256"));
    auto whole = co_await stage.call(http::Method::get, target);
    EXPECT_TRUE(whole && to_base64(as_text(sha256(whole->body))) == json::text(image, "sha256"));
    auto refused = co_await upload(stage, "image/png", std::string(kPng));
    EXPECT_TRUE(refused && refused->status == 500U);
    auto dropped = co_await upload(stage, "image/png", std::string(kPng));
    EXPECT_FALSE(dropped);
}
TEST(Media, goes_wrong_as_the_switches_say) {
    Stage stage;
    stage.run(goes_wrong);
}

TEST(MediaKinds, knows_types_limits_and_signatures) {
    EXPECT_EQ(media_kind("audio/ogg; codecs=opus"), "audio");
    EXPECT_EQ(media_kind("image/webp"), "sticker");
    EXPECT_EQ(media_kind("image/heic"), "");
    EXPECT_EQ(media_limit("document"), 100U * 1024 * 1024);
    EXPECT_TRUE(bytes_fit("image/png", kPng));
    EXPECT_FALSE(bytes_fit("image/jpeg", kPng));
    EXPECT_TRUE(bytes_fit("text/plain", kPng));
}

}  // namespace
}  // namespace parley::simulator

#include "wa/graph.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"
#include "wa/test_fixtures.hpp"

namespace parley::wa {
namespace {

using std::chrono::seconds;

http::ClientResponse an_answer(unsigned status, std::string body, std::vector<http::Header> headers = {}) {
    return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

std::string an_error(std::int64_t code, const std::string& more = "") {
    return R"({"error":{"message":"m","type":"OAuthException","code":)" + std::to_string(code) + more + "}}";
}

http::ClientResponse recorded(const std::string& name) {
    auto file = json::parse(fixture(name)).value();
    const auto& response = *json::find(file, "response");
    http::ClientResponse answer;
    answer.status = static_cast<unsigned>(json::integer(response, "status").value());
    answer.body = boost::json::serialize(*json::find(response, "body"));
    if (auto* headers = json::find_object(response, "headers"))
        for (const auto& [header, value] : *headers)
            answer.headers.push_back({std::string(header), std::string(value.as_string())});
    return answer;
}

bool is_send(const json::value& file) {
    const auto& request = *json::find(file, "request");
    auto* body = json::find(request, "body");
    return json::text(request, "path").ends_with("/messages") && body && json::find(*body, "type");
}

Refused refused(const http::ClientResponse& answer) {
    return std::get<Refused>(read_answer(answer));
}

boost::json::value body_of(const OutgoingMessage& message) {
    return json::parse(message_body(message)).value();
}

OutgoingMessage a_text(std::string to, std::string text) {
    return {.phone_number_id = "1",
            .to = std::move(to),
            .kind = "text",
            .text = std::move(text),
            .media_url = "",
            .callback_data = "m-1"};
}

TEST(ReadAnswer, takes_every_recorded_send_for_what_it_was) {
    int sends = 0;
    for (const auto& name : fixtures_in("graph")) {
        auto file = json::parse(fixture(name)).value();
        if (!is_send(file)) continue;
        ++sends;
        SCOPED_TRACE(name);
        auto answer = recorded(name);
        auto body = json::parse(answer.body).value();
        auto outcome = read_answer(answer);
        if (answer.status != 200) {
            ASSERT_TRUE(std::holds_alternative<Refused>(outcome));
            const auto& refusal = std::get<Refused>(outcome);
            EXPECT_EQ(refusal.error.code, json::integer(*json::find(body, "error"), "code"));
            EXPECT_EQ(refusal.error.title, json::text(*json::find(body, "error"), "message"));
            EXPECT_FALSE(refusal.error.details.empty());
            EXPECT_EQ(refusal.http_status, answer.status);
            continue;
        }
        ASSERT_TRUE(std::holds_alternative<Accepted>(outcome));
        EXPECT_EQ(std::get<Accepted>(outcome).wamid, json::text(json::find_array(body, "messages")->front(), "id"));
    }
    EXPECT_GE(sends, 25);
}

TEST(ReadAnswer, tells_the_wa_id_unless_only_a_user_id_is_known) {
    EXPECT_EQ(std::get<Accepted>(read_answer(recorded("graph/recorded-send-text.json"))).recipient_wa_id,
              "16505551234");
    EXPECT_EQ(std::get<Accepted>(read_answer(recorded("graph/send-text-to-bsuid.json"))).recipient_wa_id, "");
}

TEST(ReadAnswer, sorts_the_recorded_errors) {
    auto throughput = refused(recorded("graph/error-130429-throughput.json"));
    EXPECT_EQ(throughput.remedy, Remedy::slow_number);
    EXPECT_EQ(throughput.error.title, "(#130429) Rate limit hit");
    EXPECT_EQ(throughput.error.details, "Cloud API message throughput has been reached.");
    EXPECT_FALSE(throughput.retry_after);
    EXPECT_EQ(refused(recorded("graph/error-130429-with-retry-after.json")).retry_after, seconds(120));
    EXPECT_EQ(refused(recorded("graph/error-131047-synchronous.json")).remedy, Remedy::give_up);
    EXPECT_EQ(refused(recorded("graph/error-131056-pair-rate-limit.json")).remedy, Remedy::slow_pair);
    EXPECT_EQ(refused(recorded("graph/error-190-expired.json")).remedy, Remedy::fix_account);
    EXPECT_EQ(refused(recorded("graph/error-200-permission.json")).remedy, Remedy::fix_account);
    EXPECT_EQ(refused(recorded("graph/error-200-permission.json")).error.details,
              "Your app doesn't have permission to access this resource");
    EXPECT_EQ(refused(recorded("graph/error-4-app-rate-limit.json")).remedy, Remedy::slow_number);
    EXPECT_EQ(refused(recorded("graph/error-500-internal.json")).remedy, Remedy::retry);
    EXPECT_EQ(refused(recorded("graph/error-803-not-found.json")).remedy, Remedy::give_up);
    auto unknown_number = refused(recorded("graph/recorded-send-text-error-100-33.json"));
    EXPECT_EQ(unknown_number.remedy, Remedy::give_up);
    EXPECT_EQ(unknown_number.error.details, unknown_number.error.title);
}

TEST(ReadAnswer, does_not_know_what_became_of_a_send_without_a_message_id) {
    for (std::string body : {"", "<html>", "{", "{}", "[]", "null", R"({"messages":[]})", R"({"messages":[{}]})",
                             R"({"messages":{"id":"w"}})", R"({"messages":[{"id":""}]})", R"({"success":true})"})
        for (unsigned status : {200u, 201u, 204u})
            EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(read_answer(an_answer(status, body)))) << body;
}

TEST(ReadAnswer, takes_only_metas_own_words_for_a_failure) {
    for (std::string body : {"", "<html>Bad Gateway</html>", "{}", R"({"error":"x"})", R"({"error":{}})",
                             R"({"error":{"code":502,"message":"upstream"}})"}) {
        for (unsigned status : {500u, 502u, 504u, 520u})
            EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(read_answer(an_answer(status, body))))
                << status << ' ' << body;
        EXPECT_EQ(refused(an_answer(503, body)).remedy, Remedy::retry) << body;
    }
    for (std::int64_t code : {1, 2, 131000, 999'999})
        for (unsigned status : {500u, 502u, 503u, 504u})
            EXPECT_EQ(refused(an_answer(status, an_error(code))).remedy, Remedy::retry) << status << ' ' << code;
}

TEST(ReadAnswer, gives_up_on_client_errors_that_are_not_metas) {
    for (unsigned status : {301u, 400u, 401u, 403u, 404u, 413u, 451u}) {
        auto refusal = refused(an_answer(status, "<html>"));
        EXPECT_EQ(refusal.remedy, Remedy::give_up);
        EXPECT_EQ(refusal.error.code, status);
        EXPECT_EQ(refusal.error.title, "HTTP " + std::to_string(status));
        EXPECT_EQ(refusal.http_status, status);
    }
    EXPECT_EQ(refused(an_answer(429, "slow down")).remedy, Remedy::slow_number);
}

TEST(ReadAnswer, honours_retry_after_in_seconds_up_to_an_hour) {
    const std::vector<std::pair<std::string, std::optional<seconds>>> expected{
        {"0", seconds(0)},
        {"7", seconds(7)},
        {"3600", seconds(3600)},
        {"3601", seconds(3600)},
        {"99999999999999999999999", seconds(3600)},
        {"", std::nullopt},
        {"-5", std::nullopt},
        {"1.5", std::nullopt},
        {"soon", std::nullopt},
        {"Wed, 21 Oct 2026 07:28:00 GMT", std::nullopt}};
    for (const auto& [header, wait] : expected) {
        std::vector<http::Header> headers{{"Retry-After", header}};
        EXPECT_EQ(refused(an_answer(400, an_error(130429), headers)).retry_after, wait) << header;
        EXPECT_EQ(refused(an_answer(400, an_error(131056), headers)).retry_after, wait) << header;
        EXPECT_EQ(refused(an_answer(503, "", headers)).retry_after, wait) << header;
        EXPECT_EQ(refused(an_answer(400, an_error(131047), headers)).retry_after, std::nullopt) << header;
        EXPECT_EQ(refused(an_answer(401, an_error(190), headers)).retry_after, std::nullopt) << header;
    }
}

TEST(ReadAnswer, waits_long_for_a_spam_limit) {
    EXPECT_EQ(refused(an_answer(400, an_error(131048))).retry_after, seconds(3600));
}

TEST(ReadAnswer, words_the_error_in_storable_text) {
    auto refusal = refused(an_answer(400, "{\"error\":{\"code\":100,\"message\":\"a\\u0000\xff\"}}"));
    EXPECT_TRUE(is_storable_text(refusal.error.title));
    EXPECT_EQ(refusal.error.code, 100);
}

TEST(MessageBody, writes_a_text) {
    auto body = body_of(a_text("16505551234", "Hello"));
    EXPECT_EQ(boost::json::serialize(body),
              R"({"messaging_product":"whatsapp","recipient_type":"individual","to":"+16505551234",)"
              R"("biz_opaque_callback_data":"m-1","type":"text","text":{"body":"Hello"}})");
}

TEST(MessageBody, addresses_numbers_user_ids_and_groups) {
    EXPECT_EQ(json::text(body_of(a_text("+16505551234", "x")), "to"), "+16505551234");
    auto user = body_of(a_text("US.13491208655302741918", "x"));
    EXPECT_EQ(json::text(user, "recipient"), "US.13491208655302741918");
    EXPECT_EQ(json::find(user, "to"), nullptr);
    EXPECT_EQ(json::text(user, "recipient_type"), "individual");
    auto group = body_of(a_text("Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD", "x"));
    EXPECT_EQ(json::text(group, "to"), "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD");
    EXPECT_EQ(json::text(group, "recipient_type"), "group");
}

TEST(MessageBody, asks_for_a_preview_only_of_links) {
    auto preview = [](std::string text) {
        return json::boolean(*json::find(body_of(a_text("1", std::move(text))), "text"), "preview_url");
    };
    EXPECT_TRUE(preview("see https://www.meta.com/quest"));
    EXPECT_TRUE(preview("http://x"));
    EXPECT_FALSE(preview("see www.meta.com"));
    EXPECT_FALSE(preview("https"));
}

TEST(MessageBody, links_media_with_a_caption_where_there_can_be_one) {
    for (std::string kind : {"image", "video", "document", "audio"}) {
        OutgoingMessage message = a_text("1", "caption");
        message.kind = kind;
        message.media_url = "https://x/y";
        auto body = body_of(message);
        EXPECT_EQ(json::text(body, "type"), kind);
        const auto& content = *json::find(body, kind);
        EXPECT_EQ(json::text(content, "link"), "https://x/y") << kind;
        EXPECT_EQ(json::text(content, "caption"), kind == "audio" ? "" : "caption") << kind;
        message.text.clear();
        EXPECT_EQ(json::find(*json::find(body_of(message), kind), "caption"), nullptr) << kind;
    }
}

TEST(MessageBody, leaves_out_an_empty_callback) {
    auto message = a_text("1", "x");
    message.callback_data.clear();
    EXPECT_EQ(json::find(body_of(message), "biz_opaque_callback_data"), nullptr);
}

TEST(IsUserId, tells_user_ids_from_numbers_and_groups) {
    static_assert(is_user_id("US.13491208655302741918"));
    static_assert(is_user_id("US.ENT.11815799212886844830"));
    static_assert(is_user_id("de.a1B2"));
    for (auto* other :
         {"", "US.", "US", "16505551234", "+16505551234", "USA.1", "1S.1", "US.1 2", "US.1\n", "Y2FwaV9n"})
        EXPECT_FALSE(is_user_id(other)) << other;
}

}  // namespace
}  // namespace parley::wa

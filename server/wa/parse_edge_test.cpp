// Bodies that Meta never should send, and some that it does.
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"
#include "wa/parse.hpp"

namespace parley::wa {
namespace {

using namespace std::chrono_literals;

const TimePoint kArrival = *parse_utc("2026-08-01T12:00:00Z");
const std::string kReplacement = "\xef\xbf\xbd";

Delivery parse(std::string_view body) {
    return parse_delivery(body, kArrival);
}

std::string body_of(const std::string& lists) {
    return R"({"entry":[{"id":"W","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"N"},)" +
           lists + "}}]}]}";
}
std::string a_message(const std::string& id, const std::string& members) {
    return R"({"from":"49151","id":")" + id + R"(","timestamp":"1749416383",)" + members + "}";
}
std::string a_text(const std::string& body) {
    return body_of("\"messages\":[" + a_message("w", R"("type":"text","text":{"body":")" + body + "\"}") + "]");
}
IncomingMessage read_one(const std::string& body) {
    auto delivery = parse(body);
    if (delivery.items.size() != 1) throw std::runtime_error(std::to_string(delivery.items.size()) + " items");
    return std::get<IncomingMessage>(delivery.items.front());
}
IncomingMessage read_with(const std::string& members) {
    return read_one(body_of("\"messages\":[" + a_message("w", members) + "]"));
}

TEST(ParseEdge, says_why_a_body_is_not_understood) {
    const std::vector<std::pair<std::string, std::string>> expected{
        {"", "not JSON"},
        {"<html>", "not JSON"},
        {R"({"entry":[]} trailing)", "not JSON"},
        {"\xef\xbb\xbf{\"entry\":[]}", "not JSON"},
        {std::string(100'000, '['), "not JSON"},
        {std::string(100, '[') + std::string(100, ']'), "not JSON"},
        {"[]", "not an object"},
        {"null", "not an object"},
        {"1e999", "not an object"},
        {"\"entry\"", "not an object"},
        {"{}", "no entry array"},
        {R"({"entry":{}})", "no entry array"},
        {R"({"entry":null})", "no entry array"},
    };
    for (const auto& [body, problem] : expected) {
        auto delivery = parse(body);
        EXPECT_FALSE(delivery.understood) << body.substr(0, 40);
        EXPECT_EQ(delivery.problem, problem) << body.substr(0, 40);
    }
    EXPECT_TRUE(parse(R"({"entry":[]})").understood);
}

TEST(ParseEdge, keeps_the_good_ones_of_a_thousand) {
    for (std::string bad : {"null", "7", "\"x\"", "[]", "{}", R"({"from":"1","type":"text"})",
                            R"({"id":"w","type":"text"})", R"({"id":{},"from":"1"})", R"({"id":"w","from":[1]})"}) {
        std::string list;
        for (int i = 0; i < 1000; ++i) {
            if (i > 0) list += ',';
            list += i == 500 ? bad : a_message("w" + std::to_string(i), R"("type":"text","text":{"body":"x"})");
        }
        auto delivery = parse(body_of("\"messages\":[" + list + "]"));
        EXPECT_TRUE(delivery.understood) << bad;
        EXPECT_EQ(delivery.items.size(), 999u) << bad;
        EXPECT_EQ(delivery.items_skipped, 1) << bad;
        EXPECT_EQ(std::get<IncomingMessage>(delivery.items[500]).wamid, "w501") << bad;
    }
}

TEST(ParseEdge, passes_over_malformed_entries_changes_values_and_lists) {
    auto good = R"({"id":"W","changes":[null,{"field":"messages"},{"field":"messages","value":7},)"
                R"({"field":"messages","value":{"messages":{}}},{"field":"messages","value":{"messages":null}},)"
                R"({"field":"messages","value":{"messages":[)" +
                a_message("w", R"("type":"text","text":{"body":"x"})") + "]}}]}";
    auto delivery = parse(R"({"object":"page","entry":[1,{},{"id":"x","changes":{}},)" + good + "]}");
    EXPECT_TRUE(delivery.understood);
    EXPECT_EQ(delivery.items.size(), 1u);
    EXPECT_EQ(delivery.items_skipped, 3 + 4);
}

TEST(ParseEdge, reads_a_change_without_a_field_for_what_it_contains) {
    auto delivery = parse(R"({"entry":[{"id":"W","changes":[{"value":{"messages":[)" +
                          a_message("w", R"("type":"text","text":{"body":"x"})") +
                          R"(],"statuses":[{"id":"v","status":"sent"}]}}]}]})");
    ASSERT_EQ(delivery.items.size(), 2u);
    EXPECT_TRUE(std::holds_alternative<StatusReport>(delivery.items[1]));
    EXPECT_TRUE(delivery.fields.empty());
}

TEST(ParseEdge, replaces_characters_that_cannot_be_stored) {
    EXPECT_EQ(read_one(a_text("a\\u0000b")).text, "a" + kReplacement + "b");
    EXPECT_EQ(read_one(a_text(std::string("a\0b", 3))).text, "a" + kReplacement + "b");
    EXPECT_EQ(read_one(a_text("a\\ud83db")).text, "a" + kReplacement + "b");
    EXPECT_EQ(read_one(a_text("a\\udf35b")).text, "a" + kReplacement + "b");
    EXPECT_EQ(read_one(a_text("a\\udf35\\ud83db")).text, "a" + kReplacement + kReplacement + "b");
    EXPECT_EQ(read_one(a_text("a\\ud83c\\udf35b")).text, "a🌵b");
    EXPECT_EQ(read_one(a_text("a\xff\xfe"
                              "b"))
                  .text,
              "a" + kReplacement + kReplacement + "b");
    EXPECT_EQ(read_one(a_text("a\xed\xa0\x80"
                              "b"))
                  .text.substr(0, 4),
              "a" + kReplacement);
    EXPECT_EQ(read_one(a_text("a\\\\u0000b")).text, "a\\u0000b");
    EXPECT_TRUE(is_storable_text(read_one(a_text("a\\u0000b")).payload));
}

TEST(ParseEdge, keeps_directions_and_combining_marks) {
    EXPECT_EQ(read_one(a_text("\u202Etxet\u202C")).text, "\u202Etxet\u202C");
    std::string marks = "e";
    for (int i = 0; i < 10'000; ++i) marks += "\u0301";
    EXPECT_EQ(read_one(a_text(marks)).text, marks);
}

TEST(ParseEdge, keeps_the_words_exactly_but_never_nothing) {
    EXPECT_EQ(read_one(a_text("  spaced \\n")).text, "  spaced \n");
    EXPECT_EQ(read_one(a_text(" ")).text, " ");
    EXPECT_EQ(read_one(a_text("")).text, "Empty message");
    EXPECT_EQ(read_with(R"("type":"text")").text, "Empty message");
    EXPECT_EQ(read_with(R"("type":"text","text":{"body":12})").text, "12");
}

TEST(ParseEdge, shows_types_that_do_not_exist_yet) {
    auto message = read_with(R"("type":"hologram","hologram":{"depth":3})");
    EXPECT_EQ(message.type, "hologram");
    EXPECT_EQ(message.text, "Unsupported message (hologram)");
    EXPECT_TRUE(message.counts_as_unread);
    auto payload = json::parse(message.payload);
    ASSERT_TRUE(payload);
    EXPECT_EQ(json::integer(*json::find(*payload, "hologram"), "depth"), 3);
}

TEST(ParseEdge, cuts_long_types_and_names_by_characters) {
    std::string type, name;
    for (int i = 0; i < 60; ++i) type += "é";
    for (int i = 0; i < 300; ++i) name += "李";
    auto message = read_one(body_of(R"("contacts":[{"wa_id":"49151","profile":{"name":")" + name +
                                    "\"}}],\"messages\":[" + a_message("w", "\"type\":\"" + type + "\"") + "]"));
    EXPECT_EQ(count_code_points(message.type), 50u);
    EXPECT_EQ(message.text, "Unsupported message (" + message.type + ")");
    EXPECT_EQ(count_code_points(message.customer.name), 255u);
}

TEST(ParseEdge, does_not_need_a_type) {
    EXPECT_EQ(read_with(R"("text":{"body":"x"})").type, "unknown");
    EXPECT_EQ(read_with(R"("type":null)").type, "unknown");
    EXPECT_EQ(read_with(R"("type":{"a":1})").text, "Unsupported message");
}

TEST(ParseEdge, reads_ids_that_are_numbers_and_leaves_long_ones_whole) {
    auto numeric =
        read_one(body_of(R"("messages":[{"from":4915112345678,"id":123,"type":"text","text":{"body":"x"}}])"));
    EXPECT_EQ(numeric.customer.wa_id, "4915112345678");
    EXPECT_EQ(numeric.wamid, "123");
    std::string id(600, 'w');
    EXPECT_EQ(read_one(body_of("\"messages\":[" + a_message(id, R"("type":"x")") + "]")).wamid, id);
}

TEST(ParseEdge, clamps_clocks) {
    auto read_time_of = [](const std::string& timestamp) {
        return read_one(body_of(R"("messages":[{"from":"1","id":"w","type":"x")" + timestamp + "}]")).sent_at;
    };
    auto day_later =
        std::to_string(std::chrono::floor<std::chrono::seconds>(kArrival + 24h).time_since_epoch().count());
    auto too_late =
        std::to_string(std::chrono::floor<std::chrono::seconds>(kArrival + 24h + 1s).time_since_epoch().count());
    EXPECT_EQ(read_time_of(",\"timestamp\":\"" + day_later + '"'), kArrival + 24h);
    EXPECT_EQ(read_time_of(",\"timestamp\":\"" + too_late + '"'), kArrival);
    for (std::string bad :
         {"", ",\"timestamp\":\"\"", ",\"timestamp\":\"soon\"", ",\"timestamp\":null", ",\"timestamp\":{}",
          ",\"timestamp\":1e999", ",\"timestamp\":9223372036854775807", ",\"timestamp\":18446744073709551616",
          ",\"timestamp\":\"4102444800\"", ",\"timestamp\":1749416383000"})
        EXPECT_EQ(read_time_of(bad), kArrival) << bad;
    auto earliest = *parse_utc("2009-01-01T00:00:00Z");
    for (std::string early : {"0", "-1", "\"0\"", "-9223372036854775808", "\"-9223372036854775808\"", "1230767999"})
        EXPECT_EQ(read_time_of(",\"timestamp\":" + early), earliest) << early;
    for (std::string good : {"1749416383", "\"1749416383\"", "1749416383.7", "\"1749416383.0\"", "1.749416383e9"})
        EXPECT_EQ(read_time_of(",\"timestamp\":" + good), from_unix_seconds(1749416383)) << good;
}

TEST(ParseEdge, orders_within_a_second_by_arrival) {
    auto sent_at = [](std::string_view arrival) {
        auto body = body_of(R"("messages":[{"from":"1","id":"w","type":"x","timestamp":"1749416383"}])");
        auto delivery = parse_delivery(body, *parse_utc(arrival));
        return to_rfc3339(std::get<IncomingMessage>(delivery.items.at(0)).sent_at);
    };
    EXPECT_EQ(sent_at("2025-06-08T20:59:43.25Z"), "2025-06-08T20:59:43.250Z");
    EXPECT_EQ(sent_at("2025-06-08T20:59:45Z"), "2025-06-08T20:59:43.999999Z");
    EXPECT_EQ(sent_at("2025-06-08T20:59:42Z"), "2025-06-08T20:59:43Z") << "a clock that runs behind";
    EXPECT_EQ(sent_at("2025-06-08T21:01:00Z"), "2025-06-08T20:59:43Z") << "over a minute late";
}

TEST(ParseEdge, stores_no_number_that_jsonb_refuses) {
    auto message =
        read_with(R"("type":"location","location":{"latitude":1e999,"longitude":-1e308,"zoom":18446744073709551616})");
    EXPECT_EQ(message.text, "Location");
    EXPECT_TRUE(json::parse(message.payload));
    EXPECT_EQ(message.payload.find("inf"), std::string::npos);
    EXPECT_EQ(message.payload.find("1e99999"), std::string::npos);
}

TEST(ParseEdge, summarises_thin_contents) {
    const std::vector<std::pair<std::string, std::string>> expected{
        {R"("type":"image")", "Image"},
        {R"("type":"image","image":[])", "Image"},
        {R"("type":"video","video":{"caption":""})", "Video"},
        {R"("type":"document","document":{})", "Document"},
        {R"("type":"location")", "Location"},
        {R"("type":"location","location":{"name":"Home"})", "Location: Home"},
        {R"("type":"location","location":{"latitude":"37.48","longitude":-122})", "Location: 37.48, -122"},
        {R"("type":"contacts","contacts":[])", "Contact"},
        {R"("type":"contacts","contacts":[{}])", "Contact"},
        {R"("type":"contacts","contacts":[{"phones":[{"wa_id":"49"}]}])", "Contact: 49"},
        {R"("type":"contacts","contacts":[{"name":{"first_name":"A","last_name":"B"}}])", "Contact: A B"},
        {R"("type":"contacts","contacts":[{},{"org":{"company":"C"}},{"phones":[{"phone":"+1"}]}])", "Contacts: C, +1"},
        {R"("type":"button","button":{"payload":"P"})", "P"},
        {R"("type":"button")", "Unsupported message (button)"},
        {R"("type":"interactive","interactive":{"type":"payment_method"})", "Unsupported message (payment_method)"},
        {R"("type":"interactive","interactive":{"type":"list_reply","list_reply":{"title":"T"}})", "T"},
        {R"("type":"interactive","interactive":{"type":"call_permission_reply","call_permission_reply":{"response":"reject"}})",
         "Call permission rejected"},
        {R"("type":"order")", "Order: 0 items"},
        {R"("type":"system","system":{"type":"new"})", "System message"},
    };
    for (const auto& [members, text] : expected) EXPECT_EQ(read_with(members).text, text) << members;
}

TEST(ParseEdge, joins_each_author_with_the_contact_of_the_same_id) {
    for (int people : {3, 40}) {
        std::string contacts, messages;
        for (int i = 0; i < people; ++i) {
            auto id = std::to_string(i);
            bool hidden = i % 2 == 1;
            if (i > 0) contacts += ',', messages = "," + messages;
            contacts += R"({"profile":{"name":"N)" + id + "\"}," +
                        (hidden ? R"("user_id":"US.)" + id : R"("user_id":"US.)" + id + R"(","wa_id":"49)" + id) +
                        "\"}";
            messages = (hidden ? R"({"from_user_id":"US.)" : R"({"from":"49)") + id + R"(","id":"w)" + id +
                       R"(","type":"text","text":{"body":"x"}})" + messages;
        }
        auto delivery = parse(body_of("\"contacts\":[" + contacts + "],\"messages\":[" + messages + "]"));
        ASSERT_EQ(delivery.items.size(), static_cast<std::size_t>(people));
        for (const auto& item : delivery.items) {
            const auto& message = std::get<IncomingMessage>(item);
            auto id = message.wamid.substr(1);
            EXPECT_EQ(message.customer.name, "N" + id);
            EXPECT_EQ(message.customer.user_id, "US." + id);
        }
    }
}

TEST(ParseEdge, takes_the_only_contact_for_the_author_unless_it_is_another_person) {
    auto contact = R"("contacts":[{"profile":{"name":"A","username":"@a"},"wa_id":"491","user_id":"DE.1"}],)";
    auto text = R"(,"type":"text","text":{"body":"x"}})";
    auto nobody = read_one(body_of(contact + std::string(R"("messages":[{"id":"w")") + text + "]"));
    EXPECT_EQ(nobody.customer.wa_id, "491");
    EXPECT_EQ(nobody.customer.user_id, "DE.1");
    auto other = read_one(body_of(contact + std::string(R"("messages":[{"id":"w","from":"492")") + text + "]"));
    EXPECT_EQ(other.customer.wa_id, "492");
    EXPECT_EQ(other.customer.name, "A");
    EXPECT_EQ(other.customer.user_id, "");
    EXPECT_EQ(other.customer.username, "");
    auto two = parse(body_of(contact + std::string(R"("messages":[{"id":"v","from":"491")") + text +
                             R"(,{"id":"w","from":"492")" + text + "]"));
    EXPECT_EQ(std::get<IncomingMessage>(two.items[0]).customer.name, "A");
    EXPECT_EQ(std::get<IncomingMessage>(two.items[1]).customer.name, "");
}

TEST(ParseEdge, does_not_lend_one_contacts_user_id_to_two_numbers) {
    auto delivery = parse(body_of(R"("contacts":[{"profile":{"name":"A"},"user_id":"DE.1"}],"messages":[)" +
                                  a_message("v", R"("type":"x")") + R"(,{"id":"w","from":"492","type":"x"}])"));
    ASSERT_EQ(delivery.items.size(), 2u);
    for (const auto& item : delivery.items) EXPECT_EQ(std::get<IncomingMessage>(item).customer.user_id, "");
}

TEST(ParseEdge, reads_thousands_of_contacts_and_fields_in_time) {
    std::string contacts, messages, changes;
    for (int i = 0; i < 20'000; ++i) {
        auto id = std::to_string(i);
        if (i > 0) contacts += ',', messages += ',', changes += ',';
        contacts += R"({"wa_id":")" + id + "\"}";
        messages += R"({"from":")" + id + R"(x","id":"w"})";
        changes += R"({"field":")" + id + R"(","value":{"metadata":{"phone_number_id":")" + id + "\"}}}";
    }
    auto started = std::chrono::steady_clock::now();
    auto crowd = parse(body_of("\"contacts\":[" + contacts + "],\"messages\":[" + messages + "]"));
    auto many = parse(R"({"entry":[{"id":"W","changes":[)" + changes + "]}]}");
    EXPECT_EQ(crowd.items.size(), 20'000u);
    EXPECT_EQ(many.numbers.size(), 20'000u);
    EXPECT_EQ(many.fields.size(), 20'000u);
    EXPECT_LT(std::chrono::steady_clock::now() - started, 10s);
}

}  // namespace
}  // namespace parley::wa

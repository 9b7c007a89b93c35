#include "simulator/validation.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "simulator/fixtures_for_tests.hpp"
#include "simulator/meta_ids.hpp"

namespace parley::simulator {
namespace {

json::object a_text(std::string body) {
    return {{"messaging_product", "whatsapp"},
            {"to", "+16505551234"},
            {"type", "text"},
            {"text", {{"body", std::move(body)}}}};
}

json::object a_message(std::string type, json::value content) {
    json::object message{{"messaging_product", "whatsapp"}, {"to", "+16505551234"}, {"type", type}};
    message[type] = std::move(content);
    return message;
}

json::object buttons(std::size_t count, const std::string& title) {
    json::array made;
    for (std::size_t i = 0; i < count; ++i) {
        auto number = std::to_string(i);
        made.push_back({{"type", "reply"}, {"reply", {{"id", number}, {"title", title + number}}}});
    }
    return {{"type", "button"}, {"body", {{"text", "Which?"}}}, {"action", {{"buttons", std::move(made)}}}};
}

json::object a_template(std::string name, std::string language, json::array body_parameters) {
    json::object component{{"type", "body"}, {"parameters", std::move(body_parameters)}};
    return {{"name", std::move(name)},
            {"language", {{"code", std::move(language)}}},
            {"components", json::array{std::move(component)}}};
}

int code_of(const json::object& body) {
    TemplateStore templates;
    auto checked = check_send(body, templates);
    return checked ? 0 : checked.error().code;
}

TEST(Validation, accepts_a_text_and_reads_its_recipient) {
    TemplateStore templates;
    auto body = a_text("hola");
    body["to"] = "+1 (650) 555-1234";
    body["biz_opaque_callback_data"] = "42";
    auto checked = check_send(body, templates);
    ASSERT_TRUE(checked);
    EXPECT_EQ(checked->wa_id, "16505551234");
    EXPECT_EQ(checked->input, "+1 (650) 555-1234");
    EXPECT_EQ(checked->callback_data, "42");
}

TEST(Validation, accepts_a_recipient_written_as_a_number) {
    auto body = a_text("hola");
    body["to"] = std::int64_t{16505551234};
    EXPECT_EQ(code_of(body), 0);
}

TEST(Validation, names_the_missing_messaging_product) {
    TemplateStore templates;
    auto checked = check_send(json::object{{"to", "16505551234"}}, templates);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().message, "(#100) The parameter messaging_product is required.");
}

TEST(Validation, takes_a_business_scoped_user_id_and_prefers_the_number) {
    TemplateStore templates;
    auto body = a_text("hola");
    body["recipient"] = "US.13491208655302741918";
    EXPECT_EQ(check_send(body, templates)->wa_id, "16505551234");
    body.erase("to");
    EXPECT_EQ(check_send(body, templates)->user_id, "US.13491208655302741918");
    body["recipient"] = "us.1";
    EXPECT_EQ(code_of(body), 100);
}

TEST(Validation, refuses_recipients_that_are_no_number) {
    for (std::string to : {"abc", "123", "+1650555123a", "123456789012345678901"}) {
        auto body = a_text("hola");
        body["to"] = to;
        EXPECT_EQ(code_of(body), 100) << to;
    }
}

TEST(Validation, counts_text_in_code_points) {
    std::string longest;
    for (int i = 0; i < 4096; ++i) longest += "\u00e9";
    EXPECT_EQ(code_of(a_text(longest)), 0);
    EXPECT_EQ(code_of(a_text(longest + "x")), 100);
    EXPECT_EQ(code_of(a_text("")), 100);
}

TEST(Validation, refuses_unknown_types_and_a_missing_object) {
    EXPECT_EQ(code_of(a_message("telepathy", json::object{})), 100);
    auto body = a_text("x");
    body["type"] = "image";
    EXPECT_EQ(code_of(body), 131008);
}

TEST(Validation, wants_exactly_one_of_id_and_link) {
    EXPECT_EQ(code_of(a_message("image", json::object{{"link", "https://example.com/a.png"}})), 0);
    EXPECT_EQ(code_of(a_message("image", json::object{{"id", "1"}})), 0);
    EXPECT_EQ(code_of(a_message("image", json::object{})), 100);
    EXPECT_EQ(code_of(a_message("image", json::object{{"id", "1"}, {"link", "https://example.com/a.png"}})), 100);
    EXPECT_EQ(code_of(a_message("image", json::object{{"link", "ftp://example.com/a.png"}})), 100);
}

TEST(Validation, allows_no_caption_on_audio_and_a_short_one_elsewhere) {
    EXPECT_EQ(code_of(a_message("audio", json::object{{"id", "1"}, {"caption", "x"}})), 100);
    EXPECT_EQ(code_of(a_message("image", json::object{{"id", "1"}, {"caption", std::string(1024, 'x')}})), 0);
    EXPECT_EQ(code_of(a_message("image", json::object{{"id", "1"}, {"caption", std::string(1025, 'x')}})), 100);
}

TEST(Validation, keeps_the_limits_of_reply_buttons) {
    EXPECT_EQ(code_of(a_message("interactive", buttons(3, "Choice "))), 0);
    EXPECT_EQ(code_of(a_message("interactive", buttons(4, "Choice "))), 131009);
    EXPECT_EQ(code_of(a_message("interactive", buttons(0, ""))), 131009);
    EXPECT_EQ(code_of(a_message("interactive", buttons(1, std::string(20, 'x')))), 131009);
    auto twins = buttons(2, "");
    for (auto& button : twins["action"].as_object()["buttons"].as_array()) {
        button.as_object()["reply"].as_object()["title"] = "Same";
    }
    EXPECT_EQ(code_of(a_message("interactive", twins)), 131009);
}

TEST(Validation, keeps_the_row_limit_over_all_sections_of_a_list) {
    auto list = [](std::size_t rows_each) {
        json::array sections;
        for (int s = 0; s < 2; ++s) {
            json::array rows;
            for (std::size_t r = 0; r < rows_each; ++r) {
                auto id = std::to_string(s) + "-" + std::to_string(r);
                rows.push_back({{"id", id}, {"title", "Row " + id}});
            }
            sections.push_back({{"title", "Section"}, {"rows", std::move(rows)}});
        }
        json::object action{{"button", "Choose"}, {"sections", std::move(sections)}};
        return json::object{{"type", "list"}, {"body", {{"text", "Which?"}}}, {"action", std::move(action)}};
    };
    EXPECT_EQ(code_of(a_message("interactive", list(5))), 0);
    EXPECT_EQ(code_of(a_message("interactive", list(6))), 131009);
}

TEST(Validation, matches_template_parameters_with_the_stored_template) {
    json::object one{{"type", "text"}, {"text", "2 hours"}};
    EXPECT_EQ(code_of(a_message("template", a_template("sample_shipping_confirmation", "en_US", {one}))), 0);
    EXPECT_EQ(code_of(a_message("template", a_template("sample_shipping_confirmation", "en_US", {one, one}))), 132000);
    EXPECT_EQ(code_of(a_message("template", a_template("sample_shipping_confirmation", "de", {one}))), 132001);
    EXPECT_EQ(code_of(a_message("template", a_template("no_such", "en_US", {}))), 132001);
    EXPECT_EQ(code_of(a_message("template", a_template("winter_sale", "en_US", {}))), 132015);
    EXPECT_EQ(code_of(a_message("template", a_template("hello_world", "en_US", {}))), 0);
}

TEST(Validation, takes_the_request_of_every_send_fixture_that_names_no_template) {
    TemplateStore templates;
    int taken = 0;
    for (const auto& entry : std::filesystem::directory_iterator(fixtures() / "graph")) {
        auto name = entry.path().filename().string();
        bool is_send = name.starts_with("send-") || name.starts_with("recorded-send-");
        if (!is_send || name.find("template") != std::string::npos || name.find("error") != std::string::npos) continue;
        auto fixture = read_fixture(entry.path());
        ASSERT_TRUE(fixture.is_object()) << name;
        auto checked = check_send(fixture.at("request").at("body"), templates);
        EXPECT_TRUE(checked) << name << ": " << (checked ? "" : checked.error().message + checked.error().details);
        ++taken;
    }
    EXPECT_GE(taken, 15);
}

TEST(MetaIds, makes_unique_wamids_of_the_usual_form) {
    auto first = new_wamid("16505551234", Sender::business);
    EXPECT_TRUE(first.starts_with("wamid.HBgLMTY1MDU1NTEyMzQVAgARGB"));
    EXPECT_TRUE(new_wamid("16505551234", Sender::customer).starts_with("wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQ"));
    EXPECT_NE(first, new_wamid("16505551234", Sender::business));
}

}  // namespace
}  // namespace parley::simulator

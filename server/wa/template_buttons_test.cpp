#include "wa/template_buttons.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "wa/template_message.hpp"

namespace parley::wa {
namespace {

json::value parsed(std::string_view text) {
    auto value = json::parse(text);
    if (!value) throw std::invalid_argument("not JSON: " + std::string(text));
    return *value;
}

TemplateDefinition with_buttons(std::string_view buttons) {
    TemplateDefinition out;
    out.name = "sale";
    out.language = "en";
    out.category = "MARKETING";
    out.status = "APPROVED";
    out.components =
        parsed(R"([{"type":"BODY","text":"Hi"},{"type":"BUTTONS","buttons":)" + std::string(buttons) + "}]").as_array();
    return out;
}

PreparedTemplate prepared(const TemplateDefinition& definition, std::string_view request) {
    auto out = prepare_template(definition, parsed(request));
    if (!out) throw std::runtime_error(out.error().member + ": " + out.error().detail);
    return *out;
}

std::string member_at_fault(const TemplateDefinition& definition, std::string_view request) {
    auto out = prepare_template(definition, parsed(request));
    if (out) return "none";
    EXPECT_EQ(out.error().code, Errc::invalid_argument) << out.error().detail;
    return out.error().member;
}

void expect_json(const json::value& actual, std::string_view expected) {
    EXPECT_EQ(actual, parsed(expected)) << boost::json::serialize(actual);
}

TEST(TemplateButtons, that_never_change_need_nothing) {
    auto definition = with_buttons(R"([{"type":"url","text":"Shop","url":"https://example.com/"},
        {"type":"PHONE_NUMBER","text":"Call","phone_number":"+15550051310"},{"type":"VOICE_CALL","text":"Talk"},
        {"type":"QUICK_REPLY","text":"Stop"}])");
    auto out = prepared(definition, "{}");
    EXPECT_FALSE(out.graph.contains("components"));
    expect_json(out.shown["buttons"], R"([{"type":"URL","text":"Shop","url":"https://example.com/"},
        {"type":"PHONE_NUMBER","text":"Call","phone_number":"+15550051310"},{"type":"VOICE_CALL","text":"Talk"},
        {"type":"QUICK_REPLY","text":"Stop"}])");
    for (const char* index : {"0", "1", "2"})
        EXPECT_EQ(member_at_fault(definition, R"({"buttons":[{"index":)" + std::string(index) + R"(,"text":"a"}]})"),
                  "template.buttons[0].text")
            << index;
}

TEST(TemplateButtons, with_an_address_take_its_last_part) {
    auto definition = with_buttons(R"([{"type":"QUICK_REPLY","text":"Stop"},
        {"type":"URL","text":"Track","url":"https://example.com/track/{{1}}"}])");
    auto out = prepared(definition, R"({"buttons":[{"index":1,"text":"abc?x=1"}]})");
    expect_json(out.graph["components"], R"([{"type":"button","sub_type":"url","index":"1",
        "parameters":[{"type":"text","text":"abc?x=1"}]}])");
    EXPECT_EQ(out.shown["buttons"].at(1).at("url"), json::value("https://example.com/track/abc?x=1"));
    auto missing = prepare_template(definition, parsed("{}"));
    EXPECT_EQ(missing.error().member, "template.buttons[1].text");
    EXPECT_TRUE(missing.error().detail.contains("Track"));
    EXPECT_EQ(member_at_fault(definition, R"({"buttons":[{"index":1,"text":""}]})"), "template.buttons[0].text");
    EXPECT_EQ(member_at_fault(definition, R"({"buttons":[{"index":1,"text":"a b"}]})"), "template.buttons[0].text");
    EXPECT_EQ(member_at_fault(definition, R"({"buttons":[{"index":1}]})"), "template.buttons[1].text");
    EXPECT_EQ(member_at_fault(definition, R"({"buttons":[{"index":1,"text":5}]})"), "template.buttons[0].text");
}

TEST(TemplateButtons, copy_a_coupon_code) {
    auto definition = with_buttons(R"([{"type":"copy_code","text":"Copy offer code","example":["25OFF"]}])");
    auto out = prepared(definition, R"({"buttons":[{"index":0,"text":"SAVE25"}]})");
    expect_json(out.graph["components"], R"([{"type":"button","sub_type":"copy_code","index":"0",
        "parameters":[{"type":"coupon_code","coupon_code":"SAVE25"}]}])");
    expect_json(out.shown["buttons"], R"([{"type":"COPY_CODE","text":"Copy offer code","code":"SAVE25"}])");
    EXPECT_EQ(member_at_fault(definition, "{}"), "template.buttons[0].text");
    EXPECT_EQ(member_at_fault(definition, R"({"buttons":[{"index":0,"text":"1234567890123456"}]})"),
              "template.buttons[0].text");
    EXPECT_TRUE(prepare_template(definition, parsed(R"({"buttons":[{"index":0,"text":"123456789012345"}]})")));
}

TEST(TemplateButtons, of_quick_replies_may_have_a_payload) {
    auto definition = with_buttons(R"([{"type":"QUICK_REPLY","text":"Yes"},{"type":"QUICK_REPLY","text":"No"}])");
    auto out = prepared(definition, R"({"buttons":[{"index":1,"text":"no-please"},{"index":0,"text":""}]})");
    expect_json(out.graph["components"], R"([{"type":"button","sub_type":"quick_reply","index":"1",
        "parameters":[{"type":"payload","payload":"no-please"}]}])");
    EXPECT_EQ(member_at_fault(definition, R"({"buttons":[{"index":0,"text":")" + std::string(129, 'a') + "\"}]}"),
              "template.buttons[0].text");
}

TEST(TemplateButtons, open_a_flow_with_an_unused_token) {
    auto out = prepared(with_buttons(R"([{"type":"FLOW","text":"Book","flow_id":"1"}])"), "{}");
    expect_json(out.graph["components"], R"([{"type":"button","sub_type":"flow","index":"0",
        "parameters":[{"type":"action","action":{"flow_token":"unused"}}]}])");
}

TEST(TemplateButtons, must_be_named_by_their_place) {
    auto definition = with_buttons(R"([{"type":"QUICK_REPLY","text":"Yes"}])");
    EXPECT_EQ(member_at_fault(definition, R"({"buttons":{"0":"a"}})"), "template.buttons");
    EXPECT_EQ(member_at_fault(definition, R"({"buttons":["a"]})"), "template.buttons[0].index");
    EXPECT_EQ(member_at_fault(definition, R"({"buttons":[{"text":"a"}]})"), "template.buttons[0].index");
    EXPECT_EQ(member_at_fault(definition, R"({"buttons":[{"index":"0","text":"a"}]})"), "template.buttons[0].index");
    EXPECT_EQ(member_at_fault(definition, R"({"buttons":[{"index":1,"text":"a"}]})"), "template.buttons[0].index");
    EXPECT_EQ(member_at_fault(definition, R"({"buttons":[{"index":-1,"text":"a"}]})"), "template.buttons[0].index");
    EXPECT_EQ(member_at_fault(definition, R"({"buttons":[{"index":0,"text":"a"},{"index":0,"text":"b"}]})"),
              "template.buttons[1].index");
}

TEST(TemplateButtons, of_an_authentication_template_copy_the_code_of_the_body) {
    for (
        const char* button :
        {R"({"type":"OTP","otp_type":"copy_code","text":"Copy code"})",
         R"({"type":"URL","text":"Copy code","url":"https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}"})"}) {
        auto definition = with_buttons("[" + std::string(button) + "]");
        definition.category = "AUTHENTICATION";
        definition.components[0] = parsed(R"({"type":"BODY","text":"*{{1}}* is your verification code."})");
        auto out = prepared(definition, R"({"body":{"1":"482133"}})");
        expect_json(out.graph["components"], R"([{"type":"body","parameters":[{"type":"text","text":"482133"}]},
            {"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"482133"}]}])");
        expect_json(out.shown["buttons"], R"([{"type":"COPY_CODE","text":"Copy code","code":"482133"}])");
        EXPECT_EQ(out.text, "*482133* is your verification code.");
        EXPECT_EQ(prepared(definition, R"({"body":{"1":"a"},"buttons":[{"index":0,"text":"b"}]})")
                      .shown["buttons"]
                      .at(0)
                      .at("code"),
                  json::value("b"));
        EXPECT_EQ(member_at_fault(definition, "{}"), "template.body.1");
        EXPECT_EQ(member_at_fault(definition, R"({"body":{"1":"1234567890123456"}})"), "template.body.1");
        definition.components[0] = parsed(R"({"type":"BODY","add_security_recommendation":true})");
        EXPECT_EQ(prepared(definition, R"({"body":{"1":"482133"}})").text, "482133");
    }
}

}  // namespace
}  // namespace parley::wa

#include "wa/template_message.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.hpp"

namespace parley::wa {
namespace {

json::value parsed(std::string_view text) {
    auto value = json::parse(text);
    if (!value) throw std::invalid_argument("not JSON: " + std::string(text));
    return *value;
}

TemplateDefinition a_template(std::string_view components) {
    TemplateDefinition out;
    out.id = "1";
    out.name = "order_confirmation";
    out.language = "en_US";
    out.category = "UTILITY";
    out.status = "APPROVED";
    out.parameter_format = "POSITIONAL";
    out.components = parsed(components).as_array();
    return out;
}

PreparedTemplate prepared(const TemplateDefinition& definition, std::string_view request) {
    auto out = prepare_template(definition, parsed(request));
    if (!out) throw std::runtime_error(out.error().member + ": " + out.error().detail);
    return *out;
}

Error refused(const TemplateDefinition& definition, std::string_view request) {
    auto out = prepare_template(definition, parsed(request));
    return out ? Error{Errc::unavailable, "it was not refused"} : out.error();
}

std::string member_at_fault(const TemplateDefinition& definition, std::string_view request) {
    auto error = refused(definition, request);
    EXPECT_EQ(error.code, Errc::invalid_argument) << error.detail;
    return error.member;
}

void expect_json(const json::value& actual, std::string_view expected) {
    EXPECT_EQ(actual, parsed(expected)) << boost::json::serialize(actual);
}

const auto kGreeting = a_template(R"([{"type":"BODY","text":"Hi {{1}}, your order {{2}} is on its way, {{1}}."}])");
const auto kNamed = [] {
    auto out = a_template(R"([{"type":"body","text":"Hello {{first_name}}, see you on {{ day }}."}])");
    out.parameter_format = "named";
    return out;
}();

TEST(PrepareTemplate, without_variables_needs_nothing) {
    auto out = prepared(a_template(R"([{"type":"HEADER","format":"TEXT","text":"Hello"},{"type":"BODY","text":"World"},
                                       {"type":"FOOTER","text":"Us"}])"),
                        "{}");
    expect_json(out.graph, R"({"name":"order_confirmation","language":{"code":"en_US"}})");
    expect_json(out.shown, R"({"name":"order_confirmation","language":"en_US","category":"UTILITY",
                               "header":{"format":"TEXT","text":"Hello"},"body":"World","footer":"Us"})");
    EXPECT_EQ(out.text, "Hello\nWorld\nUs");
    EXPECT_EQ(out.header_format, "TEXT");
    EXPECT_FALSE(out.media_id);
}

TEST(PrepareTemplate, fills_in_numbered_variables_in_their_order) {
    auto out = prepared(kGreeting, R"({"body":{"2":"860198","1":"Ana {{2}}"}})");
    expect_json(
        out.graph["components"],
        R"([{"type":"body","parameters":[{"type":"text","text":"Ana {{2}}"},{"type":"text","text":"860198"}]}])");
    EXPECT_EQ(out.text, "Hi Ana {{2}}, your order 860198 is on its way, Ana {{2}}.") << "values are not looked into";
    EXPECT_EQ(out.shown["body"], json::value(out.text));
}

TEST(PrepareTemplate, orders_ten_variables_by_number) {
    auto out =
        prepared(a_template(R"([{"type":"BODY","text":"{{10}} {{9}}{{1}}{{2}}{{3}}{{4}}{{5}}{{6}}{{7}}{{8}}"}])"),
                 R"({"body":{"1":"a","2":"b","3":"c","4":"d","5":"e","6":"f","7":"g","8":"h","9":"i","10":"j"}})");
    EXPECT_EQ(out.text, "j iabcdefgh");
    EXPECT_EQ(out.graph["components"].at(0).at("parameters").at(9).at("text"), json::value("j"));
}

TEST(PrepareTemplate, gives_named_variables_their_names) {
    auto out = prepared(kNamed, R"({"body":{"day":"Monday","first_name":"Ravi"}})");
    expect_json(out.graph["components"], R"([{"type":"body","parameters":[
        {"type":"text","parameter_name":"first_name","text":"Ravi"},{"type":"text","parameter_name":"day","text":"Monday"}]}])");
    EXPECT_EQ(out.text, "Hello Ravi, see you on Monday.");
    auto unsaid = kNamed;
    unsaid.parameter_format = "POSITIONAL";
    EXPECT_EQ(prepared(unsaid, R"({"body":{"day":"Monday","first_name":"Ravi"}})").graph, out.graph);
}

TEST(PrepareTemplate, names_all_missing_variables_at_once) {
    auto error = refused(kGreeting, "{}");
    EXPECT_EQ(error.member, "template.body.1");
    EXPECT_EQ(error.detail, "The variables 1, 2 of the body have no value.");
    error = refused(kGreeting, R"({"body":{"1":"Ana","2":null}})");
    EXPECT_EQ(error.member, "template.body.2");
    EXPECT_EQ(error.detail, "The variable 2 of the body has no value.");
    EXPECT_EQ(refused(kNamed, R"({"body":{}})").detail, "The variables first_name, day of the body have no value.");
}

TEST(PrepareTemplate, refuses_values_that_meta_refuses) {
    auto with = [](std::string_view value) { return R"({"body":{"1":"Ana","2":)" + std::string(value) + "}}"; };
    for (const char* value : {R"("")", R"("  ")", R"("a\nb")", R"("a\tb")", R"("a\rb")", R"("a     b")", "5", "true",
                              R"(["a"])", R"("a\u0000b")"})
        EXPECT_EQ(member_at_fault(kGreeting, with(value)), "template.body.2") << value;
    EXPECT_EQ(member_at_fault(kGreeting, with('"' + std::string(1025, 'a') + '"')), "template.body.2");
    for (const std::string& value : {std::string(R"("a    b")"), '"' + std::string(1024, 'a') + '"'})
        EXPECT_TRUE(prepare_template(kGreeting, parsed(with(value)))) << value;
    EXPECT_EQ(member_at_fault(kGreeting, with(R"("b","3":"c")")), "template.body.3") << "there is no third";
    EXPECT_EQ(member_at_fault(kNamed, R"({"body":{"first_name":"A","day":"B","1":"C"}})"), "template.body.1");
    EXPECT_EQ(member_at_fault(kGreeting, R"({"body":["Ana","2"]})"), "template.body");
    EXPECT_EQ(member_at_fault(kGreeting, R"("hello")"), "template");
}

TEST(PrepareTemplate, counts_code_points) {
    std::string value = "\"";
    for (int i = 0; i < 1024; ++i) value += "ü";
    EXPECT_TRUE(prepare_template(kGreeting, parsed(R"({"body":{"1":"Ana","2":)" + value + "\"}}")));
}

TEST(PrepareTemplate, keeps_its_text_within_what_a_message_holds) {
    auto out = prepared(
        kGreeting, R"({"body":{"1":")" + std::string(1024, 'a') + R"(","2":")" + std::string(1024, 'b') + R"("}})");
    EXPECT_EQ(count_code_points(out.text), 3105u);
    auto long_text = a_template(R"([{"type":"BODY","text":")" + std::string(5000, 'a') + R"("}])");
    EXPECT_EQ(prepared(long_text, "{}").text.size(), 4096u);
    EXPECT_EQ(prepared(a_template("[]"), "{}").text, "order_confirmation");
}

TEST(PrepareTemplate, fills_in_a_text_header) {
    auto numbered =
        a_template(R"([{"type":"header","format":"text","text":"Order {{1}}"},{"type":"BODY","text":"B"}])");
    auto out = prepared(numbered, R"({"header":{"text":"7"}})");
    expect_json(out.graph["components"], R"([{"type":"header","parameters":[{"type":"text","text":"7"}]}])");
    EXPECT_EQ(out.text, "Order 7\nB");
    auto named = a_template(R"([{"type":"HEADER","format":"TEXT","text":"Order {{number}}"}])");
    expect_json(prepared(named, R"({"header":{"text":"7"}})").graph["components"],
                R"([{"type":"header","parameters":[{"type":"text","parameter_name":"number","text":"7"}]}])");
    EXPECT_EQ(member_at_fault(numbered, "{}"), "template.header.text");
    EXPECT_EQ(member_at_fault(numbered, R"({"header":{"text":"a\nb"}})"), "template.header.text");
    EXPECT_EQ(member_at_fault(numbered, R"({"header":{"text":")" + std::string(61, 'a') + "\"}}"),
              "template.header.text");
    EXPECT_EQ(member_at_fault(numbered, R"({"header":{"text":"7","media_id":1}})"), "template.header.media_id");
    EXPECT_EQ(member_at_fault(numbered, R"({"header":"7"})"), "template.header");
    auto fixed = a_template(R"([{"type":"HEADER","format":"TEXT","text":"Hello"}])");
    EXPECT_EQ(member_at_fault(fixed, R"({"header":{"text":"7"}})"), "template.header.text");
}

TEST(PrepareTemplate, leaves_the_id_of_a_header_file_to_the_sender) {
    for (const char* kind : {"image", "video", "document"}) {
        auto definition =
            a_template(R"([{"type":"HEADER","format":")" + std::string(kind) + R"("},{"type":"BODY","text":"B"}])");
        auto out = prepared(definition, R"({"header":{"media_id":12}})");
        expect_json(out.graph["components"], R"([{"type":"header","parameters":[{"type":")" + std::string(kind) +
                                                 R"(",")" + kind + R"(":{}}]}])");
        EXPECT_EQ(out.media_id, 12);
        EXPECT_EQ(out.text, "B");
        EXPECT_EQ(out.shown["header"].as_object().size(), 1u);
        for (const char* request : {"{}", R"({"header":{}})", R"({"header":{"media_id":null}})",
                                    R"({"header":{"media_id":"12"}})", R"({"header":{"media_id":0}})"})
            EXPECT_EQ(member_at_fault(definition, request), "template.header.media_id") << kind << request;
        EXPECT_EQ(member_at_fault(definition, R"({"header":{"media_id":12,"text":"a"}})"), "template.header.text");
    }
    auto document = a_template(R"([{"type":"HEADER","format":"DOCUMENT"}])");
    auto out = prepared(document, R"({"header":{"media_id":12,"file_name":"plan b.pdf"}})");
    expect_json(out.graph["components"],
                R"([{"type":"header","parameters":[{"type":"document","document":{"filename":"plan b.pdf"}}]}])");
    EXPECT_EQ(out.header_format, "DOCUMENT");
    EXPECT_EQ(member_at_fault(document, R"({"header":{"media_id":12,"file_name":""}})"), "template.header.file_name");
}

TEST(PrepareTemplate, puts_a_location_into_its_header) {
    auto definition = a_template(R"([{"type":"HEADER","format":"LOCATION"},{"type":"BODY","text":"B"}])");
    auto out = prepared(definition, R"({"header":{"location":{"latitude":-33.5,"longitude":151,"name":"Shop"}}})");
    expect_json(out.graph["components"], R"([{"type":"header","parameters":[
        {"type":"location","location":{"latitude":-33.5,"longitude":151,"name":"Shop"}}]}])");
    expect_json(out.shown["header"],
                R"({"format":"LOCATION","location":{"latitude":-33.5,"longitude":151,"name":"Shop"}})");
    EXPECT_EQ(member_at_fault(definition, "{}"), "template.header.location");
    EXPECT_EQ(member_at_fault(definition, R"({"header":{"location":"here"}})"), "template.header.location");
    EXPECT_EQ(member_at_fault(definition, R"({"header":{"location":{"longitude":1}}})"),
              "template.header.location.latitude");
    for (const char* longitude : {"181", "-180.5", R"("151")", "1e999", "null"})
        EXPECT_EQ(member_at_fault(definition, R"({"header":{"location":{"latitude":1,"longitude":)" +
                                                  std::string(longitude) + "}}}"),
                  "template.header.location.longitude")
            << longitude;
    EXPECT_EQ(member_at_fault(definition, R"({"header":{"location":{"latitude":1,"longitude":1,"name":5}}})"),
              "template.header.location.name");
}

TEST(PrepareTemplate, refuses_a_header_where_there_is_none) {
    EXPECT_EQ(member_at_fault(kGreeting, R"({"header":{"text":"a"},"body":{"1":"a","2":"b"}})"),
              "template.header.text");
    EXPECT_EQ(member_at_fault(kGreeting, R"({"header":{"media_id":1},"body":{"1":"a","2":"b"}})"),
              "template.header.media_id");
    EXPECT_EQ(member_at_fault(kGreeting, R"({"header":{"location":{}},"body":{"1":"a","2":"b"}})"),
              "template.header.location");
    EXPECT_TRUE(prepare_template(kGreeting, parsed(R"({"header":null,"body":{"1":"a","2":"b"},"buttons":null})")));
}

TEST(PrepareTemplate, says_why_a_template_cannot_be_sent) {
    auto reason = [](std::string status) {
        auto definition = kGreeting;
        definition.status = std::move(status);
        auto error = refused(definition, R"({"body":{"1":"a","2":"b"}})");
        EXPECT_EQ(error.code, Errc::wrong_state);
        EXPECT_EQ(error.member, "template.name");
        EXPECT_EQ(error.detail, not_sendable_reason(definition));
        return error.detail;
    };
    EXPECT_TRUE(reason("PENDING").contains("reviewing"));
    EXPECT_TRUE(reason("rejected").contains("rejected"));
    EXPECT_TRUE(reason("PAUSED").contains("paused"));
    EXPECT_TRUE(reason("DISABLED").contains("disabled"));
    EXPECT_TRUE(reason("ARCHIVED").contains("ARCHIVED"));
    EXPECT_FALSE(reason("").empty());
    auto lower = kGreeting;
    lower.status = "approved";
    EXPECT_EQ(not_sendable_reason(lower), "");
    auto rejected = kGreeting;
    rejected.status = "REJECTED";
    rejected.rejected_reason = "SCAM";
    EXPECT_TRUE(not_sendable_reason(rejected).contains("SCAM"));
}

TEST(PrepareTemplate, refuses_parts_that_an_agent_cannot_fill) {
    for (
        const char* part :
        {R"({"type":"CAROUSEL","cards":[]})", R"({"type":"limited_time_offer"})", R"({"type":"NEW_THING"})", "5",
         R"({"type":"HEADER","format":"GIF"})", R"({"type":"HEADER","format":"TEXT","text":"{{1}} {{2}}"})",
         R"({"type":"BUTTONS","buttons":[{"type":"MPM","text":"View"}]})",
         R"({"type":"BUTTONS","buttons":[{"type":"CATALOG","text":"View"}]})",
         R"({"type":"BUTTONS","buttons":[{"type":"OTP","otp_type":"ONE_TAP","text":"Autofill"}]})",
         R"({"type":"BUTTONS","buttons":[{"type":"URL","text":"A","url":"https://www.whatsapp.com/otp/code/?otp_type=ZERO_TAP&code=otp{{1}}"}]})"}) {
        auto definition = a_template("[" + std::string(part) + R"(,{"type":"BODY","text":"B"}])");
        EXPECT_NE(not_sendable_reason(definition), "") << part;
        EXPECT_EQ(refused(definition, "{}").code, Errc::wrong_state) << part;
    }
    EXPECT_TRUE(not_sendable_reason(a_template(R"([{"type":"CAROUSEL"}])")).contains("CAROUSEL"));
}

}  // namespace
}  // namespace parley::wa

#include "wa/template_list.hpp"

#include <gtest/gtest.h>

#include <string>

#include "wa/parse.hpp"
#include "wa/test_fixtures.hpp"

namespace parley::wa {
namespace {

/// The answer that a fixture of contract/fixtures/graph recorded.
json::value answer_of(const std::string& name) {
    auto whole = json::parse(fixture("graph/" + name + ".json")).value();
    return whole.at("response").at("body");
}

TemplateChange change_of(const std::string& name) {
    auto delivery = parse_delivery(fixture("webhooks/" + name + ".json"), TimePoint{});
    if (delivery.template_changes.size() != 1) throw std::runtime_error(name + " tells of no single template");
    EXPECT_EQ(delivery.template_changes[0].waba_id, "102290129340398") << name;
    EXPECT_TRUE(delivery.items.empty()) << name;
    EXPECT_EQ(delivery.items_skipped, 0) << name;
    return delivery.template_changes[0];
}

TEST(TemplateList, asks_for_pages_by_cursor) {
    EXPECT_TRUE(template_list_path("102290129340398", "").starts_with("/102290129340398/message_templates?fields=id,"));
    EXPECT_TRUE(template_list_path("1", "").ends_with("&limit=100"));
    EXPECT_TRUE(template_list_path("1", "a=b&c").ends_with("&limit=100&after=a%3Db%26c"));
    EXPECT_TRUE(template_list_path("../2", "").starts_with("/..%2F2/")) << "an id is one segment";
}

TEST(TemplateList, reads_recorded_answers) {
    auto page = read_template_page(answer_of("recorded-templates-list"));
    ASSERT_TRUE(page);
    ASSERT_GT(page->templates.size(), 9u);
    const auto& first = page->templates.front();
    EXPECT_EQ(first.id, "711633970112948");
    EXPECT_EQ(first.name, "hello_world");
    EXPECT_EQ(first.language, "en_US");
    EXPECT_EQ(first.category, "MARKETING");
    EXPECT_EQ(first.status, "APPROVED");
    EXPECT_EQ(first.parameter_format, "POSITIONAL");
    EXPECT_EQ(first.components.size(), 3u);
    EXPECT_EQ(first.quality, "");
    auto empty = read_template_page(answer_of("recorded-templates-list-empty"));
    ASSERT_TRUE(empty);
    EXPECT_TRUE(empty->templates.empty());
    EXPECT_EQ(empty->next, "");
}

TEST(TemplateList, goes_on_while_there_is_a_next_page) {
    auto page = read_template_page(answer_of("templates-list-components"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->templates.size(), 2u);
    EXPECT_EQ(page->next, "") << "a short page without `next` is the last, although it has a cursor";
    EXPECT_EQ(read_template_page(answer_of("templates-list-approved"))->next, "QVFIU...");
    json::array full(kTemplatesPerPage, json::object{{"id", "1"}, {"name", "a"}, {"language", "en"}});
    json::value without_next{{"data", full}, {"paging", {{"cursors", {{"after", "x"}}}}}};
    EXPECT_EQ(read_template_page(without_next)->next, "x");
}

TEST(TemplateList, reads_words_in_either_case_and_leaves_out_what_has_no_name) {
    auto page = read_template_page(json::parse(R"({"data":[
        {"id":17,"name":"a","language":"en","status":"approved","category":"utility","parameter_format":"named",
         "quality_score":{"score":"green","date":1},"rejected_reason":"NONE",
         "components":[{"type":"header","format":"image"},{"type":"buttons","buttons":[{"type":"url"},7]},"x"]},
        {"id":"18","name":"b","language":"en","quality_score":"RED","rejected_reason":"SCAM"},
        {"id":"19","language":"en"},{"name":"c","language":"en"},"x",{"id":"20","name":"d"}]})")
                                       .value());
    ASSERT_TRUE(page);
    ASSERT_EQ(page->templates.size(), 2u);
    const auto& first = page->templates[0];
    EXPECT_EQ(first.id, "17");
    EXPECT_EQ(first.status, "APPROVED");
    EXPECT_EQ(first.category, "UTILITY");
    EXPECT_EQ(first.parameter_format, "NAMED");
    EXPECT_EQ(first.quality, "GREEN");
    EXPECT_EQ(first.rejected_reason, "");
    EXPECT_EQ(boost::json::serialize(first.components),
              R"([{"type":"HEADER","format":"IMAGE"},{"type":"BUTTONS","buttons":[{"type":"URL"},7]},"x"])");
    EXPECT_EQ(page->templates[1].quality, "RED");
    EXPECT_EQ(page->templates[1].rejected_reason, "SCAM");
}

TEST(TemplateList, is_told_from_other_answers) {
    for (const char* other : {"{}", "[]", R"({"data":{}})", R"({"data":null})", R"("data")"})
        EXPECT_FALSE(read_template_page(json::parse(other).value())) << other;
}

TEST(TemplateChanges, are_read_from_webhooks) {
    auto approved = change_of("template-status-approved");
    EXPECT_EQ(approved.template_id, "1689556908129832");
    EXPECT_EQ(approved.status, "APPROVED");
    EXPECT_EQ(approved.rejected_reason, "");
    EXPECT_EQ(approved.category, "");
    auto rejected = change_of("template-status-rejected-scam");
    EXPECT_EQ(rejected.status, "REJECTED");
    EXPECT_EQ(rejected.rejected_reason, "SCAM");
    EXPECT_EQ(change_of("template-status-rejected-with-info").rejected_reason, "INVALID_FORMAT");
    auto flagged = change_of("template-status-flagged-null-reason");
    EXPECT_EQ(flagged.template_id, "1234567");
    EXPECT_EQ(flagged.status, "") << "it can still be sent";
    auto quality = change_of("template-quality-update");
    EXPECT_EQ(quality.quality, "YELLOW");
    EXPECT_EQ(quality.status, "");
    EXPECT_EQ(change_of("template-category-updated").category, "MARKETING");
    EXPECT_EQ(change_of("template-category-update-pending").category, "UTILITY") << "not yet the one announced";
    EXPECT_EQ(change_of("template-components-update").template_id, "12345678");
}

TEST(TemplateChanges, are_told_by_their_fields) {
    auto value = json::parse(R"({"event":"REINSTATED","message_template_id":"5"})").value();
    EXPECT_EQ(read_template_change("message_template_status_update", value, "1")->status, "APPROVED");
    EXPECT_FALSE(read_template_change("messages", value, "1"));
    EXPECT_FALSE(read_template_change("message_template_status_update", value, ""));
    auto odd = read_template_change("message_template_status_update", json::parse(R"({"event":7})").value(), "1");
    ASSERT_TRUE(odd) << "something changed";
    EXPECT_EQ(odd->template_id, "");
    EXPECT_EQ(odd->status, "");
}

}  // namespace
}  // namespace parley::wa

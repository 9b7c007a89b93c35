#include "flow/template_sync.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>

#include "flow/templates.hpp"
#include "http/server.hpp"
#include "support/deliveries.hpp"

namespace parley::flow {
namespace {

using namespace std::chrono_literals;
using test::kNumber;
using test::kWaba;

/// A page with templates named `first` to `last`, and the cursor of the next one.
std::string a_page(int first, int last, const std::string& next = "") {
    json::array data;
    for (int i = first; i <= last; ++i) {
        auto number = std::to_string(i);
        data.push_back({{"id", number},
                        {"name", "template_" + number},
                        {"language", "en"},
                        {"status", "APPROVED"},
                        {"category", "UTILITY"},
                        {"components", json::array{json::object{{"type", "BODY"}, {"text", "Hi {{1}}"}}}}});
    }
    json::object page{{"data", std::move(data)}};
    if (!next.empty()) page["paging"] = {{"cursors", {{"after", next}}}, {"next", "https://example.com/"}};
    return boost::json::serialize(page);
}

http::Response an_error(int code) {
    return http::json_response(
        400, R"({"error":{"message":"Refused","type":"OAuthException","code":)" + std::to_string(code) + "}}");
}

/// Stands for Meta: answers what the test put on its list, and an empty page afterwards.
class Graph {
  public:
    explicit Graph(asio::io_context& io) {
        router_.add(http::Method::get, "/v24.0/{waba}/message_templates",
                    [this](http::Request& request) { return answer(*this, request); });
        server_ = std::make_unique<http::Server>(io, http::ServerOptions{}, router_);
        server_->start();
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
    awaitable<void> stop() { co_await server_->stop(); }

    std::deque<http::Response> script;
    bool endless = false;  ///< always a full page and another one behind it
    std::vector<std::string> cursors;
    std::string authorization;

  private:
    static awaitable<http::Response> answer(Graph& graph, http::Request& request) {
        graph.authorization = request.header("authorization");
        graph.cursors.push_back(request.query_parameter("after").value_or(""));
        auto number = static_cast<int>(graph.cursors.size());
        if (graph.endless) co_return http::json_response(200, a_page(number, number, std::to_string(number)));
        if (graph.script.empty()) co_return http::json_response(200, R"({"data":[]})");
        auto response = std::move(graph.script.front());
        graph.script.pop_front();
        co_return response;
    }

    http::Router router_;
    std::unique_ptr<http::Server> server_;
};

struct TemplateSyncTest : testing::Test {
    TemplateSyncTest() { use("TOKEN"); }
    ~TemplateSyncTest() override {
        test::run(io, sync->stop(20s));
        client.stop();
        test::run(io, graph.stop());
        test::drain(io);
    }
    void use(std::string token) {
        tokens = std::make_unique<GraphTokens>(std::move(token));
        sync = std::make_unique<TemplateSync>(io, pool, client_graph, *tokens, clock);
    }
    void pages(std::vector<std::string> bodies) {
        for (auto& body : bodies) graph.script.push_back(http::json_response(200, std::move(body)));
    }
    SyncReport sync_now() {
        auto report = test::run(io, sync->sync_now(account, test::kPatience));
        return report.value();
    }
    std::string names() const {
        return database.value("SELECT string_agg(name, ' ' ORDER BY template_id::integer) FROM message_templates");
    }
    std::string problem() const {
        return database.value("SELECT concat_ws(' ', problem, problem_code) FROM template_syncs");
    }
    Result<wa::PreparedTemplate> prepare(std::string_view request, std::string number = kNumber) {
        return test::run(io, find_and_prepare_template(pool, account, std::move(number), json::parse(request).value()));
    }

    test::Database database;
    AccountId account = test::add_account(database);
    asio::io_context io;
    store::Pool pool{io, database.options(), 4};
    Graph graph{io};
    http::Client client{io};
    wa::GraphClient client_graph{client, graph.url(), "v24.0"};
    Clock clock;
    std::unique_ptr<GraphTokens> tokens;
    std::unique_ptr<TemplateSync> sync;
};

TEST_F(TemplateSyncTest, reads_all_pages) {
    pages({a_page(1, 2, "one"), a_page(3, 4, "two"), a_page(4, 5)});
    auto report = sync_now();
    EXPECT_TRUE(report.finished);
    EXPECT_EQ(report.synced, 5) << "one came twice";
    EXPECT_TRUE(report.problems.empty());
    EXPECT_EQ(graph.cursors, (std::vector<std::string>{"", "one", "two"}));
    EXPECT_EQ(graph.authorization, "Bearer TOKEN");
    EXPECT_EQ(names(), "template_1 template_2 template_3 template_4 template_5");
    pages({a_page(2, 2)});
    EXPECT_EQ(sync_now().synced, 1);
    EXPECT_EQ(names(), "template_2");
}

TEST_F(TemplateSyncTest, begins_anew_once_when_a_cursor_is_bad) {
    pages({a_page(1, 2, "one")});
    graph.script.push_back(an_error(131059));
    pages({a_page(1, 1, "other"), a_page(2, 3)});
    EXPECT_EQ(sync_now().synced, 3);
    EXPECT_EQ(graph.cursors, (std::vector<std::string>{"", "one", "", "other"}));
    graph.cursors.clear();
    for (int i = 0; i < 2; ++i) {
        pages({a_page(1, 1, "one")});
        graph.script.push_back(an_error(131059));
    }
    EXPECT_EQ(sync_now().problems.size(), 1u);
    EXPECT_EQ(graph.cursors.size(), 4u);
    EXPECT_EQ(problem(), "refused 131059");
    EXPECT_EQ(names(), "template_1 template_2 template_3") << "what was read before stays";
}

TEST_F(TemplateSyncTest, stops_after_fifty_pages) {
    database.execute(
        "INSERT INTO message_templates (account_id, waba_id, template_id, name, language, category, status, "
        "parameter_format, components) VALUES (1, '" +
        std::string(kWaba) + "', '900', 'kept', 'en', '', '', '', '[]')");
    graph.endless = true;
    EXPECT_EQ(sync_now().synced, 50);
    EXPECT_EQ(graph.cursors.size(), 50u);
    EXPECT_EQ(problem(), "too_many");
    EXPECT_EQ(database.value("SELECT count(*) FROM message_templates"), "51") << "it may stand on a later page";
}

TEST_F(TemplateSyncTest, keeps_what_it_has_when_the_list_cannot_be_read) {
    pages({a_page(1, 2)});
    sync_now();
    graph.script.push_back(an_error(190));
    auto report = sync_now();
    EXPECT_TRUE(report.finished);
    EXPECT_EQ(report.synced, 0);
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_EQ(report.problems[0].first, kWaba);
    EXPECT_EQ(report.problems[0].second.meta_code, 190);
    EXPECT_EQ(problem(), "refused 190");
    pages({R"({"success":true})"});
    sync_now();
    EXPECT_EQ(problem(), "unreadable");
    test::run(io, graph.stop());
    sync_now();
    EXPECT_EQ(problem(), "unreachable");
    EXPECT_EQ(names(), "template_1 template_2");
}

TEST_F(TemplateSyncTest, reads_nothing_without_a_token_and_says_so) {
    use("");
    auto report = sync_now();
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_EQ(report.problems[0].second.code, "no_token");
    EXPECT_TRUE(graph.cursors.empty());
    EXPECT_EQ(problem(), "no_token");
}

TEST_F(TemplateSyncTest, reads_by_itself_what_is_due) {
    pages({a_page(1, 2)});
    sync->start();
    auto wait = [](TemplateSyncTest& t) -> awaitable<void> {
        for (int i = 0; i < 900 && t.names().empty(); ++i) co_await sleep_for(t.io.get_executor(), 100ms);
    };
    test::run(io, wait(*this));
    EXPECT_EQ(names(), "template_1 template_2");
}

TEST_F(TemplateSyncTest, finds_templates_to_send) {
    EXPECT_EQ(prepare(R"({"name":"template_1","language":"en"})").error().code, Errc::not_found);
    EXPECT_TRUE(prepare(R"({"name":"template_1","language":"en"})").error().detail.contains("not been read"));
    pages({a_page(1, 1)});
    sync_now();
    auto found = prepare(R"({"name":"template_1","language":"en","body":{"1":"Ana"}})");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->text, "Hi Ana");
    EXPECT_EQ(prepare(R"({"name":"template_1","language":"en"})").error().member, "template.body.1");
    auto error = prepare(R"({"name":"template_1","language":"de"})").error();
    EXPECT_EQ(error.code, Errc::not_found);
    EXPECT_EQ(error.member, "template.language");
    EXPECT_TRUE(error.detail.contains("it exists in: en."));
    error = prepare(R"({"name":"template_2","language":"en"})").error();
    EXPECT_EQ(error.code, Errc::not_found);
    EXPECT_EQ(error.member, "template.name");
    EXPECT_EQ(prepare(R"({"name":"template_1","language":"en"})", "5").error().code, Errc::not_found);
    for (const char* request : {"{}", R"({"language":"en"})", R"({"name":"","language":"en"})",
                                R"({"name":7,"language":"en"})", R"({"name":"a\u0000","language":"en"})"})
        EXPECT_EQ(prepare(request).error().member, "template.name") << request;
    EXPECT_EQ(prepare(R"({"name":"template_1"})").error().member, "template.language");
    EXPECT_EQ(prepare("[]").error().member, "template");
}

TEST_F(TemplateSyncTest, says_what_cannot_be_sent) {
    pages({a_page(1, 2)});
    sync_now();
    database.execute("UPDATE message_templates SET status = 'PAUSED' WHERE template_id = '2'");
    auto listed = test::run(io, flow::list_templates(pool, account, {}));
    ASSERT_EQ(listed.size(), 2u);
    EXPECT_EQ(listed[0].not_sendable_reason, "");
    EXPECT_TRUE(listed[1].not_sendable_reason.contains("paused"));
}

TEST_F(TemplateSyncTest, is_called_for_by_webhooks_about_templates) {
    pages({a_page(1, 1)});
    sync_now();
    auto delivery = test::a_delivery({});
    delivery.delivery.numbers = {{.phone_number_id = "", .display_phone_number = "", .waba_id = kWaba}};
    delivery.delivery.template_changes = {{kWaba, "1", "PAUSED", "", "", ""}};
    test::run(io, ingest(pool, {&delivery, 1}));
    EXPECT_EQ(database.value("SELECT status FROM message_templates"), "PAUSED");
    EXPECT_EQ(database.value("SELECT due_at < now() + interval '10 seconds' FROM template_syncs"), "t");
    EXPECT_EQ(database.value("SELECT state || account_id FROM webhook_deliveries"), "stored1");
}

}  // namespace
}  // namespace parley::flow

#include "http/client.hpp"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <unistd.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "http/raw_peer.hpp"
#include "http/server.hpp"

namespace parley::http {
namespace {

/// What a scripted peer does with each connection: reads a request for each answer, sends the answer, then ends as
/// told.
struct Script {
    std::vector<std::string> answers;
    bool wait_for_close = true;  ///< false: close after the last answer
};

struct Seen {
    int connections = 0;
    std::vector<std::string> requests;
};

awaitable<void> play_one(RawPeer peer, Script script, Seen& seen) {
    for (const auto& answer : script.answers) {
        auto request = co_await peer.receive_request();
        if (request.empty()) co_return;
        seen.requests.push_back(request);
        co_await peer.send(answer);
    }
    if (script.wait_for_close) co_await peer.receive_all();
}

awaitable<void> play(TcpAcceptor& acceptor, std::vector<Script> scripts, Seen& seen) {
    for (auto& script : scripts) {
        auto socket = co_await acceptor.async_accept(use_awaitable);
        ++seen.connections;
        co_await play_one(RawPeer(std::move(socket)), script, seen);
    }
}

using Outcome = std::expected<ClientResponse, ClientError>;

awaitable<void> send_into(Client& client, ClientRequest request, Outcome& outcome) {
    outcome = co_await client.send(std::move(request));
}

class ClientTest : public testing::Test {
  protected:
    ClientTest() : acceptor_(io_.get_executor(), {asio::ip::make_address("127.0.0.1"), 0}), client_(io_) {}

    ~ClientTest() override {
        client_.stop();
        acceptor_.close();
        io_.restart();
        io_.run_for(std::chrono::seconds(5));
    }

    void script(std::vector<Script> scripts) {
        asio::co_spawn(io_, play(acceptor_, std::move(scripts), seen_), [](std::exception_ptr) {});
    }
    /// One connection that answers once.
    void script_answer(std::string answer, bool wait_for_close = true) {
        script({Script{{std::move(answer)}, wait_for_close}});
    }

    ClientRequest a_request(Method method = Method::get, std::string body = "") const {
        auto port = std::to_string(acceptor_.local_endpoint().port());
        return {.method = method,
                .url = {"http", "127.0.0.1", port, "/path?q=1"},
                .headers = {},
                .body = std::move(body),
                .max_body = 1000,
                .timeout = std::chrono::seconds(10)};
    }

    Outcome send(ClientRequest request) {
        Outcome outcome;
        run_script(io_, send_into(client_, std::move(request), outcome));
        return outcome;
    }

    asio::io_context io_;
    TcpAcceptor acceptor_;
    Client client_;
    Seen seen_;
};

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Name: value\r\n\r\nok";

TEST(ParseUrl, reads_absolute_urls) {
    auto url = parse_url("HTTPS://graph.example.com/v24.0/1/messages?a=b#part");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->host, "graph.example.com");
    EXPECT_EQ(url->port, "443");
    EXPECT_EQ(url->target, "/v24.0/1/messages?a=b");
    url = parse_url("http://[::1]:8080");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "::1");
    EXPECT_EQ(url->port, "8080");
    EXPECT_EQ(url->target, "/");
    url = parse_url("http://a?b=c");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->port, "80");
    EXPECT_EQ(url->target, "/?b=c");
}

TEST(ParseUrl, refuses_everything_else) {
    for (std::string_view text : {"",
                                  "a",
                                  "/a",
                                  "ftp://a/",
                                  "http:/a",
                                  "http://",
                                  "http:///a",
                                  "http://u@a/",
                                  "http://u:p@a/",
                                  "http://a:/",
                                  "http://a:0/",
                                  "http://a:65536/",
                                  "http://a:x/",
                                  "http://a b/",
                                  "http://a/b c",
                                  "http://a/\r\nX: 1",
                                  "http://[::1",
                                  "http://[a]/",
                                  "http://[::1]x/",
                                  "http://\xc3\xa9/",
                                  "http://a/\xc3\xa9"})
        EXPECT_FALSE(parse_url(text)) << text;
}

TEST_F(ClientTest, sends_a_whole_request_and_reads_the_answer) {
    script_answer(std::string(kOk));
    auto request = a_request(Method::post, "{\"a\":1}");
    request.headers = {{"Authorization", "Bearer x"}, {"Host", "evil"}, {"Content-Length", "99"}};
    auto outcome = send(request);
    ASSERT_TRUE(outcome) << outcome.error().reason;
    EXPECT_EQ(outcome->status, 200U);
    EXPECT_EQ(outcome->body, "ok");
    EXPECT_EQ(outcome->header("x-name"), "value");
    ASSERT_EQ(seen_.requests.size(), 1U);
    EXPECT_EQ(seen_.requests[0],
              "POST /path?q=1 HTTP/1.1\r\nHost: 127.0.0.1:" + request.url.port +
                  "\r\nUser-Agent: parley\r\nContent-Length: 7\r\nAuthorization: Bearer x\r\n\r\n{\"a\":1}");
}

TEST_F(ClientTest, declares_an_empty_body_of_a_post) {
    script({Script{{std::string(kOk), std::string(kOk)}}});
    ASSERT_TRUE(send(a_request(Method::post)));
    ASSERT_TRUE(send(a_request(Method::get)));
    ASSERT_EQ(seen_.requests.size(), 2U);
    EXPECT_NE(seen_.requests[0].find("\r\nContent-Length: 0\r\n"), std::string::npos);
    EXPECT_EQ(seen_.requests[1].find("Content-Length"), std::string::npos);
    EXPECT_EQ(seen_.connections, 1);
}

TEST_F(ClientTest, refuses_a_request_that_would_break_the_framing) {
    auto request = a_request();
    request.headers = {{"X-A", "a\r\nX-B: 1"}};
    auto outcome = send(request);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "malformed request");
    request = a_request();
    request.url.target = "/a HTTP/1.1\r\nX: 1";
    EXPECT_FALSE(send(request));
    EXPECT_EQ(seen_.connections, 0);
}

TEST_F(ClientTest, replaces_an_idle_connection_that_the_peer_closed) {
    script({Script{{std::string(kOk)}, false}, Script{{std::string(kOk)}}});
    ASSERT_TRUE(send(a_request(Method::post, "1")));
    auto second = send(a_request(Method::post, "2"));
    ASSERT_TRUE(second) << second.error().reason;
    EXPECT_EQ(seen_.connections, 2);
}

TEST_F(ClientTest, repeats_a_get_that_a_reused_connection_swallowed) {
    script({Script{{std::string(kOk), ""}, false}, Script{{std::string(kOk)}}});
    ASSERT_TRUE(send(a_request()));
    auto second = send(a_request());
    ASSERT_TRUE(second) << second.error().reason;
    EXPECT_EQ(seen_.requests.size(), 3U);
}

TEST_F(ClientTest, never_repeats_a_post_that_was_written) {
    script({Script{{std::string(kOk), ""}, false}, Script{{std::string(kOk)}}});
    ASSERT_TRUE(send(a_request(Method::post, "1")));
    auto second = send(a_request(Method::post, "2"));
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().request_written);
    EXPECT_EQ(seen_.requests.size(), 2U);
}

TEST_F(ClientTest, never_repeats_on_a_fresh_connection) {
    script({Script{{""}, false}, Script{{std::string(kOk)}}});
    auto outcome = send(a_request());
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "connection closed without an answer");
    EXPECT_TRUE(outcome.error().request_written);
}

TEST_F(ClientTest, does_not_reuse_what_the_peer_will_close) {
    script({Script{{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"}}, Script{{std::string(kOk)}}});
    ASSERT_TRUE(send(a_request(Method::post, "1")));
    ASSERT_TRUE(send(a_request(Method::post, "2")));
    EXPECT_EQ(seen_.connections, 2);
}

TEST_F(ClientTest, does_not_reuse_a_connection_with_more_than_the_answer) {
    script({Script{{std::string(kOk) + "HTTP/1.1 200 OK\r\n"}}, Script{{std::string(kOk)}}});
    ASSERT_TRUE(send(a_request(Method::post, "1")));
    ASSERT_TRUE(send(a_request(Method::post, "2")));
    EXPECT_EQ(seen_.connections, 2);
}

TEST_F(ClientTest, times_out_with_the_request_written) {
    script_answer("");
    auto request = a_request(Method::post, "1");
    request.timeout = std::chrono::milliseconds(200);
    auto outcome = send(request);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "timeout");
    EXPECT_TRUE(outcome.error().request_written);
}

TEST_F(ClientTest, times_out_in_the_middle_of_an_answer) {
    script_answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    auto request = a_request();
    request.timeout = std::chrono::milliseconds(200);
    auto outcome = send(request);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "timeout");
}

TEST_F(ClientTest, tells_that_a_refused_connection_wrote_nothing) {
    auto request = a_request(Method::post, "1");
    acceptor_.close();
    auto outcome = send(request);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "connect: Connection refused");
    EXPECT_FALSE(outcome.error().request_written);
    acceptor_ = TcpAcceptor(io_.get_executor());
}

TEST_F(ClientTest, tells_that_an_unknown_name_wrote_nothing) {
    auto request = a_request(Method::post, "1");
    request.url.host = "no-such-host.invalid";
    auto outcome = send(request);
    ASSERT_FALSE(outcome);
    EXPECT_FALSE(outcome.error().request_written);
}

TEST_F(ClientTest, connects_by_name) {
    script_answer(std::string(kOk));
    auto request = a_request();
    request.url.host = "localhost";
    auto outcome = send(request);
    ASSERT_TRUE(outcome) << outcome.error().reason;
}

struct AnswerCase {
    std::string_view name;
    std::string answer;
    std::string reason;  ///< how the error begins; empty: a whole answer
    unsigned status = 0;
    std::string body{};
};

std::vector<AnswerCase> answer_cases() {
    std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    auto sized = [](std::size_t size) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'x');
    };
    std::string many_chunks = chunked;
    for (int i = 0; i < 20'000; ++i) many_chunks += "1;extension\r\nx\r\n";
    return {
        {"chunked", chunked + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "", 200, "abcde"},
        {"trailer", chunked + "1\r\na\r\n0\r\nX-Late: 1\r\n\r\n", "", 200, "a"},
        {"no content", "HTTP/1.1 204 No Content\r\n\r\n", "", 204, ""},
        {"empty", "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", "", 500, ""},
        {"until close", "HTTP/1.1 200 OK\r\n\r\nall of it", "", 200, "all of it"},
        {"http 1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n1", "", 200, "1"},
        {"interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + std::string(kOk), "",
         200, "ok"},
        {"largest", sized(1000), "", 200, std::string(1000, 'x')},
        {"too large", sized(1001), "answer too large"},
        {"declared too large", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "answer too large"},
        {"chunks too large", chunked + "3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n", "answer too large"},
        {"too many chunks", many_chunks, "answer too large"},
        {"endless interim",
         [] {
             std::string text;
             for (int i = 0; i < 5000; ++i) text += "HTTP/1.1 100 Continue\r\n\r\n";
             return text;
         }(),
         "answer too large"},
        {"garbage", "not HTTP at all\r\n\r\n", "malformed answer"},
        {"switching", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "malformed answer"},
        {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "malformed answer"},
        {"large header", "HTTP/1.1 200 OK\r\nX-A: " + std::string(20'000, 'a') + "\r\nContent-Length: 0\r\n\r\n",
         "answer header too large"},
        {"huge trailer over the bound", chunked + "0\r\nX-A: " + std::string(70'000, 't') + "\r\n\r\n",
         "answer too large"},
        {"truncated body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "truncated answer"},
        {"truncated chunks", chunked + "a\r\nhalf", "truncated answer"},
        {"truncated header", "HTTP/1.1 200 OK\r\nContent-", "truncated answer"},
    };
}

TEST_F(ClientTest, reads_well_formed_answers_and_refuses_others) {
    for (const auto& expected : answer_cases()) {
        script_answer(expected.answer, false);
        auto outcome = send(a_request());
        if (expected.reason.empty()) {
            ASSERT_TRUE(outcome) << expected.name << ": " << outcome.error().reason;
            EXPECT_EQ(outcome->status, expected.status) << expected.name;
            EXPECT_EQ(outcome->body, expected.body) << expected.name;
            EXPECT_EQ(outcome->header("X-Late"), "") << expected.name;
        } else {
            ASSERT_FALSE(outcome) << expected.name;
            EXPECT_TRUE(outcome.error().reason.starts_with(expected.reason))
                << expected.name << ": " << outcome.error().reason;
            EXPECT_TRUE(outcome.error().request_written) << expected.name;
        }
    }
}

TEST_F(ClientTest, survives_a_trailer_that_makes_the_parser_throw) {
    script_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: " + std::string(70'000, 't') +
                  "\r\n\r\n");
    auto request = a_request();
    request.max_body = 1024 * 1024;
    auto outcome = send(request);
    ASSERT_FALSE(outcome);
    EXPECT_TRUE(outcome.error().reason.starts_with("malformed answer")) << outcome.error().reason;
    script_answer(std::string(kOk));
    EXPECT_TRUE(send(a_request()));
}

TEST_F(ClientTest, reads_the_answer_to_head_without_a_body) {
    script({Script{{"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", std::string(kOk)}}});
    auto outcome = send(a_request(Method::head));
    ASSERT_TRUE(outcome) << outcome.error().reason;
    EXPECT_EQ(outcome->header("Content-Length"), "50");
    EXPECT_TRUE(send(a_request()));
    EXPECT_EQ(seen_.connections, 1);
}

awaitable<void> stop_during(Client& client, TcpAcceptor& acceptor, ClientRequest request, Outcome& outcome) {
    asio::co_spawn(acceptor.get_executor(), send_into(client, std::move(request), outcome), [](std::exception_ptr) {});
    RawPeer peer(co_await acceptor.async_accept(use_awaitable));
    co_await peer.receive_request();
    client.stop();
    co_await peer.receive_all();
}

TEST_F(ClientTest, fails_sends_in_progress_when_stopped) {
    Outcome outcome;
    run_script(io_, stop_during(client_, acceptor_, a_request(Method::post, "1"), outcome));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "stopped");
    EXPECT_TRUE(outcome.error().request_written);
    EXPECT_FALSE(send(a_request()));
}

awaitable<Response> echo(Request& request) {
    co_return text_response(200, request.body);
}

awaitable<void> ask_and_stop(Server& server, Client& client, std::size_t& connections) {
    for (int i = 0; i < 20; ++i) {
        ClientRequest request{.method = Method::post,
                              .url = {"http", "127.0.0.1", std::to_string(server.port()), "/echo"},
                              .headers = {},
                              .body = std::string(static_cast<std::size_t>(i) * 1000, 'b')};
        auto body = request.body;
        auto outcome = co_await client.send(std::move(request));
        EXPECT_TRUE(outcome && outcome->body == body);
    }
    connections = server.open_connections();
    client.stop();
    co_await server.stop();
}

TEST_F(ClientTest, reuses_one_connection_to_our_server) {
    Router router;
    router.add(Method::post, "/echo", echo);
    Server server(io_, {}, router);
    server.start();
    std::size_t connections = 0;
    run_script(io_, ask_and_stop(server, client_, connections));
    EXPECT_EQ(connections, 1U);
}

struct Certificate {
    std::string certificate;
    std::string key;
};

std::string text_of(BIO* bio) {
    char* data = nullptr;
    auto size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
}

/// Self-signed, for `name`.
Certificate a_certificate(const std::string& name) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* x509 = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_set_version(x509, X509_VERSION_3);
    X509_set_pubkey(x509, key);
    auto* subject = X509_get_subject_name(x509);
    std::vector<unsigned char> common(name.begin(), name.end());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, common.data(), static_cast<int>(common.size()), -1, 0);
    X509_set_issuer_name(x509, subject);
    auto* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + name).c_str());
    X509_add_ext(x509, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(x509, key, EVP_sha256());
    BIO* certificate_text = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(certificate_text, x509);
    BIO* key_text = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(key_text, key, nullptr, nullptr, 0, nullptr, nullptr);
    X509_free(x509);
    EVP_PKEY_free(key);
    return {text_of(certificate_text), text_of(key_text)};
}

awaitable<void> answer_over_tls(TcpAcceptor& acceptor, asio::ssl::context& context, int count) {
    asio::ssl::stream<TcpSocket> stream(co_await acceptor.async_accept(use_awaitable), context);
    co_await stream.async_handshake(asio::ssl::stream_base::server, use_awaitable);
    for (int i = 0; i < count; ++i) {
        std::array<char, 4096> request;
        co_await stream.async_read_some(asio::buffer(request), use_awaitable);
        co_await asio::async_write(stream, asio::buffer(kOk), use_awaitable);
    }
    std::array<char, 1> rest;
    boost::system::error_code ignored;
    co_await stream.async_read_some(asio::buffer(rest), asio::redirect_error(use_awaitable, ignored));
}

class TlsClientTest : public ClientTest {
  protected:
    TlsClientTest() : context_(asio::ssl::context::tls_server) {
        auto certificate = a_certificate("localhost");
        context_.use_certificate(asio::buffer(certificate.certificate), asio::ssl::context::pem);
        context_.use_private_key(asio::buffer(certificate.key), asio::ssl::context::pem);
        path_ = std::filesystem::temp_directory_path() / ("client_test_" + std::to_string(::getpid()) + ".pem");
        std::ofstream(path_) << certificate.certificate;
    }
    ~TlsClientTest() override {
        ::unsetenv("SSL_CERT_FILE");
        std::filesystem::remove(path_);
    }

    void trust() { ::setenv("SSL_CERT_FILE", path_.c_str(), 1); }
    void answer(int count = 1) {
        asio::co_spawn(io_, answer_over_tls(acceptor_, context_, count), [](std::exception_ptr) {});
    }
    ClientRequest a_tls_request(std::string host) const {
        auto request = a_request(Method::post, "1");
        request.url.scheme = "https";
        request.url.host = std::move(host);
        return request;
    }

    asio::ssl::context context_;
    std::filesystem::path path_;
};

TEST_F(TlsClientTest, speaks_to_a_peer_with_a_trusted_certificate) {
    trust();
    answer(3);
    for (int i = 0; i < 3; ++i) {
        auto outcome = send(a_tls_request("localhost"));
        ASSERT_TRUE(outcome) << outcome.error().reason;
        EXPECT_EQ(outcome->body, "ok");
    }
}

TEST_F(TlsClientTest, refuses_a_certificate_that_nobody_vouches_for) {
    answer();
    auto outcome = send(a_tls_request("localhost"));
    ASSERT_FALSE(outcome);
    EXPECT_TRUE(outcome.error().reason.starts_with("tls: ")) << outcome.error().reason;
    EXPECT_FALSE(outcome.error().request_written);
}

TEST_F(TlsClientTest, refuses_a_certificate_for_another_host) {
    trust();
    answer();
    auto outcome = send(a_tls_request("127.0.0.1"));
    ASSERT_FALSE(outcome);
    EXPECT_TRUE(outcome.error().reason.starts_with("tls: ")) << outcome.error().reason;
    EXPECT_FALSE(outcome.error().request_written);
}

TEST_F(TlsClientTest, fails_on_a_peer_without_tls) {
    script_answer(std::string(kOk));
    auto request = a_tls_request("127.0.0.1");
    request.timeout = std::chrono::milliseconds(300);
    auto outcome = send(request);
    ASSERT_FALSE(outcome);
    EXPECT_FALSE(outcome.error().request_written);
}

}  // namespace
}  // namespace parley::http

#include "http/answer_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <exception>
#include <utility>

namespace parley::http {
namespace {

namespace beast = boost::beast;

constexpr std::uint32_t kMaxAnswerHeader = 16 * 1024;
/// What an answer may have beside its body: header, chunk sizes, trailer, interim answers.
constexpr std::size_t kMaxOverhead = 64 * 1024;

std::string reason_of(boost::system::error_code error) {
    if (error == beast::http::error::body_limit) return "answer too large";
    if (error == beast::http::error::header_limit) return "answer header too large";
    return "malformed answer: " + error.message();
}

}  // namespace

struct AnswerReader::Parsing {
    Parsing(std::size_t max_body, bool to_head) {
        parser.header_limit(kMaxAnswerHeader);
        parser.body_limit(max_body);
        parser.skip(to_head);
    }
    beast::http::response_parser<beast::http::string_body> parser;
    std::vector<Header> headers;
    bool headers_taken = false;
};

AnswerReader::AnswerReader(std::size_t max_body, bool to_head)
    : max_body_(max_body), to_head_(to_head), parsing_(std::make_unique<Parsing>(max_body, to_head)) {}

AnswerReader::~AnswerReader() = default;

std::expected<bool, std::string> AnswerReader::take(std::string_view bytes) {
    total_ += bytes.size();
    if (total_ > max_body_ + kMaxOverhead) return std::unexpected("answer too large");
    pending_ += bytes;
    // Beast 1.81 throws std::length_error for a trailer field over 64 KiB.
    try {
        return parse();
    } catch (const std::exception& error) {
        return std::unexpected(std::string("malformed answer: ") + error.what());
    }
}

std::expected<bool, std::string> AnswerReader::parse() {
    while (true) {
        auto& parser = parsing_->parser;
        boost::system::error_code error;
        // Header and body are taken one after the other, to copy the fields before a trailer can join them.
        parser.eager(parsing_->headers_taken);
        auto used = parser.put(asio::buffer(pending_), error);
        pending_.erase(0, used);
        if (error == beast::http::error::need_more) return false;
        if (error) return std::unexpected(reason_of(error));
        if (!parser.is_header_done()) return false;
        auto status = parser.get().result_int();
        if (status < 200) {
            if (status == 101) return std::unexpected("malformed answer: unexpected 101");
            parsing_ = std::make_unique<Parsing>(max_body_, to_head_);
            continue;
        }
        if (!std::exchange(parsing_->headers_taken, true))
            for (const auto& field : parser.get())
                parsing_->headers.push_back({std::string(field.name_string()), std::string(field.value())});
        if (parser.is_done()) return true;
        if (pending_.empty() || used == 0) return false;
    }
}

std::expected<bool, std::string> AnswerReader::take_end() {
    auto& parser = parsing_->parser;
    if (total_ == 0) return std::unexpected("connection closed without an answer");
    if (!parsing_->headers_taken || parser.chunked() || parser.content_length())
        return std::unexpected("truncated answer");
    boost::system::error_code error;
    parser.put_eof(error);
    if (error) return std::unexpected(reason_of(error));
    return parser.is_done();
}

bool AnswerReader::keep_alive() const {
    return pending_.empty() && parsing_->parser.keep_alive();
}

ClientResponse AnswerReader::release() {
    auto& message = parsing_->parser.get();
    return {.status = message.result_int(), .headers = std::move(parsing_->headers), .body = std::move(message.body())};
}

}  // namespace parley::http

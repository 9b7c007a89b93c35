#include "http/answer_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <exception>
#include <utility>

namespace parley::http {
namespace {

namespace beast = boost::beast;

constexpr std::uint32_t kMaxAnswerHeader = 16 * 1024;
/// What an answer may have beside its body: header, chunk sizes, trailer, interim answers.
constexpr std::size_t kMaxOverhead = 64 * 1024;

/// How much of the body of an error is kept where there is a sink.
constexpr std::size_t kMaxErrorBody = 64 * 1024;

/// Like Beast's string_body, but room is made for what comes and not for what the peer declares.
struct GrowingBody {
    using value_type = std::string;

    class reader {  // NOLINT(readability-identifier-naming): the name that Beast asks for
      public:
        template <bool is_request, class Fields>
        reader(beast::http::header<is_request, Fields>&, value_type& body) : body_(body) {}
        void init(const boost::optional<std::uint64_t>&, boost::system::error_code& error) { error = {}; }
        template <class Buffers>
        std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
            error = {};
            const auto before = body_.size();
            for (auto i = asio::buffer_sequence_begin(buffers); i != asio::buffer_sequence_end(buffers); ++i) {
                asio::const_buffer piece(*i);
                body_.append(static_cast<const char*>(piece.data()), piece.size());
            }
            return body_.size() - before;
        }
        void finish(boost::system::error_code& error) { error = {}; }

      private:
        value_type& body_;
    };
};

std::string reason_of(boost::system::error_code error) {
    if (error == beast::http::error::body_limit) return "answer too large";
    if (error == beast::http::error::header_limit) return "answer header too large";
    return "malformed answer: " + error.message();
}

}  // namespace

struct AnswerReader::Parsing {
    /// `max_body` absent: take_head sets a limit.
    Parsing(boost::optional<std::uint64_t> max_body, bool to_head) {
        parser.header_limit(kMaxAnswerHeader);
        parser.body_limit(max_body);
        parser.skip(to_head);
    }
    beast::http::response_parser<GrowingBody> parser;
    std::vector<Header> headers;
    bool headers_taken = false;
};

AnswerReader::AnswerReader(std::size_t max_body, bool to_head, Sink sink)
    : max_body_(max_body), to_head_(to_head), sink_(std::move(sink)) {
    start();
}

void AnswerReader::start() {
    boost::optional<std::uint64_t> limit;
    if (!sink_) limit = max_body_;
    parsing_ = std::make_unique<Parsing>(limit, to_head_);
}

AnswerReader::~AnswerReader() = default;

std::expected<bool, std::string> AnswerReader::take(std::string_view bytes) {
    total_ += bytes.size();
    // A long body may come in many chunks, and what they cost grows with it.
    const auto allowed = sink_ ? 2 * sunk_ + kMaxErrorBody : max_body_;
    if (total_ > allowed + kMaxOverhead) return std::unexpected("answer too large");
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
        if (auto taken = take_body(); !taken) return std::unexpected(taken.error());
        if (cut_off_) return true;
        if (error == beast::http::error::need_more) return false;
        if (error) return std::unexpected(reason_of(error));
        if (!parser.is_header_done()) return false;
        auto status = parser.get().result_int();
        if (status < 200) {
            if (status == 101) return std::unexpected("malformed answer: unexpected 101");
            start();
            continue;
        }
        if (auto taken = take_head(); !taken) return std::unexpected(taken.error());
        if (parser.is_done()) return true;
        if (pending_.empty() || used == 0) return false;
    }
}

bool AnswerReader::is_success() const {
    return parsing_->parser.get().result_int() / 100 == 2;
}

std::expected<void, std::string> AnswerReader::take_head() {
    auto& parser = parsing_->parser;
    if (std::exchange(parsing_->headers_taken, true)) return {};
    for (const auto& field : parser.get())
        parsing_->headers.push_back({std::string(field.name_string()), std::string(field.value())});
    if (!sink_ || to_head_ || !is_success()) return {};
    if (parser.content_length() && *parser.content_length() > max_body_) return std::unexpected("answer too large");
    parser.body_limit(max_body_);
    return {};
}

/// Empties the parser's body into the sink, or looks whether that of an error is long enough.
std::expected<void, std::string> AnswerReader::take_body() {
    if (!sink_ || !parsing_->headers_taken) return {};
    auto& body = parsing_->parser.get().body();
    if (body.empty()) return {};
    if (!is_success()) {
        cut_off_ = body.size() > kMaxErrorBody;
        if (cut_off_) body.resize(kMaxErrorBody);
        return {};
    }
    sunk_ += body.size();
    try {
        sink_(body);
    } catch (const std::exception& error) {
        return std::unexpected(std::string("sink: ") + error.what());
    } catch (...) {
        return std::unexpected("sink: not a std::exception");
    }
    body.clear();
    return {};
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
    return !cut_off_ && pending_.empty() && parsing_->parser.keep_alive();
}

ClientResponse AnswerReader::release() {
    auto& message = parsing_->parser.get();
    return {.status = message.result_int(), .headers = std::move(parsing_->headers), .body = std::move(message.body())};
}

}  // namespace parley::http

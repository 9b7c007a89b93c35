// Reads one answer from bytes as they come, within bounds.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/client.hpp"

namespace parley::http {

class AnswerReader {
  public:
    using Sink = std::function<void(std::string_view)>;

    /// `max_body` bounds the body; `to_head` says that the request was HEAD, whose answer has none. With a `sink` (see
    /// ClientRequest) the body is not held.
    AnswerReader(std::size_t max_body, bool to_head, Sink sink = {});
    ~AnswerReader();
    AnswerReader(const AnswerReader&) = delete;
    AnswerReader& operator=(const AnswerReader&) = delete;

    /// Takes the next bytes. True when the answer is whole; the error is a short reason for logs.
    std::expected<bool, std::string> take(std::string_view bytes);
    /// The peer closed. True when that is how this answer ends.
    std::expected<bool, std::string> take_end();

    bool has_started() const { return total_ > 0; }
    /// Once whole: the connection may carry another request.
    bool keep_alive() const;
    ClientResponse release();

  private:
    struct Parsing;
    void start();
    std::expected<bool, std::string> parse();
    std::expected<void, std::string> take_head();
    std::expected<void, std::string> take_body();
    bool is_success() const;

    const std::size_t max_body_;
    const bool to_head_;
    const Sink sink_;
    std::size_t total_ = 0;
    std::size_t sunk_ = 0;  ///< bytes that the sink took
    bool cut_off_ = false;  ///< the rest of the body of an error is not read
    std::string pending_;
    std::unique_ptr<Parsing> parsing_;
};

}  // namespace parley::http

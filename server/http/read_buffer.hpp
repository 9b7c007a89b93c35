// The bytes of one connection that are received and not yet used, and the search for the end of a header section.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace parley::http {

class ReadBuffer {
  public:
    std::string_view data() const { return {bytes_.data() + begin_, end_ - begin_}; }
    bool empty() const { return begin_ == end_; }

    /// Room for at least `count` more bytes; what is behind `data()` may move.
    std::span<char> prepare(std::size_t count) {
        if (bytes_.size() - end_ < count) {
            std::vector<char> larger;
            auto& target = bytes_.size() - (end_ - begin_) < count ? larger : bytes_;
            if (&target == &larger) larger.resize((end_ - begin_) + count);
            std::copy(bytes_.begin() + offset(begin_), bytes_.begin() + offset(end_), target.begin());
            end_ -= begin_;
            begin_ = 0;
            if (&target == &larger) bytes_ = std::move(larger);
        }
        return {bytes_.data() + end_, bytes_.size() - end_};
    }
    void commit(std::size_t count) { end_ += count; }

    void consume(std::size_t count) {
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
    }

    /// Gives back what a large header made it grow to. Only when empty.
    void shrink(std::size_t keep) {
        if (empty() && bytes_.size() > keep) std::vector<char>().swap(bytes_);
    }

  private:
    static std::ptrdiff_t offset(std::size_t position) { return static_cast<std::ptrdiff_t>(position); }

    std::vector<char> bytes_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

/// Finds the empty line that ends a header section, each byte looked at once however the section is cut up.
class HeadScan {
  public:
    enum class Found { nothing_yet, end, bare_line_feed };

    /// `data` starts with the section and holds more bytes from call to call.
    Found look(std::string_view data) {
        while (true) {
            auto feed = data.find('\n', seen_);
            if (feed == data.npos) {
                seen_ = data.size();
                return Found::nothing_yet;
            }
            if (feed == 0 || data[feed - 1] != '\r') return Found::bare_line_feed;
            seen_ = feed + 1;
            if (feed - 1 == line_) return Found::end;
            line_ = seen_;
        }
    }
    /// After `end`: the size of the section, its empty line included.
    std::size_t size() const { return seen_; }

  private:
    std::size_t line_ = 0;
    std::size_t seen_ = 0;
};

}  // namespace parley::http

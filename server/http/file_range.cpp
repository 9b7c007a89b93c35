#include "http/file_range.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "http/answer.hpp"
#include "http/letters.hpp"

namespace parley::http {
namespace {

constexpr auto kBeyond = std::numeric_limits<std::uint64_t>::max();

/// As in a range: absent members are open ends. `first` absent: the last `last` bytes.
struct Asked {
    std::optional<std::uint64_t> first;
    std::optional<std::uint64_t> last;
};

/// False unless `text` is empty or digits; more of them than fit mean kBeyond.
bool read_position(std::string_view text, std::optional<std::uint64_t>& position) {
    if (text.empty()) return true;
    if (!std::ranges::all_of(text, is_digit)) return false;
    std::uint64_t value = 0;
    bool fits = std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{};
    position = fits ? value : kBeyond;
    return true;
}

/// One range of bytes in its right form; nullopt for all else.
std::optional<Asked> read_range(std::string_view field) {
    auto equals = field.find('=');
    if (equals == field.npos || !equal_ignoring_case(field.substr(0, equals), "bytes")) return std::nullopt;
    auto range = trimmed(field.substr(equals + 1));
    auto dash = range.find('-');
    if (dash == range.npos) return std::nullopt;
    Asked asked;
    if (!read_position(range.substr(0, dash), asked.first)) return std::nullopt;
    if (!read_position(range.substr(dash + 1), asked.last)) return std::nullopt;
    if (!asked.first && !asked.last) return std::nullopt;
    if (asked.first && asked.last && *asked.last < *asked.first) return std::nullopt;
    return asked;
}

/// Whether the client's part is of this version (RFC 9110, section 13.1.5: weak tags say nothing about bytes).
bool is_same_version(std::string_view if_range, std::string_view entity_tag, std::string_view date) {
    if (if_range.empty()) return true;
    if (if_range.ends_with('"')) return !if_range.starts_with("W/") && if_range == entity_tag;
    return if_range == date;
}

void take_range(FileRange& answer, const Asked& asked, std::uint64_t size) {
    std::uint64_t first = 0;
    std::uint64_t last = size - 1;
    bool satisfiable = true;
    if (!asked.first) {
        satisfiable = *asked.last > 0;
        first = size - std::min(*asked.last, size);
        // Nothing of nothing cannot be written as a Content-Range.
        if (size == 0 && satisfiable) return;
    } else {
        satisfiable = *asked.first < size;
        first = *asked.first;
        if (asked.last) last = std::min(*asked.last, last);
    }
    const auto total = std::to_string(size);
    if (!satisfiable) {
        answer.status = 416;
        answer.length = 0;
        answer.headers.push_back({"Content-Range", "bytes */" + total});
        return;
    }
    answer.status = 206;
    answer.offset = first;
    answer.length = last - first + 1;
    answer.headers.push_back(
        {"Content-Range", "bytes " + std::to_string(first) + '-' + std::to_string(last) + '/' + total});
}

}  // namespace

bool lists_entity_tag(std::string_view if_none_match, std::string_view entity_tag) {
    auto opaque = [](std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; };
    if (trimmed(if_none_match) == "*") return true;
    while (!if_none_match.empty()) {
        auto comma = if_none_match.find(',');
        if (opaque(trimmed(if_none_match.substr(0, comma))) == opaque(entity_tag)) return true;
        if (comma == if_none_match.npos) break;
        if_none_match.remove_prefix(comma + 1);
    }
    return false;
}

FileRange file_range(const Request& request, std::uint64_t size, std::string_view entity_tag, TimePoint last_modified) {
    const auto date = http_date(std::chrono::floor<std::chrono::seconds>(last_modified).time_since_epoch().count());
    FileRange answer{.length = size};
    answer.headers = {{"ETag", std::string(entity_tag)}, {"Last-Modified", date}, {"Accept-Ranges", "bytes"}};
    if (lists_entity_tag(request.header("If-None-Match"), entity_tag)) {
        answer.status = 304;
        answer.length = 0;
        return answer;
    }
    if (request.method != Method::get || request.count_headers("Range") != 1) return answer;
    auto asked = read_range(request.header("Range"));
    if (asked && is_same_version(request.header("If-Range"), entity_tag, date)) take_range(answer, *asked, size);
    return answer;
}

Response file_range_response(const Request& request, std::shared_ptr<const OpenFile> file, std::string content_type,
                             std::string_view entity_tag) {
    auto range = file_range(request, file->size(), entity_tag, file->modified());
    Response response;
    if (range.status == 416)
        response = problem(request, 416, "range_not_satisfiable", "There are no such bytes in this file.");
    response.status = range.status;
    response.headers = std::move(range.headers);
    if (range.status == 416 || range.status == 304) return response;
    response.content_type = std::move(content_type);
    response.file = FilePart{.file = std::move(file), .offset = range.offset, .length = range.length};
    return response;
}

}  // namespace parley::http

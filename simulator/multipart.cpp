#include "simulator/multipart.hpp"

#include <algorithm>
#include <cctype>

namespace parley::simulator {
namespace {

constexpr std::size_t kMaxParts = 32;

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

/// A parameter such as boundary=x or filename="a \"b\".txt".
std::string parameter(std::string_view value, std::string_view name) {
    auto wanted = std::string(name) + "=";
    auto folded = lower(value);
    for (auto at = folded.find(wanted); at != std::string::npos; at = folded.find(wanted, at + 1)) {
        if (at > 0 && folded[at - 1] != ';' && folded[at - 1] != ' ') continue;
        auto rest = value.substr(at + wanted.size());
        if (!rest.starts_with('"')) return std::string(rest.substr(0, rest.find_first_of("; ")));
        std::string text;
        for (std::size_t i = 1; i < rest.size() && rest[i] != '"'; ++i) {
            if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
            text += rest[i];
        }
        return text;
    }
    return {};
}

Part read_head(std::string_view head) {
    Part part;
    while (!head.empty()) {
        auto line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(std::min(head.size(), line.size() + 2));
        auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        auto name = lower(line.substr(0, colon));
        auto value = line.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        if (name == "content-disposition") {
            part.name = parameter(value, "name");
            part.filename = parameter(value, "filename");
        } else if (name == "content-type") {
            part.content_type = value;
        }
    }
    return part;
}

}  // namespace

std::optional<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body) {
    if (!lower(content_type).starts_with("multipart/form-data")) return std::nullopt;
    auto boundary = parameter(content_type, "boundary");
    if (boundary.empty()) return std::nullopt;
    auto delimiter = "\r\n--" + boundary;
    auto opening = std::string_view(delimiter).substr(2);
    auto start = body.find(opening);
    if (start == std::string_view::npos) return std::nullopt;
    body.remove_prefix(start + opening.size());

    std::vector<Part> parts;
    while (!body.starts_with("--")) {
        auto head_end = body.find("\r\n\r\n");
        auto line_end = body.find("\r\n");
        if (head_end == std::string_view::npos || parts.size() >= kMaxParts) return std::nullopt;
        auto head = line_end == head_end ? std::string_view() : body.substr(line_end + 2, head_end - line_end - 2);
        body.remove_prefix(head_end + 4);
        auto end = body.find(delimiter);
        if (end == std::string_view::npos) return std::nullopt;
        Part part = read_head(head);
        part.body = body.substr(0, end);
        parts.push_back(std::move(part));
        body.remove_prefix(end + delimiter.size());
    }
    return parts;
}

}  // namespace parley::simulator

#include "http/static_files.hpp"

#include <algorithm>

#include "http/file_range.hpp"
#include "http/letters.hpp"

namespace parley::http {
namespace {

/// The items of a comma-separated field, without spaces around them.
template <class Visit>
void each_item(std::string_view field, Visit visit) {
    while (!field.empty()) {
        auto comma = field.find(',');
        visit(trimmed(field.substr(0, comma)));
        if (comma == field.npos) return;
        field.remove_prefix(comma + 1);
    }
}

/// Whether Accept-Encoding names the coding without a weight of zero.
bool accepts(std::string_view accept_encoding, std::string_view coding) {
    bool accepted = false;
    each_item(accept_encoding, [&](std::string_view item) {
        auto semicolon = item.find(';');
        if (!equal_ignoring_case(trimmed(item.substr(0, semicolon)), coding)) return;
        auto weight = semicolon == item.npos ? std::string_view{} : trimmed(item.substr(semicolon + 1));
        accepted = weight.find_first_not_of("q=0.") != weight.npos || weight.empty();
    });
    return accepted;
}

}  // namespace

const StaticFile* find_file(std::span<const StaticFile> files, std::string_view path) {
    auto found = std::ranges::find(files, path, &StaticFile::path);
    return found == files.end() ? nullptr : &*found;
}

Response file_response(const Request& request, const StaticFile& file) {
    Response response;
    response.headers = {
        {"Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
        {"ETag", std::string(file.entity_tag)},
        {"Vary", "Accept-Encoding"},
    };
    if (lists_entity_tag(request.header("If-None-Match"), file.entity_tag)) {
        response.status = 304;
        return response;
    }
    response.content_type = file.content_type;
    auto codings = request.header("Accept-Encoding");
    auto body = file.identity;
    if (!file.brotli.empty() && accepts(codings, "br")) {
        body = file.brotli;
        response.headers.push_back({"Content-Encoding", "br"});
    } else if (!file.gzip.empty() && accepts(codings, "gzip")) {
        body = file.gzip;
        response.headers.push_back({"Content-Encoding", "gzip"});
    }
    response.body = body;
    return response;
}

}  // namespace parley::http

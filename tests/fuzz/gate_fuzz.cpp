// Whatever bytes come, the gate must not throw, and what it lets through must be framed in one way only.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/gate.hpp"
#include "http/letters.hpp"
#include "http/read_buffer.hpp"

namespace {

using namespace parley::http;

void require(bool holds) {
    if (!holds) std::abort();
}

void check_passed(const GatedHead& gated, std::string_view head) {
    const auto& request = gated.request;
    require(head.size() <= kMaxHeaderBytes && head.ends_with("\r\n\r\n"));
    require(request.headers.size() <= kMaxHeaderFields);
    require(request.count_headers("Host") == 1 && !request.header("Host").empty());
    require(request.count_headers("Transfer-Encoding") == 0);
    require(request.count_headers("Content-Length") <= 1);
    auto declared = request.header("Content-Length");
    require(request.count_headers("Content-Length") == 1 ? std::to_string(gated.content_length) == declared
                                                         : gated.content_length == 0);
    bool bodyless =
        request.method == Method::get || request.method == Method::head || request.method == Method::options;
    require(!bodyless || gated.content_length == 0);
    require(request.path.starts_with('/') && kTargetCharacters.has_all(request.path + request.query));
    for (const auto& field : request.headers)
        require(is_token(field.name) && field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    // The section that the listener would cut out of the stream is the same one.
    HeadScan scan;
    require(scan.look(head) == HeadScan::Found::end && scan.size() == head.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view head(reinterpret_cast<const char*>(data), size);
    auto gated = judge_head(head);
    if (gated)
        check_passed(*gated, head);
    else
        require(gated.error().status >= 400 && gated.error().status <= 505 && !gated.error().code.empty());
    return 0;
}

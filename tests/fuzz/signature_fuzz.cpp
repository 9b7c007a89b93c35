// No header but the right one is ever taken for a body. The input's first line is the header, the rest the body.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wa/signature.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

std::string in_lower_case(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace parley::wa;
    std::string_view input(reinterpret_cast<const char*>(data), size);
    auto line = std::min(input.find('\n'), input.size());
    auto header = input.substr(0, line);
    auto body = input.substr(std::min(line + 1, input.size()));
    static const std::array<std::string, 2> secrets{"0123456789abcdef0123456789abcdef", "older"};

    auto right = sign(body, secrets[0]);
    auto right_before = sign(body, secrets[1]);
    require(signature_matches(right, body, secrets));
    require(signature_matches(right_before, body, secrets));
    require(!signature_matches(right, body, {}));
    auto lower = in_lower_case(header);
    bool is_right = header.starts_with("sha256=") && (lower == right || lower == right_before);
    require(signature_matches(header, body, secrets) == is_right);

    if (!body.empty()) {
        std::string changed(body);
        changed[size % changed.size()] ^= 1;
        require(!signature_matches(right, changed, secrets));
    }
    return 0;
}

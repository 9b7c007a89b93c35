#include "media/link_fetcher.hpp"

#include "http/public_address.hpp"

namespace parley::media {
namespace {

constexpr std::chrono::seconds kPatience{20};
constexpr std::string_view kMember = "media_url";

std::unexpected<Error> refused(std::string detail, Errc code = Errc::invalid_argument) {
    return failure(code, std::move(detail), std::string(kMember));
}

std::string last_part(std::string_view target) {
    auto path = target.substr(0, target.find('?'));
    auto name = path.substr(path.rfind('/') + 1);
    return http::percent_decode(name, false).value_or("");
}

}  // namespace

awaitable<Result<FetchedLink>> LinkFetcher::fetch(std::string text, std::int64_t limit) {
    auto url = http::parse_url(text);
    if (!url) co_return refused("media_url must be an http or https address without user name or password.");
    FetchedLink link;
    link.file_name = last_part(url->target);
    auto file = std::make_shared<TempFile>(files_.folder());
    auto disk = std::make_shared<std::error_code>();
    http::ClientRequest request;
    request.url = std::move(*url);
    request.max_body = static_cast<std::size_t>(limit);
    request.timeout = kPatience;
    request.admits = [this](const asio::ip::address& address) {
        return http::is_public(address) || allowed_.trusts(address.to_string());
    };
    request.sink = [file, disk](std::string_view bytes) {
        try {
            file->write(bytes);
        } catch (const std::system_error& error) {
            *disk = error.code();
            throw;
        }
    };
    auto answer = co_await client_.send(std::move(request));
    if (*disk) throw std::system_error(*disk, "storing a fetched file");
    if (!answer && answer.error().address_refused)
        co_return refused("media_url leads to an address that is not public.");
    if (!answer && answer.error().reason == "answer too large")
        co_return refused("The file at media_url has more than " + std::to_string(limit) + " bytes.", Errc::too_large);
    if (!answer) co_return refused("media_url could not be fetched: " + answer.error().reason + ".");
    if (answer->status >= 300 && answer->status < 400)
        co_return refused("media_url redirects; give the address that it leads to.");
    if (answer->status != 200) co_return refused("media_url was answered with " + std::to_string(answer->status) + ".");
    link.claimed_type = answer->header("Content-Type");
    link.file = co_await files_.keep(std::move(file));
    co_return link;
}

}  // namespace parley::media

// /api/live-chat/media: files up and down
#include "store/media.hpp"

#include "api/file_name.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "base/log.hpp"
#include "domain/media_kinds.hpp"
#include "http/file_range.hpp"
#include "http/open_file.hpp"
#include "wire/json_writer.hpp"

namespace parley::api {
namespace {

/// Nothing in a file may run, even when somebody opens it as a page of its own.
constexpr std::string_view kSandbox =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:";

http::Response media_answer(unsigned status, const store::MediaOverview& media) {
    std::string body = "{\"media\":";
    wire::write(body, media);
    body += ",\"kind\":";
    wire::write_text(body, media_kind_of(media.type.value_or("")));
    return http::json_response(status, body + "}");
}

http::Response too_large(const http::Request& request, const Error& error, std::int64_t limit) {
    return problem_of(request, error, "\"limit\":" + std::to_string(limit));
}

Result<std::string> kind_parameter(const http::Request& request) {
    auto kind = text_parameter(request, "kind", 16);
    if (kind && !kind->empty() && media_limit_of(*kind) == 0)
        return failure(Errc::invalid_argument, "kind must be image, video, audio, document or sticker.", "kind");
    return kind;
}

/// By what the sender says of the file: what cannot be taken is refused before it is on its way.
Result<void> check_announced(const http::Request& request) {
    auto kind = kind_parameter(request);
    if (!kind) return std::unexpected(kind.error());
    if (request.content_length == 0)
        return failure(Errc::invalid_argument, "The body must be the file, with its Content-Length.", "body");
    auto type = mime_essence(request.header("Content-Type"));
    if (kind->empty()) kind = std::string(media_kind_of(type));
    // A type that lies is found by the bytes; here only the size can be judged.
    auto size = static_cast<std::int64_t>(request.content_length);
    if (size > media_limit_of(*kind)) return check_media(*kind, type, size);
    return {};
}

awaitable<std::optional<http::Response>> admit(Guard& guard, const http::Request& request) {
    auto caller = co_await guard.identify(request);
    if (!caller) co_return problem_of(request, caller.error());
    auto announced = check_announced(request);
    if (announced) co_return std::nullopt;
    auto kind = kind_parameter(request).value_or("");
    if (kind.empty()) kind = media_kind_of(mime_essence(request.header("Content-Type")));
    if (announced.error().code == Errc::too_large)
        co_return too_large(request, announced.error(), media_limit_of(kind));
    co_return problem_of(request, announced.error());
}

awaitable<http::Response> upload(store::Pool& pool, media::FileStore& files, http::Request& request,
                                 Principal principal) {
    auto kind = kind_parameter(request);
    if (!kind) co_return problem_of(request, kind.error());
    if (!request.file)
        co_return problem_of(request, Error{Errc::invalid_argument, "The body must be the file.", "body"});
    store::NewMedia media;
    media.claimed_type = mime_essence(request.header("Content-Type"));
    media.file_name = file_name_of(request.header("Content-Disposition"));
    auto kept = co_await files.keep(request.file);
    media.type = settled_media_type(kept.sniffed, media.claimed_type);
    media.sha256 = kept.sha256;
    media.size = kept.size;
    auto wanted = kind->empty() ? std::string(media_kind_of(media.type)) : *kind;
    auto fits = check_media(wanted, media.type, media.size);
    if (!fits && fits.error().code == Errc::too_large)
        co_return too_large(request, fits.error(), media_limit_of(wanted));
    if (!fits) co_return problem_of(request, fits.error());
    auto id = co_await store::add_media(pool, principal.account, std::move(media));
    auto stored = co_await store::find_media(pool, principal.account, id);
    co_return media_answer(201, stored.value());
}

Result<MediaId> media_in_path(const http::Request& request) {
    auto id = path_id(request, "id");
    if (!id) return std::unexpected(id.error());
    return MediaId{*id};
}

awaitable<http::Response> download(store::Pool& pool, media::FileStore& files, http::Request& request,
                                   Principal principal) {
    auto id = media_in_path(request);
    if (!id) co_return problem_of(request, id.error());
    auto media = co_await store::find_media(pool, principal.account, *id);
    if (!media) co_return problem_of(request, media.error());
    if (media->state != "stored")
        co_return problem_of(request,
                             Error{Errc::wrong_state, media->state == "announced" ? "The file is being fetched."
                                                                                  : "The file could not be fetched."});
    auto path = co_await files.locate(media->sha256);
    if (!path) {
        log::error("media_missing", {{"media_id", id->value}});
        co_return problem_of(request, Error{Errc::not_found, "The file is not in the media store any more."});
    }
    auto file = std::make_shared<const http::OpenFile>(*path);
    bool shown = shows_inline(*media->type, media->claimed_type);
    auto response = http::file_range_response(request, std::move(file), *media->type, "\"" + media->sha256 + "\"");
    response.headers.push_back({"Content-Disposition", content_disposition(shown, media->file_name)});
    response.headers.push_back({"Content-Security-Policy", std::string(kSandbox)});
    response.headers.push_back({"Cross-Origin-Resource-Policy", "same-origin"});
    // The bytes behind an id never change; who may see them does.
    response.headers.push_back({"Cache-Control", "private, no-cache"});
    co_return response;
}

awaitable<http::Response> retry(store::Pool& pool, flow::MediaFetcher& fetcher, http::Request& request,
                                Principal principal) {
    auto id = media_in_path(request);
    if (!id) co_return problem_of(request, id.error());
    auto reopened = co_await store::retry_media(pool, principal.account, *id);
    if (!reopened) co_return problem_of(request, reopened.error());
    fetcher.wake();
    auto media = co_await store::find_media(pool, principal.account, *id);
    co_return media_answer(200, media.value());
}

}  // namespace

void add_media_routes(http::Router& router, Guard& guard, store::Pool& pool, media::FileStore& files,
                      flow::MediaFetcher& fetcher) {
    using http::Method;
    using http::Request;
    http::RouteOptions options;
    options.body_limit = static_cast<std::size_t>(kLargestFile);
    options.spool = files.folder().string();
    options.admit = [&guard](const Request& request) { return admit(guard, request); };
    router.add(Method::post, "/api/live-chat/media", guard.require_member([&](Request& request, Principal principal) {
        return upload(pool, files, request, std::move(principal));
    }),
               std::move(options));
    router.add(Method::get, "/api/live-chat/media/{id}",
               guard.require_member([&](Request& request, Principal principal) {
                   return download(pool, files, request, std::move(principal));
               }));
    router.add(Method::post, "/api/live-chat/media/{id}/retry",
               guard.require_member([&](Request& request, Principal principal) {
                   return retry(pool, fetcher, request, std::move(principal));
               }));
}

}  // namespace parley::api

// Uploading media, looking them up and downloading them by their short-lived URL.
#include "simulator/media_routes.hpp"

#include <filesystem>

#include "base/temp_file.hpp"
#include "http/open_file.hpp"
#include "simulator/media_kinds.hpp"
#include "simulator/multipart.hpp"
#include "simulator/routes.hpp"

namespace parley::simulator {
namespace {

constexpr std::size_t kUploadLimit = MediaStore::kMaxFile + 64 * 1024;

const Part* find_part(const std::vector<Part>& parts, std::string_view name) {
    for (const auto& part : parts) {
        if (part.name == name) return &part;
    }
    return nullptr;
}

GraphError upload_error(std::string details) {
    return {.code = 131053, .message = "(#131053) Media upload error", .details = std::move(details)};
}

awaitable<void> wait_as_told(World& world) {
    std::chrono::milliseconds delay{world.faults.media_delay_ms};
    if (delay.count() > 0) co_await sleep_for(world.state.executor(), delay);
}

/// What is wrong with an upload; nothing when it can be stored.
std::optional<GraphError> refused(const http::Request& request, const std::vector<Part>& parts,
                                  std::string_view mime_type) {
    // As everywhere in the Graph API a parameter may be in the query as well.
    const Part* product = find_part(parts, "messaging_product");
    auto named = product != nullptr ? product->body : request.query_parameter("messaging_product").value_or("");
    if (named != "whatsapp") return missing_parameter("messaging_product");
    const Part* file = find_part(parts, "file");
    if (file == nullptr) return missing_parameter("file");
    auto kind = media_kind(mime_type);
    if (kind.empty()) {
        return upload_error(
            "The file must be of one of the following types: audio/aac, audio/mp4, audio/mpeg, audio/amr, audio/ogg, "
            "application/pdf, text/plain, image/jpeg, image/png, image/webp, video/mp4, video/3gpp and the office "
            "document types. Received file of type '" +
            std::string(mime_type) + "'.");
    }
    if (file->body.empty()) return upload_error("The file is empty.");
    if (file->body.size() > media_limit(kind)) return upload_error("The file is too large for its type.");
    return std::nullopt;
}

awaitable<http::Response> post_media(World& world, http::Request& request) {
    co_await wait_as_told(world);
    const BusinessNumber* number = number_of(world, request);
    if (number == nullptr) co_return graph_answer(request, {}, unknown_object("post", request.path_parameter("id")));
    const auto& waba_id = number->waba_id;
    if (take(world.faults.media_upload_500)) co_return graph_answer(request, waba_id, internal_error());
    auto parts = parse_multipart(request.header("Content-Type"), request.body);
    if (!parts) co_return graph_answer(request, waba_id, missing_parameter("messaging_product"));
    const Part* file = find_part(*parts, "file");
    const Part* type = find_part(*parts, "type");
    std::string mime_type = file == nullptr ? std::string() : file->content_type;
    if ((mime_type.empty() || mime_type == "application/octet-stream") && type != nullptr) mime_type = type->body;
    if (auto refusal = refused(request, *parts, mime_type)) co_return graph_answer(request, waba_id, *refusal);
    auto stored =
        world.media.add(MediaOrigin::business, number->phone_number_id, mime_type, file->filename, file->body);
    auto response = graph_answer(request, waba_id, json::object{{"id", stored->id}});
    response.abort = take(world.faults.media_upload_drop_answer);
    co_return response;
}

http::Response plain(unsigned status) {
    return {.status = status, .content_type = {}, .body = {}, .headers = {}};
}

/// A file that ends half way of what is announced: the listener cuts the connection there.
http::FilePart half_of(std::string_view bytes) {
    TempFile file(std::filesystem::temp_directory_path());
    file.write(bytes.substr(0, bytes.size() / 2));
    return {.file = std::make_shared<const http::OpenFile>(file.path()), .offset = 0, .length = bytes.size()};
}

awaitable<http::Response> download(World& world, http::Request& request) {
    co_await wait_as_told(world);
    // Meta's file servers refuse clients that do not say who they are (reference, section 12).
    if (request.header("User-Agent").empty()) co_return plain(403);
    if (take(world.faults.media_download_500)) co_return plain(500);
    if (take(world.faults.media_download_404)) co_return plain(404);
    auto id = request.query_parameter("mid").value_or("");
    auto expires = request.query_parameter("ext").value_or("");
    auto hash = request.query_parameter("hash").value_or("");
    auto file = world.media.find(id);
    const BusinessNumber* number = file == nullptr ? nullptr : world.businesses.number(file->phone_number_id);
    if (file == nullptr || !world.media.url_valid(id, expires, hash)) co_return plain(404);
    if (number != nullptr && !may_use(world, request, *number)) co_return plain(404);
    http::Response response{.status = 200, .content_type = file->mime_type, .body = file->bytes, .headers = {}};
    response.headers.push_back({"Content-Disposition", "inline"});
    if (take(world.faults.media_download_cut)) {
        response.file = half_of(file->bytes);
    } else if (take(world.faults.media_wrong_sha) && !response.body.empty())
        response.body.back() ^= 1;
    co_return response;
}

}  // namespace

awaitable<http::Response> look_up_media(World& world, http::Request& request) {
    co_await wait_as_told(world);
    auto id = request.path_parameter("id");
    if (take(world.faults.media_lookup_500)) co_return graph_answer(request, {}, internal_error());
    if (take(world.faults.media_lookup_429)) co_return graph_answer(request, {}, app_call_limit());
    auto file = world.media.find(id);
    const BusinessNumber* number = file == nullptr ? nullptr : world.businesses.number(file->phone_number_id);
    bool known = file != nullptr && (number == nullptr || may_use(world, request, *number)) &&
                 request.query_parameter("phone_number_id").value_or(file->phone_number_id) == file->phone_number_id;
    if (!known) co_return graph_answer(request, {}, unknown_object("get", id));
    std::chrono::seconds life{world.faults.media_url_life_s};
    json::object object{{"url", world.base_url + world.media.url_target(file->id, life)},
                        {"mime_type", file->mime_type},
                        {"sha256", to_hex(file->sha256_raw)},
                        {"file_size", file->bytes.size()},
                        {"id", file->id},
                        {"messaging_product", "whatsapp"}};
    co_return graph_answer(request, number == nullptr ? std::string() : number->waba_id, object);
}

void add_media_routes(http::Router& router, World& world) {
    add_graph_route(router, world, http::Method::post, "/{id}/media", post_media, kUploadLimit);
    // The first segment stands where add_graph_route expects a version, so this one is added by the unversioned form.
    add_graph_route(router, world, http::Method::get, "/whatsapp_business/attachments/", download);
}

}  // namespace parley::simulator

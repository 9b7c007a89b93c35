// Uploading media and downloading them by their short-lived URL. GET and DELETE /{media_id} are in object_routes.cpp.
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

awaitable<http::Response> post_media(World& world, http::Request& request) {
    const auto& waba_id = world.options.waba_id;
    auto id = request.path_parameter("id");
    if (id != world.options.phone_number_id) co_return graph_answer(request, {}, unknown_object("post", id));
    auto parts = parse_multipart(request.header("Content-Type"), request.body);
    if (!parts) co_return graph_answer(request, waba_id, missing_parameter("messaging_product"));
    const Part* product = find_part(*parts, "messaging_product");
    if (product == nullptr || product->body != "whatsapp") {
        co_return graph_answer(request, waba_id, missing_parameter("messaging_product"));
    }
    const Part* file = find_part(*parts, "file");
    if (file == nullptr) co_return graph_answer(request, waba_id, missing_parameter("file"));
    const Part* type = find_part(*parts, "type");
    auto mime_type = !file->content_type.empty() ? file->content_type : type != nullptr ? type->body : std::string();
    auto kind = media_kind(mime_type);
    if (kind.empty()) {
        co_return graph_answer(
            request, waba_id,
            bad_parameter(
                "Param file must be a file with one of the following types: audio/aac, audio/mp4, audio/mpeg, "
                "audio/amr, audio/ogg, application/pdf, text/plain, image/jpeg, image/png, image/webp, video/mp4, "
                "video/3gpp and the office document types. Received file of type '" +
                mime_type + "'."));
    }
    if (file->body.empty() || file->body.size() > media_limit(kind)) {
        co_return graph_answer(
            request, waba_id,
            GraphError{.code = 131053,
                       .message = "(#131053) Media upload error",
                       .details = file->body.empty() ? "The file is empty." : "The file is too large."});
    }
    auto stored = world.media.add(mime_type, file->filename, file->body);
    co_return graph_answer(request, waba_id, json::object{{"id", stored->id}});
}

awaitable<http::Response> download(World& world, http::Request& request) {
    auto id = request.query_parameter("mid").value_or("");
    auto expires = request.query_parameter("ext").value_or("");
    auto hash = request.query_parameter("hash").value_or("");
    auto file = world.media.find(id);
    if (file == nullptr || !world.media.url_valid(id, expires, hash, world.state.now())) {
        co_return http::Response{.status = 404, .content_type = {}, .body = {}, .headers = {}};
    }
    http::Response response{.status = 200, .content_type = file->mime_type, .body = file->bytes, .headers = {}};
    response.headers.push_back({"Content-Disposition", "inline"});
    co_return response;
}

}  // namespace

void add_media_routes(http::Router& router, World& world) {
    add_graph_route(router, world, http::Method::post, "/{id}/media", post_media, kUploadLimit);
    // The first segment stands where add_graph_route expects a version, so this one is added by the unversioned form.
    add_graph_route(router, world, http::Method::get, "/whatsapp_business/attachments/", download);
}

}  // namespace parley::simulator

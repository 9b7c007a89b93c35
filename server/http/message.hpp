// Requests and responses as handlers see them: already through the request gate, body read whole or into a file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley {
class TempFile;
}

namespace parley::http {

class OpenFile;
class WebSocket;

enum class Method { get, head, post, put, patch, del, options };
std::string_view to_string(Method method);

struct Header {
    std::string name;
    std::string value;
};

/// Bytes of an open file. It may not become shorter while they are being sent.
struct FilePart {
    std::shared_ptr<const OpenFile> file{};
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

/// One request. Lives as long as its handler runs.
struct Request {
    Method method = Method::get;
    std::string path;   ///< the part of the target before '?', as sent (percent-encoding kept)
    std::string query;  ///< the part after '?', as sent
    std::vector<Header> headers;
    std::string body;
    std::uint64_t content_length = 0;  ///< as declared: known before the body is read
    std::shared_ptr<TempFile> file{};  ///< on a route with a spool folder: the body, which is then not in `body`
    bool upgrade = false;              ///< asks for Upgrade: websocket
    std::string request_id;            ///< a UUID made by the listener; also in the X-Request-Id answer header
    std::string remote_address;        ///< of the client, behind trusted proxies too
    std::vector<std::pair<std::string, std::string>> path_parameters;  ///< from the route pattern, percent-decoded

    /// The first header of that name (case-insensitive); empty when absent.
    std::string_view header(std::string_view name) const;
    std::size_t count_headers(std::string_view name) const;
    /// A path parameter; the route pattern guarantees that it is there.
    std::string_view path_parameter(std::string_view name) const;
    /// A query parameter, percent-decoded ('+' is a space). The first one wins; nullopt when absent or badly encoded.
    std::optional<std::string> query_parameter(std::string_view name) const;
};

struct Response {
    unsigned status = 200;
    std::string content_type;  ///< empty: no Content-Type header
    std::string body;
    std::vector<Header> headers;  ///< beyond those that the listener sets on every answer
    bool close = false;           ///< close the connection after this answer
    bool abort = false;           ///< close without answering; for test doubles
    /// The connection becomes a WebSocket, which is handed to this; see answer_handshake.
    std::function<void(std::shared_ptr<WebSocket>)> upgrade{};
    std::optional<FilePart> file{};  ///< the body instead of `body`, read while it is sent
};

Response text_response(unsigned status, std::string body);
Response json_response(unsigned status, std::string body);

/// RFC 9457 problem: {"type":"about:blank","title":<reason
/// phrase>,"status","code","detail","request_id"[,"member"][,extra]}. `extra_members` is the inside of a JSON object
/// ("\"closed_at\":\"...\"") or empty.
Response problem(const Request& request, unsigned status, std::string_view code, std::string_view detail,
                 std::string_view member = {}, std::string_view extra_members = {});

std::string_view reason_phrase(unsigned status);

/// Percent-decoding per RFC 3986; nullopt for a malformed escape or a NUL.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

}  // namespace parley::http

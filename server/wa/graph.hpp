// The Graph API as Parley uses it: send one message, and say plainly what became of it (reference, sections 10,
// 15, 16.4).
#pragma once

#include <chrono>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/async.hpp"
#include "base/json.hpp"
#include "domain/message.hpp"
#include "http/client.hpp"
#include "wa/user_id.hpp"

namespace parley::wa {

/// A message to send. `kind` is Meta's word: "text", "image", "location", "interactive", "reaction", "template", ...
struct OutgoingMessage {
    std::string phone_number_id;
    std::string to;  ///< digits of a phone number (without '+'), a BSUID ("US.1349..."), or a group id
    std::string kind;
    std::string text;             ///< the body of a text
    std::string payload{};        ///< JSON {"type":kind, kind:{...}} of all others; templates have it under "graph"
    std::string media_id{};       ///< Meta's id of the file: of a file message, or of a header that lacks it
    std::string media_url{};      ///< public link instead of an id, with `text` as caption and without a payload
    std::string reply_to{};       ///< wamid of the quoted message; empty: none
    std::string callback_data{};  ///< comes back in the statuses: biz_opaque_callback_data
};

/// Meta has it: HTTP 200 with a wamid.
struct Accepted {
    std::string wamid;
    std::string recipient_wa_id;  ///< contacts[0].wa_id; may differ from `to`; empty for BSUID sends
};

/// What to do about an error answer.
enum class Remedy {
    give_up,      // final: show the agent code and details
    retry,        // the same request later, with back-off
    slow_number,  // the number's throughput or the app's call limit is reached: the whole number waits
    slow_pair,    // 131056: only this recipient waits, 4^n seconds
    fix_account,  // token, permission, payment or registration: the number's queue pauses until somebody acts
};

/// Meta answered with an error, or the request never reached it (`error.code` 0).
struct Refused {
    MessageError error;
    Remedy remedy = Remedy::give_up;
    std::optional<std::chrono::seconds> retry_after;
    unsigned http_status = 0;  ///< 0: no answer, and nothing was sent
};

/// The request was written and no whole, readable answer came: Meta may have sent it. Never resend blindly.
struct OutcomeUnknown {
    std::string reason;
};

using SendOutcome = std::variant<Accepted, Refused, OutcomeUnknown>;

/// The error table of the reference, section 15.
Remedy remedy_for(std::int64_t code, std::int64_t subcode, unsigned http_status, bool is_transient);

/// JSON body of POST /{phone_number_id}/messages.
std::string message_body(const OutgoingMessage& message);

/// Sorts an HTTP answer of the messages endpoint. A 2xx without a readable wamid is OutcomeUnknown.
SendOutcome read_answer(const http::ClientResponse& answer);

/// Nothing was sent, or it does not matter whether it was.
Refused unreachable(std::string reason, Remedy remedy);

/// Sorts the HTTP answer of any other call: its JSON, or the error with what to do about it.
std::expected<json::value, Refused> read_call_answer(const http::ClientResponse& answer);

/// A call other than sending a message: one that may be repeated, because it reads or sets something.
struct GraphCall {
    http::Method method = http::Method::get;
    std::string path;   ///< below the version, with its query: "/<waba id>/message_templates?limit=100"
    std::string body;   ///< JSON; empty: none
    std::string token;  ///< bearer token
};

/// What Meta says of a file.
struct MediaFacts {
    std::string mime_type;
    std::string sha256;  ///< hex; may be empty
};

class GraphClient {
  public:
    /// `base_url` like "https://graph.facebook.com", `version` like "v24.0". Throws std::invalid_argument for a bad
    /// URL.
    GraphClient(http::Client& client, std::string base_url, std::string version);

    /// Sends once; never retries. `token` is the bearer token of the number's account.
    awaitable<SendOutcome> send(OutgoingMessage message, std::string token);
    /// Uploads a file, for sending it by the id that this gives (reference, section 12). Repeating it makes another
    /// copy.
    awaitable<std::expected<std::string, Refused>> upload(std::string phone_number_id, std::filesystem::path file,
                                                          std::string mime_type, std::string token);
    /// Fetches a file that a customer sent: looks up where it is, then gives its bytes to `sink`, which has had a part
    /// of them when this fails.
    awaitable<std::expected<MediaFacts, Refused>> download(std::string media_id, std::string phone_number_id,
                                                           std::string token,
                                                           std::function<void(std::string_view)> sink);
    /// The JSON of a 2xx answer, or why there is none (`http_status` 0: no answer). Calls once; never retries.
    awaitable<std::expected<json::value, Refused>> call(GraphCall call);

  private:
    /// Whether the bearer token may go there: to Meta's hosts for files, or to where the Graph API itself is.
    bool is_media_host(const http::Url& url) const;

    http::Client& client_;
    std::string base_url_;
    std::string version_;
};

}  // namespace parley::wa

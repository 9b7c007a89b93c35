// The Graph API as Parley uses it: send one message, and say plainly what became of it (reference, sections 10,
// 15, 16.4).
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <variant>

#include "base/async.hpp"
#include "base/json.hpp"
#include "domain/message.hpp"
#include "http/client.hpp"
#include "wa/user_id.hpp"

namespace parley::wa {

/// A message to send. `kind` is "text", "image", "video", "audio" or "document".
struct OutgoingMessage {
    std::string phone_number_id;
    std::string to;  ///< digits of a phone number (without '+'), a BSUID ("US.1349..."), or a group id
    std::string kind;
    std::string text;           ///< the body of a text, the caption of media (audio has none)
    std::string media_url;      ///< public link of the media; empty for text
    std::string callback_data;  ///< comes back in the statuses: biz_opaque_callback_data
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

/// Sorts the HTTP answer of any other call: its JSON, or the error with what to do about it.
std::expected<json::value, Refused> read_call_answer(const http::ClientResponse& answer);

/// A call other than sending a message: one that may be repeated, because it reads or sets something.
struct GraphCall {
    http::Method method = http::Method::get;
    std::string path;   ///< below the version, with its query: "/<waba id>/message_templates?limit=100"
    std::string body;   ///< JSON; empty: none
    std::string token;  ///< bearer token
};

class GraphClient {
  public:
    /// `base_url` like "https://graph.facebook.com", `version` like "v24.0". Throws std::invalid_argument for a bad
    /// URL.
    GraphClient(http::Client& client, std::string base_url, std::string version);

    /// Sends once; never retries. `token` is the bearer token of the number's account.
    awaitable<SendOutcome> send(OutgoingMessage message, std::string token);
    /// The JSON of a 2xx answer, or why there is none (`http_status` 0: no answer). Calls once; never retries.
    awaitable<std::expected<json::value, Refused>> call(GraphCall call);

  private:
    http::Client& client_;
    std::string base_url_;
    std::string version_;
};

}  // namespace parley::wa

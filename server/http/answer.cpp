#include "http/answer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/log.hpp"
#include "http/letters.hpp"

namespace parley::http {
namespace {

struct Default {
    std::string_view name;
    std::string_view line;
};

constexpr std::array kDefaults{
    Default{"X-Content-Type-Options", "X-Content-Type-Options: nosniff\r\n"},
    Default{"Referrer-Policy", "Referrer-Policy: no-referrer\r\n"},
    Default{"Cross-Origin-Resource-Policy", "Cross-Origin-Resource-Policy: same-origin\r\n"},
    Default{"X-Frame-Options", "X-Frame-Options: DENY\r\n"},
    Default{"Cache-Control", "Cache-Control: no-store\r\n"},
    Default{"Content-Security-Policy", "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"},
};

/// Fields that the listener alone may set: they say where the answer ends and what becomes of the connection.
constexpr std::array<std::string_view, 9> kReserved{
    "Content-Length", "Transfer-Encoding",           "Connection", "Keep-Alive", "Upgrade", "Trailer", "Date",
    "X-Request-Id",   "Access-Control-Allow-Origin",
};

bool is_reserved(std::string_view name) {
    return std::ranges::any_of(kReserved, [&](auto reserved) { return equal_ignoring_case(reserved, name); });
}

bool is_sendable(const Header& field) {
    return is_token(field.name) && kValueCharacters.has_all(field.value) && !is_reserved(field.name);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits;
    auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), end);
}

void log_dropped(const AnswerContext& context) {
    log::error("response_header_dropped", {{"request_id", context.request_id}});
}

void append_handler_fields(std::string& out, const Response& response, const AnswerContext& context) {
    for (const auto& field : response.headers) {
        if (is_sendable(field))
            append_field(out, field.name, field.value);
        else
            log_dropped(context);
    }
    for (const auto& fallback : kDefaults) {
        auto set = [&](const Header& field) {
            return equal_ignoring_case(field.name, fallback.name) && is_sendable(field);
        };
        if (std::ranges::none_of(response.headers, set)) out += fallback.line;
    }
}

}  // namespace

bool may_have_body(unsigned status) {
    return status >= 200 && status != 204 && status != 304;
}

void append_head(std::string& out, const Response& response, const AnswerContext& context) {
    out += "HTTP/1.1 ";
    append_number(out, response.status);
    out += ' ';
    out += reason_phrase(response.status);
    out += "\r\n";
    if (may_have_body(response.status)) {
        out += "Content-Length: ";
        append_number(out, response.file ? response.file->length : response.body.size());
        out += "\r\n";
    }
    if (!response.content_type.empty()) {
        if (kValueCharacters.has_all(response.content_type))
            append_field(out, "Content-Type", response.content_type);
        else
            log_dropped(context);
    }
    append_field(out, "Date", context.date);
    append_field(out, "X-Request-Id", context.request_id);
    append_handler_fields(out, response, context);
    if (context.vary_origin) out += "Vary: Origin\r\n";
    if (!context.cors_origin.empty()) {
        append_field(out, "Access-Control-Allow-Origin", context.cors_origin);
        out +=
            "Access-Control-Expose-Headers: X-Supabase-Api-Version,X-Total-Count,Link,Retry-After,X-Request-Id,"
            "Content-Disposition,Content-Range,ETag\r\n";
    }
    // RFC 9110, section 15.5.22; there is one protocol to upgrade to.
    if (response.status == 426) out += "Upgrade: websocket\r\nConnection: upgrade\r\n";
    if (context.close) out += "Connection: close\r\n";
    out += "\r\n";
}

Response preflight_response() {
    Response response{.status = 204, .content_type = {}, .body = {}, .headers = {}};
    response.headers = {
        {"Access-Control-Allow-Methods", "GET,POST,PUT,PATCH,DELETE"},
        {"Access-Control-Allow-Headers",
         "authorization,apikey,content-type,x-client-info,x-supabase-api-version,idempotency-key,"
         "content-disposition,range,if-range,if-none-match,x-account-id"},
        {"Access-Control-Max-Age", "7200"},
    };
    return response;
}

void add_allow(Response& response, const std::vector<Method>& allowed) {
    std::string list;
    for (auto method : allowed) {
        list += to_string(method);
        list += ", ";
    }
    list += "OPTIONS";
    response.headers.push_back({"Allow", std::move(list)});
}

std::string http_date(std::int64_t unix_seconds) {
    using namespace std::chrono;
    constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    sys_seconds time{seconds{unix_seconds}};
    auto day = floor<days>(time);
    year_month_day date{day};
    hh_mm_ss clock{time - day};
    auto two = [](auto number) {
        auto text = std::to_string(number);
        return text.size() < 2 ? '0' + text : text;
    };
    std::string out = kDays[weekday{day}.c_encoding()];
    out += ", " + two(static_cast<unsigned>(date.day())) + ' ' + kMonths[static_cast<unsigned>(date.month()) - 1] + ' ';
    out += std::to_string(static_cast<int>(date.year())) + ' ';
    out +=
        two(clock.hours().count()) + ':' + two(clock.minutes().count()) + ':' + two(clock.seconds().count()) + " GMT";
    return out;
}

}  // namespace parley::http

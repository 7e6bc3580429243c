// SPDX-License-Identifier: BSL-1.0
// Response heads.
#include "response_writer.hpp"

#include "chars.hpp"

#include <brio/http/error.hpp>
#include <brio/http/status.hpp>

namespace brio::inline v0::http::detail {

namespace {

void check(const response_spec& spec) {
    if (spec.status < 100 || spec.status > 999)
        throw invalid_request("invalid response status " + std::to_string(spec.status));
    if (!all(spec.reason, value_char))
        throw invalid_request("the reason phrase \"" + printable(spec.reason) +
                              "\" contains a control character");
    if (spec.fields.contains("Transfer-Encoding"))
        throw invalid_request("Transfer-Encoding is set by the server itself; remove the header");
    if (spec.fields.count("Content-Length") > 1)
        throw invalid_request("the response has two Content-Length headers");
}

} // namespace

response_facts write_response_head(std::string& out, const response_spec& spec) {
    check(spec);
    response_facts facts{spec.body, true, spec.keep_alive};
    const bool bodiless = spec.status < 200 || spec.status == 204 || spec.status == 304;
    facts.send_body = !bodiless && !spec.head_request;
    if (facts.body.kind == framing::none) facts.body = body_plan::sized(0);

    const auto length = spec.fields.get("Content-Length");
    if (length) {
        const auto announced = parse_decimal(*length);
        const bool matches =
            announced && (facts.body.kind == framing::chunked || *announced == facts.body.length);
        if (!announced || (facts.send_body && !matches))
            throw invalid_request("Content-Length \"" + printable(*length) +
                                  "\" is not the length of the body");
        if (facts.body.kind == framing::chunked) facts.body = body_plan::sized(*announced);
    }
    if (facts.body.kind == framing::chunked && spec.request_version < 11) {
        facts.body.kind = framing::until_eof;
        if (facts.send_body) facts.keep_alive = false;
    }
    bool says_connection = false;
    for (const auto [name, value] : spec.fields) {
        if (!iequals(name, "connection")) continue;
        says_connection = true;
        for_each_list_element(value, [&](std::string_view option) {
            if (iequals(option, "close")) facts.keep_alive = false;
        });
    }

    const auto reason = spec.reason.empty() ? reason_phrase(spec.status) : spec.reason;
    out.append("HTTP/1.1 ").append(std::to_string(spec.status)).append(" ").append(reason).append("\r\n");
    if (!spec.date.empty() && !spec.fields.contains("Date"))
        out.append("Date: ").append(spec.date).append("\r\n");
    if (!spec.server.empty() && !spec.fields.contains("Server"))
        out.append("Server: ").append(spec.server).append("\r\n");
    spec.fields.append_to(out);
    if (!bodiless && !length && facts.body.kind == framing::length)
        out.append("Content-Length: ").append(std::to_string(facts.body.length)).append("\r\n");
    if (!bodiless && facts.body.kind == framing::chunked) out.append("Transfer-Encoding: chunked\r\n");
    if (!says_connection && spec.status >= 200) {
        if (!facts.keep_alive)
            out.append("Connection: close\r\n");
        else if (spec.request_version < 11)
            out.append("Connection: keep-alive\r\n");
    }
    out.append("\r\n");
    return facts;
}

} // namespace brio::inline v0::http::detail

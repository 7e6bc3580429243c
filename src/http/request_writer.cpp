// SPDX-License-Identifier: BSL-1.0
// Request heads: contradictions are refused before a byte is written.
#include "request_writer.hpp"

#include "chars.hpp"
#include "headers_access.hpp"

#include <brio/http/error.hpp>

#include <optional>

namespace brio::inline v0::http::detail {

namespace {

// What the caller's fields say about framing and about the automatic headers.
struct survey {
    std::optional<std::string_view> host;
    std::optional<std::string_view> length;
    std::optional<std::string_view> coding;
    unsigned given = 0;
    bool close = false;

    explicit survey(const http::headers& fields) {
        for (const auto [name, value] : fields) {
            switch (name.size()) { // most names differ from all of these in length
            case 4:
                if (iequals(name, "host")) once(host, name, value);
                break;
            case 6:
            case 15:
                given |= automatic_header_bit(name);
                break;
            case 10:
                given |= automatic_header_bit(name);
                if (iequals(name, "connection"))
                    for_each_list_element(
                        value, [this](std::string_view option) { close |= iequals(option, "close"); });
                break;
            case 14:
                if (iequals(name, "content-length")) once(length, name, value);
                break;
            case 17:
                if (iequals(name, "transfer-encoding")) once(coding, name, value);
                break;
            default:
                break;
            }
        }
    }

private:
    static void once(std::optional<std::string_view>& slot, std::string_view name, std::string_view value) {
        if (slot) throw invalid_request("the request has two " + std::string(name) + " headers; keep one");
        slot = value;
    }
};

bool is_host_text(std::string_view v) noexcept {
    return !v.empty() && v.find_first_of(" \t,/?#@\\") == std::string_view::npos;
}

body_plan settle_body(const request_spec& spec, const survey& caller) {
    if (caller.length && caller.coding)
        throw invalid_request("the request has both Content-Length and Transfer-Encoding; remove one");
    if (caller.coding) {
        if (!iequals(*caller.coding, "chunked"))
            throw invalid_request(
                "Transfer-Encoding \"" + printable(*caller.coding) +
                "\" cannot be produced, only chunked; use Content-Encoding for compressed bodies");
        if (spec.body.kind != framing::chunked)
            throw invalid_request(
                "Transfer-Encoding: chunked was set for a body that is not streamed; remove the header");
    }
    if (!caller.length) return spec.body;
    const auto announced = parse_decimal(*caller.length);
    if (!announced) throw invalid_request("invalid Content-Length \"" + printable(*caller.length) + "\"");
    if (spec.body.kind == framing::chunked) return body_plan::sized(*announced);
    if (*announced != spec.body.length)
        throw invalid_request("Content-Length is " + std::to_string(*announced) + ", but the body has " +
                              std::to_string(spec.body.length) +
                              " bytes; remove the header, it is set automatically");
    return body_plan::sized(*announced);
}

bool announces_empty_body(std::string_view method) noexcept {
    return method == "POST" || method == "PUT" || method == "PATCH";
}

void check_line_value(std::string_view what, std::string_view value) {
    if (!all(value, value_char))
        throw invalid_request("the " + std::string(what) + " \"" + printable(value) +
                              "\" contains a control character");
}

} // namespace

unsigned automatic_header_bit(std::string_view name) noexcept {
    if (iequals(name, "user-agent")) return auto_user_agent;
    if (iequals(name, "accept")) return auto_accept;
    if (iequals(name, "accept-encoding")) return auto_accept_encoding;
    return 0;
}

std::string_view accepted_codings() noexcept {
    return "gzip, deflate"
#if defined(BRIO_WITH_BROTLI)
           ", br"
#endif
#if defined(BRIO_WITH_ZSTD)
           ", zstd"
#endif
        ;
}

request_facts write_request_head(std::string& out, const request_spec& spec) {
    if (!is_token(spec.method))
        throw invalid_request("invalid request method \"" + printable(spec.method) + "\"");
    const survey caller(spec.fields);
    const body_plan body = settle_body(spec, caller);
    if (caller.host && !is_host_text(*caller.host))
        throw invalid_request("invalid Host header \"" + printable(*caller.host) + "\"");
    const unsigned automatic = spec.automatic & ~caller.given;
    if ((automatic & auto_user_agent) != 0) check_line_value("user agent", spec.user_agent);

    out.clear();
    out.append(spec.method).append(" ");
    if (spec.absolute_form) out.append(spec.target.origin());
    out.append(spec.target.target()).append(" HTTP/1.1\r\nHost: ");
    out.append(caller.host ? *caller.host : spec.target.authority()).append("\r\n");
    if ((automatic & auto_user_agent) != 0) out.append("User-Agent: ").append(spec.user_agent).append("\r\n");
    if ((automatic & auto_accept) != 0) out.append("Accept: */*\r\n");
    if ((automatic & auto_accept_encoding) != 0)
        out.append("Accept-Encoding: ").append(accepted_codings()).append("\r\n");
    if (!caller.host) {
        spec.fields.append_to(out);
    } else {
        for (const auto [name, value] : spec.fields)
            if (!iequals(name, "host")) out.append(name).append(": ").append(value).append("\r\n");
    }
    out.append(spec.session_lines);
    const bool empty = body.kind == framing::none && spec.implied_length && announces_empty_body(spec.method);
    if ((body.kind == framing::length || empty) && !caller.length)
        out.append("Content-Length: ").append(std::to_string(body.length)).append("\r\n");
    if (body.kind == framing::chunked && !caller.coding) out.append("Transfer-Encoding: chunked\r\n");
    out.append("\r\n");
    return {body, caller.close, (caller.given & auto_accept_encoding) != 0};
}

void write_connect_head(std::string& out, std::string_view authority, const http::headers& fields,
                        std::string_view user_agent) {
    if (!is_host_text(authority))
        throw invalid_request("invalid CONNECT target \"" + printable(authority) + "\"");
    check_line_value("CONNECT target", authority);
    check_line_value("user agent", user_agent);
    out.clear();
    out.append("CONNECT ").append(authority).append(" HTTP/1.1\r\nHost: ").append(authority).append("\r\n");
    if (!user_agent.empty() && !fields.contains("User-Agent"))
        out.append("User-Agent: ").append(user_agent).append("\r\n");
    fields.append_to(out);
    out.append("\r\n");
}

} // namespace brio::inline v0::http::detail

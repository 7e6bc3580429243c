// SPDX-License-Identifier: BSL-1.0
// Serialises the head of a request into one string.
#pragma once

#include "body_plan.hpp"

#include <brio/http/headers.hpp>
#include <brio/http/url.hpp>

#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// Headers that are sent although the caller did not set them.
enum automatic_header : unsigned {
    auto_user_agent = 1,
    auto_accept = 2,
    auto_accept_encoding = 4,
    auto_all = 7,
};

/// The bit of that header name, 0 for any other: to suppress automatic headers by name.
unsigned automatic_header_bit(std::string_view name) noexcept;

/// The codings that this build can undo: "gzip, deflate", with "br" and "zstd" when compiled in.
std::string_view accepted_codings() noexcept;

/// What to write; all views and references must outlive the call only.
struct request_spec {
    std::string_view method; // as normalize_method() returns it
    const http::url& target;
    const http::headers& fields; // the caller's, in order
    body_plan body = {};
    unsigned automatic = auto_all; // automatic_header bits
    std::string_view user_agent = "brio/0.1";
    std::string_view session_lines = {}; // more fields in wire form ("Cookie: a=b\r\n"), already checked
    bool absolute_form = false;          // through an HTTP proxy without tunnel
    bool implied_length = true; // a missing body of POST, PUT or PATCH is announced as Content-Length: 0
};

/// What the caller's headers decided.
struct request_facts {
    body_plan body;     // framing to use: an explicit Content-Length turns a chunked body into a sized one
    bool close = false; // the caller sent "Connection: close"
    bool own_coding = false; // the caller sent an Accept-Encoding of his own: do not decode
};

/// Replaces `out` with the head, Host first, then automatic headers, then the caller's with order and
/// spelling kept. Throws invalid_request for contradictions: two Host, Content-Length or Transfer-Encoding
/// fields, both of the latter, a length that is not the body's, a coding other than chunked. A small body may
/// be appended to `out`.
request_facts write_request_head(std::string& out, const request_spec& spec);

/// Replaces `out` with a CONNECT request for `authority` (host:port, IPv6 in brackets). `fields` are the
/// proxy's only.
void write_connect_head(std::string& out, std::string_view authority, const http::headers& fields,
                        std::string_view user_agent = "brio/0.1");

} // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// Serialises the head of a response (server side) into one string.
#pragma once

#include "body_plan.hpp"

#include <brio/http/headers.hpp>

#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// What to write; all views and references must outlive the call only.
struct response_spec {
    unsigned status = 200;
    std::string_view reason = {}; // empty: the standard phrase
    const http::headers& fields;
    body_plan body = {};
    std::string_view date = {};   // from date_cache; empty: no Date header
    std::string_view server = {}; // empty: no Server header
    int request_version = 11;
    bool head_request = false; // announce the body but do not send it
    bool keep_alive = true;
};

struct response_facts {
    body_plan body;         // how to send the body; kind until_eof for a streamed body to an HTTP/1.0 client
    bool send_body = true;  // false for HEAD, 1xx, 204 and 304
    bool keep_alive = true; // false: close after the response
};

/// Appends the head to `out`, so that pipelined answers can share a buffer. The caller's Date, Server,
/// Connection and Content-Length win over the automatic ones. Throws invalid_request for a status outside
/// 100-999, a reason with control characters, Transfer-Encoding set by hand or a Content-Length that is not
/// the body's.
response_facts write_response_head(std::string& out, const response_spec& spec);

} // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// Chunk framing and length check of outgoing bodies.
#include "body_plan.hpp"

#include <brio/http/error.hpp>

#include <charconv>

namespace brio::inline v0::http::detail {

bool body_framer::before(std::size_t size, std::string& out) {
    if (size == 0) return false; // a chunk of size zero would end the body
    if (plan_.kind == framing::none) throw invalid_request("a body was produced for a message that has none");
    if (plan_.kind == framing::length && size > plan_.length - sent_)
        throw invalid_request("the body is longer than the announced Content-Length of " +
                              std::to_string(plan_.length) + " bytes; announce the right length or none");
    sent_ += size;
    if (plan_.kind == framing::chunked) {
        char text[16];
        const auto end = std::to_chars(text, text + sizeof text, size, 16).ptr;
        out.append(text, end).append("\r\n");
    }
    return true;
}

void body_framer::after(std::string& out) const {
    if (plan_.kind == framing::chunked) out.append("\r\n");
}

void body_framer::finish(std::string& out) const {
    if (plan_.kind == framing::chunked) out.append("0\r\n\r\n");
    if (plan_.kind == framing::length && sent_ != plan_.length)
        throw invalid_request("the body ended after " + std::to_string(sent_) + " of the announced " +
                              std::to_string(plan_.length) + " bytes; announce the right length or none");
}

} // namespace brio::inline v0::http::detail

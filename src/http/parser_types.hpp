// SPDX-License-Identifier: BSL-1.0
// What the response parser and the request parser have in common for their users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace brio::inline v0::http::detail {

struct parser_limits {
    std::size_t head = 64 * 1024;  // start line and fields; all interim responses together with the final one
    std::size_t field = 16 * 1024; // name and value of one field
    std::size_t fields = 256;      // number of fields
    unsigned interim = 10;         // 1xx responses before the final one
    std::size_t chunk_line = 8 * 1024;    // extensions of one chunk
    std::size_t chunk_extras = 16 * 1024; // extensions of all chunks
    std::size_t trailer = 8 * 1024;       // trailer section
    std::size_t trailer_fields = 32;
};

/// How the end of a body is found.
enum class framing : unsigned char { none, length, chunked, until_eof };

enum class parse_event : unsigned char {
    need_more, ///< feed again: what was not consumed, with more behind it
    interim,   ///< a 1xx response: status() and headers() show it until the next feed
    head,      ///< the head is complete; done() tells whether a body follows
    body,      ///< `body` views body bytes inside what was fed
    done,      ///< nothing more belongs to this message
};

/// What one call of feed() did. `consumed` bytes at the front of the input are used up, also when need_more.
struct parse_result {
    parse_event event;
    std::size_t consumed;
    std::string_view body = {};
};

} // namespace brio::inline v0::http::detail

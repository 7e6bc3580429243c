// SPDX-License-Identifier: BSL-1.0
// Compressed bodies for tests.
#pragma once

#include <zlib.h>

#include <stdexcept>
#include <string>

namespace http_test {

inline std::string compressed(const std::string& text, int window_bits) {
    z_stream stream{};
    if (deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("deflateInit2");
    std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int end = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (end != Z_STREAM_END) throw std::runtime_error("deflate");
    return out;
}

inline std::string gzip_of(const std::string& text) { return compressed(text, 15 + 16); }
inline std::string deflate_of(const std::string& text) { return compressed(text, 15); }
inline std::string raw_deflate_of(const std::string& text) { return compressed(text, -15); }

}  // namespace http_test

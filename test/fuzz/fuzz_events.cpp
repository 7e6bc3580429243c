// SPDX-License-Identifier: BSL-1.0
// libFuzzer target: an event stream gives the same events however it is cut, and all of their text is UTF-8.
#include "http/event_parser.hpp"

#include <brio/http/charset.hpp>
#include <brio/http/error.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

std::string play(std::string_view bytes, std::size_t piece) {
    constexpr std::size_t most = 2000;
    brio::http::detail::event_parser parser(most);
    std::string log;
    try {
        for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
            std::string_view in = bytes.substr(0, piece);
            while (!in.empty()) {
                const auto e = parser.feed(in);
                if (!e) continue;
                // U+FFFD is three times as long as the byte that it stands for.
                if (e->type.empty() || e->data.size() > 3 * most || !brio::http::is_utf8(e->data + e->type + e->id)) std::abort();
                if (e->data.find('\r') != std::string::npos || (e->type + e->id).find('\n') != std::string::npos) std::abort();
                log += e->type + "|" + e->data + "|" + e->id + "\n";
            }
        }
    } catch (const brio::http::body_too_large&) {
        return log; // how much of the last event had come depends on the pieces
    }
    return log + std::to_string(parser.pause().count());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string whole = play(bytes, size + 1);
    for (const std::size_t piece : {1u, 3u, 50u}) {
        if (play(bytes, piece) != whole) std::abort();
    }
    return 0;
}

// SPDX-License-Identifier: BSL-1.0
// libFuzzer target: a chunked body gives the same bytes and trailers however it is cut, and what our encoder makes of
// any bytes comes out as it went in.
#include "http/body_plan.hpp"
#include "http/response_parser.hpp"

#include <brio/http/error.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace brio::http::detail;

constexpr std::string_view head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

void require(bool holds) {
    if (!holds) std::abort();
}

struct outcome {
    bool done = false;
    std::string body, trailers;
    std::size_t used = 0;
};

// What comes of the chunks; after an error only that there was one.
outcome decode(std::string_view chunks, std::size_t piece) {
    response_parser p;
    p.reset(request_kind::normal);
    require(p.feed(head).event == parse_event::head && p.body_framing() == framing::chunked);
    outcome o;
    std::string pending;
    try {
        while (!p.done() && !chunks.empty()) {
            pending += chunks.substr(0, piece);
            chunks.remove_prefix(std::min(piece, chunks.size()));
            for (;;) {
                const parse_result r = p.feed(pending);
                require(r.consumed <= pending.size() && r.body.size() <= r.consumed);
                o.body += r.body;
                o.used += r.consumed;
                pending.erase(0, r.consumed);
                if (p.done() || r.event == parse_event::need_more || pending.empty()) break;
            }
        }
        require(p.received() == o.body.size());
        if (!p.done()) p.feed_eof();
    } catch (const brio::http::error&) {
        return {};
    }
    o.done = true;
    o.trailers = p.trailers().wire();
    require(!p.headers().contains("Content-Length"));
    return o;
}

void round_trip(std::string_view bytes, std::size_t piece) {
    std::string wire;
    body_framer framer(body_plan::chunked());
    for (std::string_view rest = bytes; !rest.empty();) {
        const std::string_view part = rest.substr(0, piece);
        rest.remove_prefix(part.size());
        require(framer.before(part.size(), wire));
        wire += part;
        framer.after(wire);
    }
    framer.finish(wire);
    const outcome o = decode(wire, 7);
    require(o.done && o.body == bytes && o.used == wire.size() && o.trailers.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const outcome whole = decode(bytes, size + 1);
    for (const std::size_t piece : {1u, 3u, 50u}) {
        const outcome cut = decode(bytes, piece);
        require(cut.done == whole.done && cut.body == whole.body && cut.trailers == whole.trailers && cut.used == whole.used);
    }
    round_trip(bytes, size == 0 ? 1 : 1 + data[0]);
    return 0;
}

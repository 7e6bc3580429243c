// SPDX-License-Identifier: BSL-1.0
// libFuzzer target: a response in two random cuts must give what it gives in one piece.
#include "http/response_parser.hpp"

#include <brio/http/error.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using brio::http::detail::parse_event;
using brio::http::detail::request_kind;
using brio::http::detail::response_parser;

struct outcome {
    bool ok = false;
    std::string head, body;
    std::size_t used = 0;
};

outcome run(std::string_view input, std::size_t cut, request_kind kind) {
    response_parser p;
    p.reset(kind);
    outcome o;
    std::string pending(input.substr(0, cut));
    std::string_view later = input.substr(cut);
    try {
        while (!p.done()) {
            const auto r = p.feed(pending);
            if (r.event == parse_event::head) o.head = p.headers().wire();
            o.body += r.body;
            o.used += r.consumed;
            pending.erase(0, r.consumed);
            if (r.event != parse_event::need_more && !pending.empty()) continue;
            if (p.done()) break;
            if (later.empty() && (r.event == parse_event::need_more || pending.empty())) {
                p.feed_eof();
                break;
            }
            pending += later;
            later = {};
        }
        o.ok = true;
    } catch (const brio::http::error&) {}
    return o;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto kind = static_cast<request_kind>(data[0] % 4);
    const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
    const auto whole = run(input, input.size(), kind);
    const auto cut = run(input, input.empty() ? 0 : data[1] % (input.size() + 1), kind);
    if (whole.ok != cut.ok) std::abort();
    if (whole.ok && (whole.head != cut.head || whole.body != cut.body || whole.used != cut.used))
        std::abort();
    return 0;
}

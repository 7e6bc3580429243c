// SPDX-License-Identifier: BSL-1.0
// Drives a parser over a scripted input, whole or in pieces, the way a connection would.
#pragma once

#include "http/response_parser.hpp"

#include <brio/http/error.hpp>

#include <functional>
#include <random>
#include <string>
#include <string_view>

namespace brio::test {

using http::detail::framing;
using http::detail::parse_event;
using http::detail::parser_limits;
using http::detail::request_kind;
using http::detail::response_parser;

struct outcome {
    bool ok = false;
    unsigned status = 0;
    std::string headers, trailers, body, error;
    std::size_t surplus = 0;
    unsigned interim = 0;
    bool keep_alive = false;
    bool reusable = false;

    friend bool operator==(const outcome& a, const outcome& b) {
        if (!a.ok || !b.ok) return a.ok == b.ok;
        return a.status == b.status && a.headers == b.headers && a.trailers == b.trailers &&
               a.body == b.body && a.surplus == b.surplus && a.interim == b.interim &&
               a.keep_alive == b.keep_alive;
    }
};

using next_size = std::function<std::size_t()>;

inline next_size whole() {
    return [] { return std::string::npos; };
}
inline next_size pieces_of(std::size_t n) {
    return [n] { return n; };
}
inline next_size random_pieces(unsigned seed) {
    return [rng = std::mt19937(seed)]() mutable { return std::size_t{1} + rng() % 37; };
}

/// Feeds `input` in pieces; bytes that the parser does not consume are presented again with more behind them.
/// At the end of the input the connection ends, if the response is not complete by then.
inline outcome drive(response_parser& p, std::string_view input, next_size size, request_kind kind) {
    outcome o;
    p.reset(kind);
    std::string pending;
    std::size_t at = 0;
    try {
        while (!p.done()) {
            if (at == input.size()) {
                p.feed_eof();
                break;
            }
            const auto piece = input.substr(at, size());
            at += piece.size();
            pending += piece;
            for (;;) {
                const auto r = p.feed(pending);
                o.body += r.body;
                if (r.event == parse_event::interim) ++o.interim;
                if (r.event == parse_event::head) o.headers = p.headers().wire();
                pending.erase(0, r.consumed);
                if (r.event == parse_event::need_more || p.done() || pending.empty()) break;
            }
        }
        o.ok = true;
        o.status = p.status();
        o.trailers = p.trailers().wire();
        o.surplus = pending.size() + input.size() - at;
        o.keep_alive = p.keep_alive();
        o.reusable = p.reusable(o.surplus);
    } catch (const http::error& e) {
        o.error = e.what();
    }
    return o;
}

/// Whole, byte by byte and in random pieces must agree; returns the outcome of the whole.
inline outcome parse(std::string_view input, request_kind kind = request_kind::normal) {
    response_parser p;
    auto result = drive(p, input, whole(), kind);
    auto check = [&](next_size size, const char* how) {
        const auto other = drive(p, input, std::move(size), kind);
        if (!(other == result)) {
            result.ok = false;
            result.error = std::string("differs when fed ") + how + ": " + other.error + " / " + result.error;
            result.status = 0;
        }
    };
    check(pieces_of(1), "byte by byte");
    check(pieces_of(7), "in sevens");
    for (unsigned seed = 1; seed <= 3; ++seed) check(random_pieces(seed), "in random pieces");
    return result;
}

} // namespace brio::test

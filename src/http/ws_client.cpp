// SPDX-License-Identifier: BSL-1.0
// The handshake is a request of the session's like any other; then its connection is taken over.
#include "http/ws_client.hpp"

#include "http/call.hpp"
#include "http/chars.hpp"
#include "http/options_access.hpp"
#include "http/ws_connection.hpp"
#include "http/ws_handshake.hpp"
#include "io/stream_state.hpp"

#include <brio/http/error.hpp>

namespace brio::inline v0::http::detail {

namespace {

using chosen = websocket_options_access;

// RFC 6455 section 3: the schemes of WebSockets are those of HTTP by another name.
std::string http_url(std::string url) {
    const std::size_t end = url.find(':');
    if (end == url.npos) return url;
    const std::string_view scheme = std::string_view(url).substr(0, end);
    if (iequals(scheme, "ws")) return url.replace(0, end, "http");
    if (iequals(scheme, "wss")) return url.replace(0, end, "https");
    return url;
}

ws_offer offer_of(const websocket_options& wanted) {
    ws_offer offer;
    offer.protocols = chosen::protocols(wanted);
    if (chosen::compress(wanted)) offer.deflate.emplace();
    return offer;
}

void check_request(options& request) {
    if (options_access::body(request) || options_access::source(request) || !options_access::form(request).empty()) {
        throw invalid_request("a WebSocket handshake has no body");
    }
    const headers& fields = options_access::fields(request);
    for (const char* name : {"Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"}) {
        if (fields.contains(name)) throw invalid_request(std::string("the header ") + name + " of a WebSocket handshake is not yours to set; see websocket_options");
    }
}

websocket take_over(call& of, pool::lease used, const ws_offer& offer, const websocket_options& wanted) {
    connection& from = used.get();
    response_head head = of.take_head(from);
    ws_agreement agreed = check_ws_answer(head.status, head.headers, offer);
    of.finish(head);
    std::string early(from.input.pending());
    auto made = std::make_shared<ws_connection>(brio::detail::stream_access::make(std::move(from.io)), ws_role::client, wanted, std::move(agreed), std::move(early),
                                                head.url.without_userinfo().str());
    used.drop();
    of.core().adopt(made);
    of.note(trace_kind::end, head.status);
    return websocket(std::move(made));
}

} // namespace

awaitable<websocket> run_websocket(std::shared_ptr<session_core> core, std::string url, websocket_options wanted, options request) {
    check_request(request);
    const ws_offer offer = offer_of(wanted);
    add_ws_offer(options_access::fields(request), offer);
    call running(std::move(core), "GET", http_url(std::move(url)), std::move(request));
    running.ask_for_upgrade();
    std::exception_ptr error;
    try {
        pool::lease used = co_await running.answer();
        co_return take_over(running, std::move(used), offer, wanted);
    } catch (...) {
        error = std::current_exception();
    }
    rethrow(running, error);
}

} // namespace brio::inline v0::http::detail

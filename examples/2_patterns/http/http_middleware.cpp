// SPDX-License-Identifier: BSL-1.0
// Functions around every call: one that stamps them, one that signs each request, one that is told of every step.
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <iostream>

namespace http = brio::http;
using namespace std::chrono_literals;

// [middleware]
brio::awaitable<http::response> stamp(http::outgoing call, http::next_call next) {
    static int number = 0;
    call.options.header("X-Request-Id", std::to_string(++number));
    http::response answer = co_await next(std::move(call));
    co_return answer;
}
// [/middleware]

// [before_send]
// Also what follows a redirect, or is sent again, has a signature of its own; nothing of it goes to another host.
brio::awaitable<> sign(http::prepared_request& request) {
    if (request.url().host() != "example.com") co_return;
    request.headers().set("X-Signature", "of " + std::string(request.url().target()));
}
// [/before_send]

// [trace]
void tell(const http::trace_event& event) {
    std::cout << "  " << event.call() << " " << http::to_string(event.kind());
    if (event.status() != 0) std::cout << " " << event.status();
    std::cout << "\n";
}
// [/trace]

http::mock_reply site(const http::mock_request& request) {
    return http::mock_reply(200, "request " + std::string(request.header("X-Request-Id")) + ", signed '" + std::string(request.header("X-Signature")) + "'");
}

brio::awaitable<> main_() {
    http::session web(http::session_options().transport(http::mock(site)).middleware(stamp).before_send(sign).trace(tell));
    std::cout << (co_await web.get("https://example.com/")).text() << "\n";
    std::cout << (co_await web.get("https://example.com/")).text() << "\n";
    http::streaming_response body = co_await web.stream("GET", "https://example.com/large");
    std::cout << co_await body.read() << "\n";
    co_await web.close();
}

int main() { brio::run(main_()); }

// SPDX-License-Identifier: BSL-1.0
// Functions around every call: one that stamps requests, one that tells how long they took.
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

// [trace]
void tell(const http::trace_event& event) {
    std::cout << "  " << event.call() << " " << http::to_string(event.kind());
    if (event.status() != 0) std::cout << " " << event.status();
    std::cout << "\n";
}
// [/trace]

http::mock_reply site(const http::mock_request& request) { return http::mock_reply(200, "request " + std::string(request.header("X-Request-Id"))); }

brio::awaitable<> main_() {
    http::session web(http::session_options().transport(http::mock(site)).middleware(stamp).trace(tell));
    std::cout << (co_await web.get("https://example.com/")).text() << "\n";
    std::cout << (co_await web.get("https://example.com/")).text() << "\n";
    co_await web.close();
}

int main() { brio::run(main_()); }

// SPDX-License-Identifier: BSL-1.0
// Three attempts, with pauses that grow, as the server wishes.
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <iostream>

namespace http = brio::http;
using namespace std::chrono_literals;

// [job]
brio::awaitable<> ask(http::session& web) {
    http::options patient;
    patient.retry(http::retry_rules().attempts(3).pause(500ms));
    http::response answer = co_await web.get("https://flaky.example/", patient);
    std::cout << answer.text() << " after " << answer.timings().requests << " requests\n";
}
// [/job]

int main() {
    int turn = 0;
    http::mock flaky([&turn](const http::mock_request&) {
        if (turn++ < 2) return http::mock_reply(503).header("Retry-After", "0");
        return http::mock_reply(200, "here you are");
    });
    auto main_ = [&flaky]() -> brio::awaitable<> {
        http::session web(http::session_options().transport(flaky));
        co_await ask(web);
        co_await web.close();
    };
    brio::run(main_());
}

// SPDX-License-Identifier: BSL-1.0
// A body that is made while it is sent.
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <iostream>

namespace http = brio::http;

// [job]
brio::awaitable<> rows(brio::yielder<std::string> yield, int count) {
    for (int i = 0; i < count; ++i) co_await yield(std::to_string(i) + "\n");
}

brio::awaitable<> upload(http::session& web) {
    http::options made;
    made.body(brio::make_generator<std::string>(rows, 100'000));
    http::response answer = co_await web.put("https://sink.example/rows.txt", made);
    std::cout << answer.text() << "\n";
}
// [/job]

http::mock_reply sink(const http::mock_request& request) {
    return http::mock_reply(200, std::to_string(request.body().size()) + " bytes, " + std::string(request.header("Transfer-Encoding")));
}

brio::awaitable<> main_() {
    http::session web(http::session_options().transport(http::mock(sink)));
    co_await upload(web);
    co_await web.close();
}

int main() { brio::run(main_()); }

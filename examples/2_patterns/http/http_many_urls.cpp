// SPDX-License-Identifier: BSL-1.0
// A thousand pages, fifty at a time, each result as soon as it is there.
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <string>
#include <vector>

#include <iostream>

namespace http = brio::http;
using namespace std::chrono_literals;

// [job]
brio::awaitable<> show(http::session& web, std::string url, int& good) {
    try {
        http::response page = co_await web.get(url);
        if (page.ok()) ++good;
    } catch (const http::error& e) {
        std::cout << e.what() << "\n";
    }
}

brio::awaitable<> show_all(http::session& web, std::vector<std::string> urls) {
    int good = 0;
    std::vector<brio::awaitable<>> jobs;
    for (std::string& url : urls) jobs.push_back(show(web, std::move(url), good));
    co_await brio::gather(brio::limit(50), std::move(jobs));
    std::cout << good << " are good\n";
}
// [/job]

http::mock_reply site(const http::mock_request& request) {
    if (request.path() == "/13") return http::mock_reply(200, "cut").cut(40);
    return http::mock_reply(200, "page").delay(1ms);
}

brio::awaitable<> main_() {
    http::mock mock(site);
    http::session web(http::session_options().transport(mock));
    std::vector<std::string> urls;
    for (int i = 0; i < 1000; ++i) urls.push_back("https://example.com/" + std::to_string(i));
    co_await show_all(web, std::move(urls));
    std::cout << (mock.connections() <= 51) << "\n";
    co_await web.close();
}

int main() { brio::run(main_()); }

// SPDX-License-Identifier: BSL-1.0
// The status of several sites, asked for at the same time: check_websites https://example.com
// https://example.org
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <chrono>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

namespace http = brio::http;
using namespace std::chrono_literals;

brio::awaitable<std::string> check(http::session& client, std::string url) {
    const auto started = std::chrono::steady_clock::now();
    const http::response answer = co_await client.get(url, http::options().timeout(1s));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started;
    co_return std::to_string(answer.status()) + " " + std::string(answer.reason()) + ", " +
        std::to_string(answer.body().size()) + " bytes in " + std::to_string(std::lround(took.count())) +
        " ms";
}

brio::awaitable<> check_all(std::vector<std::string> urls) {
    http::session client;
    std::vector<brio::awaitable<std::string>> checks;
    for (const std::string& url : urls) checks.push_back(check(client, url));

    // All run at once, so that the whole takes as long as the slowest. With return_exceptions a site that
    // fails is a result like any other.
    const auto results = co_await brio::gather(brio::return_exceptions, std::move(checks));
    for (std::size_t i = 0; i < urls.size(); ++i) {
        std::cout << urls[i] << ": ";
        try {
            std::cout << results[i].value() << "\n";
        } catch (const http::error& e) { // no such host, refused, timeout, bad certificate ...
            std::cout << "failed: " << e.what() << "\n";
        }
    }
    co_await client.close();
}

// Without arguments: a server of our own, with a page, a slow page, one that hangs, and none.
brio::awaitable<http::reply> serve(http::server_request request) {
    if (request.path() == "/slow") co_await brio::sleep(300ms);
    if (request.path() == "/stuck") co_await brio::sleep(1h);
    if (request.path() == "/missing") co_return http::reply(404);
    co_return http::reply::text("hello");
}

brio::awaitable<> check_own_server() {
    http::server site;
    site.fallback(serve);
    site.listen();
    std::vector<std::string> urls;
    for (const char* path : {"/", "/slow", "/stuck", "/missing"}) urls.push_back(site.url() + path);
    urls.emplace_back("http://nowhere.invalid/");
    co_await check_all(std::move(urls));
    co_await site.close();
}

int main(int argc, char** argv) {
    if (argc > 1) {
        brio::run(check_all(std::vector<std::string>(argv + 1, argv + argc)));
    } else {
        brio::run(check_own_server());
    }
}

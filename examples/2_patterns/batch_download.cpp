// SPDX-License-Identifier: BSL-1.0
// A batch of downloads, a few at a time, each result as soon as it is there: batch_download URL...
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace http = brio::http;
using namespace std::chrono_literals;

struct download {
    std::string url;
    std::string body;
    std::string error; // empty: it worked
};

// Takes one URL after the other. So many workers, so many requests at the same time.
brio::awaitable<> worker(http::session& client, brio::queue<std::string>& urls,
                         brio::queue<download>& results) {
    while (const auto url = urls.try_get()) {
        download made{*url, {}, {}};
        try {
            const http::response answer = co_await client.get(*url, http::options().raise_for_status());
            made.body = answer.text();
        } catch (const http::error& e) {
            made.error = e.what();
        }
        co_await results.put(std::move(made)); // waits while the consumer is behind: memory stays bounded
    }
}

brio::awaitable<> work(std::vector<std::string> list, std::size_t limit, brio::queue<download>& results) {
    http::session client;
    brio::queue<std::string> urls;
    for (std::string& url : list) urls.put_nowait(std::move(url));
    std::vector<brio::awaitable<>> workers;
    for (std::size_t i = 0; i < limit; ++i) workers.push_back(worker(client, urls, results));
    co_await brio::gather(std::move(workers));
    co_await client.close();
}

brio::awaitable<> download_all(std::vector<std::string> urls) {
    constexpr std::size_t limit = 4;
    const std::size_t count = urls.size();
    brio::queue<download> results(limit);
    const brio::task<> working = brio::create_task(work(std::move(urls), limit, results));
    for (std::size_t i = 1; i <= count; ++i) {
        const download next = co_await results.get();
        std::cout << i << "/" << count << " " << next.url << ": ";
        if (next.error.empty()) {
            std::cout << next.body.size() << " bytes\n";
        } else {
            std::cout << next.error << "\n";
        }
    }
    co_await working.join(); // its errors, if there are any, come out here
}

// Without arguments: a server of our own, whose earlier pages are the slower ones.
brio::awaitable<http::reply> serve(http::server_request request) {
    const int number = std::stoi(std::string(request.path().substr(1)));
    co_await brio::sleep((12 - number) * 20ms);
    if (number == 7) co_return http::reply(503);
    co_return http::reply::text(std::string(static_cast<std::size_t>(number) * 1000, 'x'));
}

brio::awaitable<> download_from_own_server() {
    http::server site;
    site.fallback(serve);
    site.listen();
    std::vector<std::string> urls;
    for (int i = 1; i <= 12; ++i) urls.push_back(site.url() + "/" + std::to_string(i));
    co_await download_all(std::move(urls));
    co_await site.close();
}

int main(int argc, char** argv) {
    if (argc > 1) {
        brio::run(download_all(std::vector<std::string>(argv + 1, argv + argc)));
    } else {
        brio::run(download_from_own_server());
    }
}

// SPDX-License-Identifier: BSL-1.0
// Blocking calls, four at a time, in a pool of threads; the loop goes on meanwhile.
#include <brio/brio.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

// Some library's download that blocks its thread.
std::string download(int id) {
    std::this_thread::sleep_for(50ms);
    return std::string(static_cast<std::size_t>(id), 'x');
}

brio::awaitable<> tick(int& ticks) {
    for (;;) {
        co_await brio::sleep(10ms);
        ++ticks;
    }
}

brio::awaitable<> download_all() {
    int ticks = 0;
    auto ticking = brio::create_task(tick(ticks));
    const auto begin = brio::get_running_loop().time();

    brio::thread_pool pool(4);
    std::vector<brio::task<std::string>> downloads;
    for (int id = 1; id <= 12; ++id) downloads.push_back(brio::create_task(brio::run_in_executor(pool, download, id)));
    std::size_t bytes = 0;
    for (const std::string& body : co_await brio::gather(downloads)) bytes += body.size();

    const auto took = brio::get_running_loop().time() - begin;
    ticking.cancel();
    std::cout << downloads.size() << " downloads, " << bytes << " bytes\n";
    std::cout << (took >= 150ms ? "three rounds of four" : "too fast") << "\n"; // one by one it would be 600 ms
    std::cout << (ticks > 0 ? "the loop went on meanwhile" : "the loop stood still") << "\n";
}

int main() {
    brio::run(download_all());
}

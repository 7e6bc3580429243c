// SPDX-License-Identifier: BSL-1.0
// One port served by several loops.
#include <brio/brio.hpp>
#include <brio/testing/test.hpp>
#include <brio/thread/loop_pool.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using brio::awaitable;
using brio::server;
using brio::server_options;
using brio::stream;

// Who has served, seen from all threads.
class roll {
public:
    void note() {
        const std::lock_guard lock(mutex_);
        threads_.insert(std::this_thread::get_id());
    }
    [[nodiscard]] std::size_t threads() const {
        const std::lock_guard lock(mutex_);
        return threads_.size();
    }
    std::atomic<int> ready{0};

private:
    mutable std::mutex mutex_;
    std::set<std::thread::id> threads_;
};

awaitable<> serve(roll& all, std::uint16_t port) {
    const auto handler = [&all](stream client) -> awaitable<> {
        all.note();
        while (auto line = co_await client.next_line()) co_await client.write(*line + "\n");
    };
    server s = co_await brio::start_server(handler, "127.0.0.1", port, server_options().reuse_port());
    ++all.ready;
    co_await s.serve_forever();
}

awaitable<std::string> ask(std::uint16_t port, int number) {
    stream s = co_await brio::open_connection("127.0.0.1", port);
    co_await s.write(std::to_string(number) + "\n");
    co_return co_await s.read_line();
}

BRIO_TEST_REAL_TIME(server_loops, SRV_20_every_loop_of_a_pool_serves_the_same_port) {
    roll all;
    // Bound, so that nobody else takes the port, but not listening.
    server first = co_await brio::start_server([](stream) {}, "127.0.0.1", 0, server_options().reuse_port().start_serving(false));
    const std::uint16_t port = first.port();
    brio::loop_pool pool(3);
    const auto run_all = [&]() -> awaitable<> { co_await pool.run_on_all([&all](std::uint16_t p) { return serve(all, p); }, port); };
    brio::task<> serving = brio::create_task(run_all);
    while (all.ready != 3) co_await brio::sleep(std::chrono::milliseconds(1));
    for (int round = 0; all.threads() < 3 && round < 50; ++round) {
        std::vector<brio::task<std::string>> asked;
        for (int i = 0; i < 20; ++i) asked.push_back(brio::create_task(ask(port, i)));
        for (std::size_t i = 0; i < asked.size(); ++i) EXPECT_EQ(co_await asked[i].join(), std::to_string(i) + "\n");
    }
    EXPECT_EQ(all.threads(), 3U) << "the system spreads the connections";
    serving.cancel();
    co_await brio::gather(brio::return_exceptions, serving);
    EXPECT_TRUE(serving.cancelled());
    co_await pool.aclose();
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// The code shown in doc/guide/debugging.md.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <csignal>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio_test::contains;

brio::awaitable<> serve(brio::event& stop) { co_await stop.wait(); }

// [signal]
brio::awaitable<> server(brio::event& stop) {
    const auto printer = brio::print_tasks_on_signal(SIGUSR1);  // kill -USR1 prints the tasks
    co_await serve(stop);
}
// [/signal]

// [remote]
std::string health_report(brio::loop& loop) {  // called by another thread
    try {
        return brio::capture_task_tree_threadsafe(loop, 500ms).to_json();
    } catch (const brio::timeout_error& e) {
        return e.what();  // "the event loop did not answer within 500 ms: task hog (created at hog.cpp:12) has run ..."
    }
}
// [/remote]

// [long_waits]
std::string waits_longer_than(std::chrono::seconds limit) {
    std::string found;
    const brio::task_tree tree = brio::capture_task_tree();
    for (const brio::task_info& task : tree.tasks()) {
        if (task.waiting > limit) found += task.name + " in " + task.waits_for + "\n";
    }
    return found;
}
// [/long_waits]

// [metrics]
brio::awaitable<std::string> lag_of_ten_seconds() {
    const brio::loop_metrics before = brio::get_running_loop().metrics();
    co_await brio::sleep(10s);
    const brio::loop_metrics now = brio::get_running_loop().metrics();
    co_return std::to_string(now.steps - before.steps) + " steps, 99% of all timers less than " +
        std::to_string(now.timer_lag.percentile(0.99).count()) + " us late";
}
// [/metrics]

BRIO_TEST_REAL_TIME(debugging_guide, a_server_that_prints_on_a_signal) {
    brio::event stop;
    auto running = brio::create_task(server(stop));
    co_await brio::sleep(0s);
    EXPECT_FALSE(running.done());
    stop.set();
    co_await running.join();
}

BRIO_TEST_REAL_TIME(debugging_guide, a_report_for_another_thread) {
    const std::string report = co_await brio::to_thread(&health_report, std::ref(brio::get_running_loop()));
    EXPECT_TRUE(contains(report, "\"name\":\"main\"")) << report;
}

BRIO_TEST(debugging_guide, long_waits_and_metrics) {
    brio::event stop;
    auto running = brio::create_task(serve(stop), "server");
    const std::string text = co_await lag_of_ten_seconds();
    EXPECT_TRUE(contains(text, "99% of all timers less than 1 us late")) << text;
    EXPECT_EQ(waits_longer_than(5s), "server in event.wait()\n");
    EXPECT_EQ(waits_longer_than(20s), "");
    stop.set();
    co_await running.join();
}

}  // namespace

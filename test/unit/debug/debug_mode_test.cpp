// SPDX-License-Identifier: BSL-1.0
// Debug mode: what other threads must not do.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::captured_log;
using brio_test::contains;

void on_another_thread(auto function) { std::thread(function).join(); }

BRIO_TEST_REAL_TIME(debug_mode, DBG_3_a_wake_from_another_thread_is_logged_and_arrives) {
    captured_log log;
    brio::get_running_loop().set_debug(true);
    brio::event signal;
    brio::queue<int> items;
    auto waiting = create_task([&signal]() -> awaitable<> { co_await signal.wait(); }, "waiter");
    auto getting = create_task([&items]() -> awaitable<int> { co_return co_await items.get(); }, "getter");
    co_await brio::sleep(0s);
    on_another_thread([&signal] { signal.set(); });
    EXPECT_EQ(log.count("task waiter (created at debug_mode_test.cpp:"), 1U) << log.text();
    EXPECT_TRUE(contains(log.text(), "from another thread than the loop's")) << log.text();
    EXPECT_TRUE(contains(log.text(), "use call_soon_threadsafe")) << log.text();
    on_another_thread([&items] { items.put_nowait(7); });
    EXPECT_EQ(log.count("task getter"), 1U) << log.text();
    co_await waiting.join();
    EXPECT_EQ(co_await getting.join(), 7);
    EXPECT_EQ(log.size(), 2U) << log.text();
}

BRIO_TEST_REAL_TIME(debug_mode, DBG_3_a_cancel_from_another_thread_is_logged_and_arrives) {
    captured_log log;
    brio::get_running_loop().set_debug(true);
    auto waiting = create_task(brio::sleep(1h), "sleeper");
    co_await brio::sleep(0s);
    bool accepted = false;
    on_another_thread([&] { accepted = waiting.cancel("from afar"); });
    EXPECT_TRUE(accepted);
    EXPECT_EQ(waiting.cancelling(), 0) << "it has not arrived yet";
    EXPECT_EQ(log.count("task sleeper (created at debug_mode_test.cpp:"), 1U) << log.text();
    EXPECT_TRUE(contains(log.text(), "use call_soon_threadsafe")) << log.text();
    std::string message;
    try {
        co_await waiting.join();
    } catch (const brio::cancelled_error& e) {
        message = e.message();
    }
    EXPECT_EQ(message, "from afar");
}

BRIO_TEST_REAL_TIME(debug_mode, DBG_3_the_lawful_way_is_not_reported) {
    captured_log log;
    auto& loop = brio::get_running_loop();
    loop.set_debug(true);
    brio::event signal;
    auto waiting = create_task([&signal]() -> awaitable<> { co_await signal.wait(); });
    co_await brio::sleep(0s);
    on_another_thread([&] { loop.call_soon_threadsafe([&signal] { signal.set(); }); });
    co_await waiting.join();
    co_await brio::to_thread([] {});
    EXPECT_EQ(log.size(), 0U) << log.text();
}

}  // namespace

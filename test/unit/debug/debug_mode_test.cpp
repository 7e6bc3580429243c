// SPDX-License-Identifier: BSL-1.0
// Debug mode: what other threads must not do.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

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

// Debug mode until the object goes.
class debugging {
public:
    debugging() { brio::get_running_loop().set_debug(true); }
    debugging(const debugging&) = delete;
    debugging& operator=(const debugging&) = delete;
    ~debugging() { brio::get_running_loop().set_debug(false); }
};

brio::awaitable<> keep(brio::lock* lock) {
    auto guard = co_await lock->acquire();
    guard.detach();
}
brio::awaitable<> hold_and_release(brio::lock* lock) { const auto guard = co_await lock->acquire(); }

BRIO_TEST(debug_mode, a_task_that_ends_with_a_lock_is_named_with_the_place) {
    const debugging on;
    std::vector<std::string> lines;
    const brio::log_sink before =
        brio::set_log_sink([&lines](brio::log_level, std::string_view text) { lines.emplace_back(text); });
    brio::lock kept;
    brio::lock released;
    co_await brio::create_task(keep(&kept), "keeper").join();
    co_await brio::create_task(hold_and_release(&released), "tidy").join();
    brio::set_log_sink(before);
    kept.release();
    BRIO_ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("task keeper"), std::string::npos) << lines[0];
    EXPECT_NE(lines[0].find("ended without releasing a lock that it acquired at debug_mode_test.cpp:"), std::string::npos)
        << lines[0];
}

BRIO_TEST(debug_mode, a_guard_that_a_task_gives_as_its_value_is_not_kept) {
    const debugging on;
    captured_log log;
    brio::lock lock;
    {
        const auto guard = co_await brio::wait_for(lock.acquire(), 1s);
        EXPECT_TRUE(lock.locked());
    }
    const auto take = [](brio::lock* from) -> awaitable<brio::lock::guard> { co_return co_await from->acquire(); };
    {
        const auto guard = co_await create_task(take(&lock)).join();
        EXPECT_TRUE(lock.locked());
    }
    EXPECT_FALSE(lock.locked());
    EXPECT_EQ(log.size(), 0U) << log.text();
}

BRIO_TEST(debug_mode, without_it_nobody_looks_at_locks) {
    std::vector<std::string> lines;
    const brio::log_sink before =
        brio::set_log_sink([&lines](brio::log_level, std::string_view text) { lines.emplace_back(text); });
    brio::lock kept;
    co_await brio::create_task(keep(&kept), "keeper").join();
    brio::set_log_sink(before);
    kept.release();
    EXPECT_TRUE(lines.empty());
}

}  // namespace

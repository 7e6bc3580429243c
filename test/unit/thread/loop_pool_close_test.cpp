// SPDX-License-Identifier: BSL-1.0
// The end of a pool of loops, and failures that nobody has asked for.
#include "unit/compose/outcome.hpp"
#include "unit/core/capture.hpp"
#include "unit/thread/gate.hpp"

#include <brio/testing/test.hpp>
#include <brio/thread/loop_pool.hpp>

#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::loop_pool;
using brio_test::end_of;
using brio_test::gate;

awaitable<int> add(int a, int b) {
    co_await brio::sleep(1ms);
    co_return a + b;
}
awaitable<> fail(std::string text) {
    co_await brio::sleep(0s);
    throw std::runtime_error(text);
}

// Opens a gate when it waits, and says in `seen` how that ended.
awaitable<> wait_for_ever(gate* begun, std::string* seen) {
    begun->open();
    try {
        co_await brio::sleep(1h);
    } catch (const brio::cancelled_error& e) {
        *seen = "cancelled(" + e.message() + ")";
        throw;
    }
}

// The gate is another thread's.
awaitable<> opened(gate* target) {
    while (!target->is_open()) co_await brio::sleep(1ms);
}

// The handle goes before the task has ended, or after it: its loop is told either way.
BRIO_TEST_REAL_TIME(loop_pool_close, a_failure_that_nobody_joins_is_reported_in_its_loop) {
    for (const bool after : {false, true}) {
        std::mutex mutex;
        std::vector<std::string> reports;
        gate told;
        const loop_pool pool(brio::loop_pool_options().size(1).on_loop([&](brio::loop& made, std::size_t) {
            made.set_exception_handler([&](const brio::error_context& context) {
                const std::lock_guard lock(mutex);
                reports.push_back(context.to_string());
                told.open();
            });
        }));
        {
            const auto failing = pool.spawn(fail, "nobody listens");
            while (after && !failing.done()) co_await brio::sleep(1ms);
        }
        co_await opened(&told);
        const std::lock_guard lock(mutex);
        BRIO_ASSERT_EQ(reports.size(), 1u);
        EXPECT_TRUE(brio_test::contains(reports[0], "never retrieved")) << reports[0];
        EXPECT_TRUE(brio_test::contains(reports[0], "nobody listens")) << reports[0];
    }
}

TEST(loop_pool_close, a_handle_dropped_after_the_failure_reports_it_to_the_log) {
    const brio_test::captured_log log;
    {
        const loop_pool pool(1);
        const auto failed = pool.spawn(fail, "nobody listens");
        while (!failed.done()) std::this_thread::yield();
        pool.spawn([] {}).get();  // its loop has nothing more to do with it
        EXPECT_EQ(log.size(), 0u);
    }
    EXPECT_EQ(log.count("nobody listens"), 1u) << log.text();
}

TEST(loop_pool_close, a_failure_that_was_fetched_is_not_reported) {
    const brio_test::captured_log log;
    {
        const loop_pool pool(1);
        const auto failed = pool.spawn(fail, "fetched");
        EXPECT_THROW(failed.get(), std::runtime_error);
    }
    EXPECT_EQ(log.size(), 0u) << log.text();
}

TEST(loop_pool_close, close_cancels_what_runs_and_joins_the_threads) {
    gate begun;
    std::string seen;
    loop_pool pool(2);
    const auto running = pool.spawn(wait_for_ever, &begun, &seen);
    EXPECT_TRUE(begun.wait());
    pool.close();
    EXPECT_EQ(seen.substr(0, 9), "cancelled");
    EXPECT_THROW(running.get(), brio::cancelled_error);
    pool.close();
    EXPECT_THROW(static_cast<void>(pool.spawn(add, 1, 1)), brio::loop_error);
    EXPECT_THROW(static_cast<void>(pool.on(0).get_loop()), brio::loop_error);
}

BRIO_TEST_REAL_TIME(loop_pool_close, run_after_close_is_an_error) {
    loop_pool pool(1);
    auto prepared = pool.run(add, 1, 1);  // before, awaited after
    co_await pool.aclose();
    const std::string text = co_await end_of(std::move(prepared));
    EXPECT_TRUE(brio_test::contains(text, "closed")) << text;
    EXPECT_EQ(brio_test::thrown_by([&pool] { static_cast<void>(pool.run(add, 1, 1)); }),
              "brio::loop_error: the loop_pool is closed: it takes no more work");
}

TEST(loop_pool_close, close_leaves_a_stuck_loop_behind_and_says_so) {
    const brio_test::captured_log log;
    gate begun;
    gate go_on;
    const brio_test::open_at_exit guard(go_on);
    loop_pool pool(2);
    const auto block = [](gate* here, gate* further) {
        here->open();
        further->wait();
    };
    const auto stuck = pool.on(1).spawn(block, &begun, &go_on);
    EXPECT_TRUE(begun.wait());
    const auto before = std::chrono::steady_clock::now();
    pool.close(20ms);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
    EXPECT_EQ(log.count("loop 1 has not ended in time"), 1u) << log.text();
    EXPECT_EQ(log.size(), 1u) << log.text();
    go_on.open();
    stuck.get();  // its end is still heard
}

BRIO_TEST_REAL_TIME(loop_pool_close, aclose_lets_tasks_end_that_wait_for_this_loop) {
    loop_pool pool(1);
    gate begun;
    bool cleaned_up = false;
    brio::loop& here = brio::get_running_loop();
    const auto body = [](gate* open, brio::loop* caller, bool* out) -> awaitable<> {
        std::exception_ptr stop;
        try {
            open->open();
            co_await brio::sleep(1h);
        } catch (...) {
            stop = std::current_exception();
        }
        // A clean-up that needs the caller's loop.
        const auto mark = [](bool* flag) -> awaitable<> {
            *flag = true;
            co_return;
        };
        auto answer = brio::run_coroutine_threadsafe(mark(out), *caller);
        while (!answer.wait_for(0s)) co_await brio::sleep(1ms);
        std::rethrow_exception(stop);
    };
    const auto running = pool.spawn(body, &begun, &here, &cleaned_up);
    co_await opened(&begun);
    co_await pool.aclose();
    EXPECT_TRUE(cleaned_up);
}

BRIO_TEST_REAL_TIME(loop_pool_close, a_cancelled_aclose_releases_its_task_and_closes_all_the_same) {
    gate begun;
    gate go_on;
    const brio_test::open_at_exit guard(go_on);
    loop_pool pool(1);
    const auto block = [](gate* here, gate* further) {
        here->open();
        further->wait();
    };
    const auto running = pool.spawn(block, &begun, &go_on);
    co_await opened(&begun);
    auto closing = brio::create_task(pool.aclose());
    co_await brio::sleep(1ms);
    closing.cancel();
    EXPECT_EQ(co_await end_of(closing.join()), "cancelled");  // while that loop is still blocked
    EXPECT_FALSE(running.done());
    go_on.open();
    co_await running.join();
    // It takes no more work, once the thread that closes it has come so far.
    const auto ask = [&pool] { static_cast<void>(pool.spawn(add, 1, 1)); };
    while (brio_test::thrown_by(ask) == "nothing") co_await brio::sleep(1ms);
}

TEST(loop_pool_close, a_pool_may_end_in_one_of_its_own_loops) {
    auto pool = std::make_shared<loop_pool>(2);
    gate gone;
    const auto body = [](std::shared_ptr<loop_pool> last, gate* out) -> awaitable<> {
        co_await brio::sleep(1ms);
        last.reset();
        out->open();
    };
    const auto ended = pool->spawn(body, pool, &gone);
    pool.reset();
    EXPECT_TRUE(gone.wait());
    ended.get();
}

}  // namespace

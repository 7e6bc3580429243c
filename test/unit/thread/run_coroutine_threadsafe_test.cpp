// SPDX-License-Identifier: BSL-1.0
// Coroutines submitted from other threads (asyncio.md 2.27).
#include "unit/core/capture.hpp"
#include "unit/thread/gate.hpp"

#include <brio/testing/test.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::run_coroutine_threadsafe;
using brio_test::gate;

awaitable<int> add(int a, int b) {
    co_await brio::sleep(0s);
    co_return a + b;
}
awaitable<> fail() {
    co_await brio::sleep(0s);
    throw std::runtime_error("on purpose");
}

// Runs `outside` in another thread while the loop goes on.
template <class F>
awaitable<> beside(F outside) {
    brio::event ended;
    brio::loop& loop = brio::get_running_loop();
    std::exception_ptr error;
    std::thread other([&] {
        try {
            outside(loop);
        } catch (...) {
            error = std::current_exception();
        }
        loop.call_soon_threadsafe([&ended] { ended.set(); });
    });
    co_await ended.wait();
    other.join();
    if (error) std::rethrow_exception(error);
}

BRIO_TEST_REAL_TIME(run_coroutine_threadsafe, gives_the_value) {
    int got = 0;
    const auto outside = [&got](brio::loop& loop) { got = run_coroutine_threadsafe(add(1, 2), loop).get(); };
    co_await beside(outside);
    EXPECT_EQ(got, 3);
}

BRIO_TEST_REAL_TIME(run_coroutine_threadsafe, or_the_error) {
    std::string text;
    const auto outside = [&text](brio::loop& loop) {
        try {
            run_coroutine_threadsafe(fail(), loop).get();
        } catch (const std::runtime_error& e) {
            text = e.what();
        }
    };
    co_await beside(outside);
    EXPECT_EQ(text, "on purpose");
}

BRIO_TEST_REAL_TIME(run_coroutine_threadsafe, as_a_standard_future) {
    int got = 0;
    const auto outside = [&got](brio::loop& loop) {
        std::future<int> plain = run_coroutine_threadsafe(add(2, 2), loop).take_future();
        got = plain.get();
    };
    co_await beside(outside);
    EXPECT_EQ(got, 4);
}

BRIO_TEST_REAL_TIME(run_coroutine_threadsafe, THR_13_the_other_thread_gives_up_and_cancels) {
    std::string seen;
    gate begun;
    const auto body = [](std::string* out, gate* when) -> awaitable<> {
        when->open();
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error& e) {
            *out = e.message();
            throw;
        }
    };
    bool in_time = true;
    bool cancelled = false;
    const auto outside = [&](brio::loop& loop) {
        auto task = run_coroutine_threadsafe(body(&seen, &begun), loop);
        EXPECT_TRUE(begun.wait());
        in_time = task.wait_for(1ms);
        task.cancel("too long");
        try {
            task.get();
        } catch (const brio::cancelled_error&) {
            cancelled = true;
        }
    };
    co_await beside(outside);
    EXPECT_FALSE(in_time);
    EXPECT_TRUE(cancelled);
    EXPECT_EQ(seen, "too long");
}

BRIO_TEST_REAL_TIME(run_coroutine_threadsafe, THR_14_a_task_cancelled_in_the_loop_is_seen_outside) {
    const auto body = []() -> awaitable<> {
        brio::current_task().cancel("by itself");
        co_await brio::sleep(1h);
    };
    std::string seen;
    const auto outside = [&](brio::loop& loop) {
        try {
            run_coroutine_threadsafe(body(), loop).get();
        } catch (const brio::cancelled_error& e) {
            seen = e.message();
        }
    };
    co_await beside(outside);
    EXPECT_EQ(seen, "by itself");
}

BRIO_TEST_REAL_TIME(run_coroutine_threadsafe, THR_15_no_task_can_be_made) {
    std::string reported;
    brio::loop& running = brio::get_running_loop();
    running.set_exception_handler([&reported](const brio::error_context& context) { reported = context.to_string(); });
    running.set_task_factory([](brio::task_options&) { throw std::runtime_error("no tasks today"); });
    std::string seen;
    const auto outside = [&](brio::loop& loop) {
        try {
            static_cast<void>(run_coroutine_threadsafe(add(1, 1), loop).get());
        } catch (const std::runtime_error& e) {
            seen = e.what();
        }
    };
    co_await beside(outside);
    running.set_task_factory({});
    running.set_exception_handler({});
    EXPECT_EQ(seen, "no tasks today");
    EXPECT_TRUE(brio_test::contains(reported, "could not create the task")) << reported;
    EXPECT_TRUE(brio_test::contains(reported, "no tasks today")) << reported;
}

BRIO_TEST_REAL_TIME(run_coroutine_threadsafe, in_the_loops_own_thread_get_would_wait_for_itself) {
    auto task = run_coroutine_threadsafe(add(1, 1), brio::get_running_loop());
    EXPECT_THROW(static_cast<void>(task.get()), brio::loop_error);
    EXPECT_THROW(static_cast<void>(task.wait_for(1ms)), brio::loop_error);
    while (brio::all_tasks().size() < 2) co_await brio::sleep(0s);
    while (brio::all_tasks().size() > 1) co_await brio::sleep(0s);
}

TEST(run_coroutine_threadsafe, a_loop_that_closes_tells_the_caller) {
    std::optional<brio::threadsafe_task<int>> task;
    {
        brio::loop loop;
        task.emplace(run_coroutine_threadsafe(add(1, 1), loop));
    }
    EXPECT_THROW(static_cast<void>(task->get()), brio::loop_error);
}

BRIO_TEST_REAL_TIME(run_coroutine_threadsafe, a_result_is_given_once) {
    const auto outside = [](brio::loop& loop) {
        auto task = run_coroutine_threadsafe(add(1, 2), loop);
        EXPECT_TRUE(task.wait_for(std::chrono::hours::max()));
        auto moved = std::move(task);
        EXPECT_THROW(task.get(), brio::invalid_state_error);
        task.cancel();
        EXPECT_EQ(moved.get(), 3);
        EXPECT_THROW(moved.get(), brio::invalid_state_error);
        EXPECT_THROW(static_cast<void>(moved.wait_for(1s)), brio::invalid_state_error);
        auto given = run_coroutine_threadsafe(add(3, 4), loop);
        EXPECT_EQ(given.take_future().get(), 7);
        EXPECT_THROW(given.get(), brio::invalid_state_error);
        given.cancel();
    };
    co_await beside(outside);
}

}  // namespace

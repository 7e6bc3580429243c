// SPDX-License-Identifier: BSL-1.0
// to_thread: values and errors from another thread, and a waiter that leaves early (asyncio.md 2.27).
#include "unit/compose/outcome.hpp"
#include "unit/thread/gate.hpp"

#include <brio/testing/test.hpp>

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::to_thread;
using brio_test::end_of;
using brio_test::gate;
using brio_test::open_at_exit;
using brio_test::settle;

int add(int a, int b) { return a + b; }
void fail(const std::string& text) { throw std::runtime_error(text); }

BRIO_TEST(to_thread, THR_1_gives_the_value_of_the_function) {
    EXPECT_EQ(co_await to_thread(add, 2, 3), 5);
    EXPECT_EQ(co_await to_thread([](std::string text) { return text + "!"; }, "word"), "word!");
    bool called = false;
    co_await to_thread([&called] { called = true; });
    EXPECT_TRUE(called);
}

BRIO_TEST(to_thread, THR_2_or_its_exception) {
    EXPECT_EQ(co_await end_of(to_thread(fail, "from the thread")), "from the thread");
    EXPECT_EQ(co_await end_of(to_thread([]() -> int { throw brio::cancelled_error("odd"); })), "cancelled(odd)");
}

BRIO_TEST(to_thread, THR_6_it_runs_in_another_thread_and_the_loop_goes_on) {
    gate heard;
    const auto here = std::this_thread::get_id();
    auto waiting = create_task(to_thread([&heard] { return heard.wait() ? std::this_thread::get_id() : std::thread::id(); }));
    co_await settle();
    EXPECT_FALSE(waiting.done());
    heard.open();  // by the loop, while the other thread waits
    const auto there = co_await waiting.join();
    EXPECT_NE(there, here);
    EXPECT_NE(there, std::thread::id());
}

BRIO_TEST(to_thread, THR_6_many_at_once_come_back_to_their_own_waiters) {
    std::vector<awaitable<int>> calls;
    for (int i = 0; i < 500; ++i) {
        calls.push_back([](int n) -> awaitable<int> { co_return co_await to_thread(add, n, 1000); }(i));
    }
    const std::vector<int> got = co_await brio::gather(std::move(calls));
    for (int i = 0; i < 500; ++i) EXPECT_EQ(got[static_cast<std::size_t>(i)], i + 1000);
}

// The gates are shared with the function, which outlives the wait. Virtual time stands still until it is back.
BRIO_TEST(to_thread, THR_7_a_cancelled_waiter_goes_at_once_and_the_function_runs_to_its_end) {
    const auto go_on = std::make_shared<gate>();
    const auto finished = std::make_shared<gate>();
    const open_at_exit guard(*go_on);
    auto work = [](std::shared_ptr<gate> first, std::shared_ptr<gate> second) {
        first->wait();
        second->open();
    };
    auto waiting = create_task(to_thread(work, go_on, finished));
    co_await settle();
    waiting.cancel();
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled");
    EXPECT_FALSE(finished->is_open());
    go_on->open();
    co_await brio::sleep(1s);
    EXPECT_TRUE(finished->is_open());
    EXPECT_TRUE(waiting.cancelled());
    waiting = {};
    EXPECT_EQ(finished.use_count(), 1) << "the dropped call holds nothing any more";
}

BRIO_TEST(to_thread, THR_7_an_error_after_the_cancel_is_dropped) {
    brio_test::reports reports;
    const auto go_on = std::make_shared<gate>();
    const open_at_exit guard(*go_on);
    auto work = [](std::shared_ptr<gate> first) {
        first->wait();
        throw std::runtime_error("late");
    };
    auto waiting = create_task(to_thread(work, go_on));
    co_await settle();
    waiting.cancel();
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled");
    go_on->open();
    co_await brio::sleep(1s);
    EXPECT_EQ(reports.size(), 0U);
}

// The loop is gone when the function ends: nothing of it may be touched.
TEST(to_thread, THR_7_a_completion_after_the_loop_was_closed) {
    gate go_on;
    gate finished;
    const auto alive = std::make_shared<int>(0);
    {
        brio::thread_pool pool(1);
        const open_at_exit guard(go_on);
        brio::run([&]() -> awaitable<> {
            auto work = [&go_on, &finished, held = alive] {
                go_on.wait();
                finished.open();
                return std::make_shared<int>(*held);
            };
            auto waiting = create_task([&]() -> awaitable<> { co_await brio::run_in_executor(pool, work); });
            co_await brio::sleep(1ms);
            EXPECT_FALSE(waiting.done());
        });  // cancels `waiting`
        EXPECT_FALSE(finished.is_open());
        go_on.open();
        EXPECT_TRUE(finished.wait());
    }
    EXPECT_EQ(alive.use_count(), 1);
}

// ... nor does the caller's io_context, on which the loop lived, wait for it.
TEST(to_thread, THR_7_a_closed_loop_leaves_no_work_on_the_context) {
    gate go_on;
    boost::asio::io_context context;
    brio::thread_pool pool(1);
    const open_at_exit guard(go_on);
    {
        brio::loop loop(context);
        brio::task<> task;
        loop.call_soon([&] { task = create_task(brio::run_in_executor(pool, [&go_on] { go_on.wait(); })); });
        context.poll();
        EXPECT_FALSE(context.stopped()) << "the call is out: there is work";
        loop.call_soon([&task] { task.cancel(); });
        context.poll();
        EXPECT_TRUE(task.cancelled());
    }
    context.run_for(5s);
    EXPECT_TRUE(context.stopped());
}

BRIO_TEST(to_thread, THR_7_cancelled_before_the_start_calls_nothing) {
    std::atomic<bool> called = false;
    auto task = create_task(to_thread([&called] { called = true; }));
    task.cancel();
    EXPECT_EQ(co_await end_of(task.join()), "cancelled");
    auto pending = create_task([&called]() -> awaitable<> {
        brio::current_task().cancel();
        co_await to_thread([&called] { called = true; });
    });
    EXPECT_EQ(co_await end_of(pending.join()), "cancelled");
    co_await to_thread([] {});
    EXPECT_FALSE(called);
}

BRIO_TEST(to_thread, THR_7_a_result_that_is_there_is_delivered_before_a_cancel) {
    int got = 0;
    gate done;
    auto task = create_task([&]() -> awaitable<> {
        got = co_await to_thread([&done] {
            done.open();
            return 42;
        });
        co_await brio::sleep(1h);
    });
    // Blocks the loop until the function has run; its completion is then on the way, or about to be.
    brio::get_running_loop().call_soon([&done] { EXPECT_TRUE(done.wait()); });
    co_await settle();
    while (got == 0) {
        co_await to_thread([] { std::this_thread::sleep_for(1ms); });
    }
    task.cancel();
    EXPECT_EQ(co_await end_of(task.join()), "cancelled");
    EXPECT_EQ(got, 42);
}

BRIO_TEST_REAL_TIME(to_thread, a_timeout_releases_the_waiter) {
    const auto go_on = std::make_shared<gate>();
    const open_at_exit guard(*go_on);
    auto work = [](std::shared_ptr<gate> first) { first->wait(); };
    EXPECT_EQ(co_await end_of(brio::wait_for(to_thread(work, go_on), 20ms)), "timeout");
    EXPECT_FALSE(go_on->is_open());
}

BRIO_TEST(to_thread, arguments_are_moved_in_and_results_moved_out) {
    auto twice = [](std::unique_ptr<int> box) {
        *box *= 2;
        return box;
    };
    const std::unique_ptr<int> box = co_await to_thread(twice, std::make_unique<int>(21));
    EXPECT_EQ(*box, 42);
    int counter = 0;
    co_await to_thread([](int& n) { ++n; }, std::ref(counter));
    EXPECT_EQ(counter, 1);
    const std::string long_text(100, 'x');
    EXPECT_EQ(co_await to_thread([](const std::string& a, std::string b) { return a + b; }, long_text, long_text + "y"),
              long_text + long_text + "y");
}

BRIO_TEST(to_thread, what_the_function_holds_ends_in_its_thread) {
    std::thread::id ended_in;
    std::shared_ptr<int> held(new int(1), [&ended_in](int* p) {
        ended_in = std::this_thread::get_id();
        delete p;
    });
    const auto ran_in =
        co_await to_thread([](std::shared_ptr<int>) { return std::this_thread::get_id(); }, std::move(held));
    EXPECT_EQ(ended_in, ran_in);
}

BRIO_TEST(to_thread, the_default_pool_is_one_per_loop_and_shared) {
    EXPECT_EQ(&brio::detail::default_pool(), &brio::detail::default_pool());
    co_await brio::gather(to_thread([] {}), to_thread([] {}));
}

TEST(to_thread, the_end_of_run_waits_for_the_functions_that_run) {
    gate begun;
    std::atomic<bool> ended = false;
    brio::run([&]() -> awaitable<> {
        auto task = create_task(to_thread([&] {
            begun.open();
            std::this_thread::sleep_for(20ms);
            ended = true;
        }));
        co_await to_thread([&begun] { begun.wait(); });
        task.cancel();
    });
    EXPECT_TRUE(ended);
}

TEST(to_thread, awaited_outside_of_a_task_it_needs_a_loop) {
    EXPECT_THROW(static_cast<void>(brio::detail::default_pool()), brio::loop_error);
}

BRIO_TEST_REAL_TIME(to_thread, THR_7_a_function_with_a_stop_token_is_asked_to_stop) {
    gate begun;
    gate stopped;
    const auto work = [&begun, &stopped](std::stop_token stop, int) {
        begun.open();
        while (!stop.stop_requested()) std::this_thread::yield();
        stopped.open();
    };
    auto task = create_task(to_thread(work, 1));
    co_await brio::sleep(0s);
    EXPECT_TRUE(begun.wait());
    task.cancel();
    while (!task.done()) co_await brio::sleep(0s);
    EXPECT_TRUE(task.cancelled());
    EXPECT_TRUE(stopped.wait());
}

BRIO_TEST(to_thread, a_function_with_a_stop_token_gives_its_value) {
    const auto work = [](std::stop_token stop, int a, int b) { return stop.stop_requested() ? 0 : a * b; };
    EXPECT_EQ(co_await to_thread(work, 6, 7), 42);
}

BRIO_TEST(run_in_executor, THR_9_the_default_pool_can_be_another) {
    auto pool = std::make_shared<brio::thread_pool>(1);
    brio::set_default_executor(pool);
    EXPECT_EQ(co_await to_thread(add, 1, 1), 2);
    EXPECT_THROW(brio::set_default_executor(nullptr), std::invalid_argument);
    pool->shutdown();
    bool refused = false;
    try {
        co_await to_thread(add, 1, 1);
    } catch (const brio::loop_error&) {
        refused = true;
    }
    EXPECT_TRUE(refused);
}

BRIO_TEST(run_in_executor, THR_10_after_the_shutdown_of_the_default_pool_calls_are_errors) {
    EXPECT_EQ(co_await to_thread(add, 1, 1), 2);
    co_await brio::shutdown_default_executor();
    bool refused = false;
    try {
        co_await to_thread(add, 1, 1);
    } catch (const brio::loop_error&) {
        refused = true;
    }
    EXPECT_TRUE(refused);
}

}  // namespace

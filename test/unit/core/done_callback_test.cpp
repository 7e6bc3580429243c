// SPDX-License-Identifier: BSL-1.0
// What is left of a task: its result, its done callbacks, the report of an error that nobody fetched.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::captured_errors;
using brio_test::captured_log;
using brio_test::contains;

awaitable<> fail(std::string text) {
    co_await brio::sleep(0s);
    throw std::runtime_error(text);
}

BRIO_TEST(task_outcome, FUT_2_asking_too_early_is_an_error) {
    auto task = create_task(brio::sleep(1s));
    EXPECT_THROW(task.result(), brio::invalid_state_error);
    EXPECT_THROW(static_cast<void>(task.exception()), brio::invalid_state_error);
    EXPECT_FALSE(task.done());
    co_await task.join();
    EXPECT_NO_THROW(task.result());
}

BRIO_TEST_FIFO(task_outcome, FUT_4_cancelling_what_is_done_changes_nothing) {
    auto finished = create_task([]() -> awaitable<int> { co_return 1; });
    co_await finished.join();
    EXPECT_FALSE(finished.cancel());
    EXPECT_FALSE(finished.cancelled());
    EXPECT_EQ(finished.cancelling(), 0);
    EXPECT_EQ(finished.result(), 1);

    auto stopped = create_task(brio::sleep(1s));
    EXPECT_TRUE(stopped.cancel("enough"));
    co_await brio::sleep(0s);
    EXPECT_TRUE(stopped.cancelled());
    EXPECT_FALSE(stopped.cancel("again"));
    try {
        stopped.result();
        ADD_FAILURE() << "a cancelled task has a result";
    } catch (const brio::cancelled_error& e) {
        EXPECT_EQ(e.message(), "enough");
    }
    EXPECT_THROW(static_cast<void>(stopped.exception()), brio::cancelled_error);
}

BRIO_TEST_FIFO(task_outcome, FUT_7_joining_what_is_done_takes_no_turn) {
    auto task = create_task([]() -> awaitable<int> { co_return 5; });
    co_await task.join();
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    for (int i = 0; i < 100; ++i) EXPECT_EQ(co_await task.join(), 5);
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);
    EXPECT_TRUE(turned);
}

BRIO_TEST_FIFO(task_outcome, FUT_9_callbacks_come_through_the_queue_in_order_with_the_task) {
    std::string order;
    brio::task<> task;
    task = create_task([&order]() -> awaitable<> {
        co_await brio::sleep(1s);
        order += "end ";
    });
    for (const char name : {'a', 'b', 'c'}) {
        task.add_done_callback([&order, &task, name](brio::task_handle done) {
            EXPECT_TRUE(done.done());
            EXPECT_EQ(done, task);
            order += name;
        });
    }
    co_await brio::sleep(0s);
    co_await brio::sleep(1s);  // this deadline is behind the task's own
    brio::get_running_loop().call_soon([&order] { order += " soon"; });
    co_await brio::sleep(0s);
    EXPECT_EQ(order, "end abc soon");
}

BRIO_TEST(task_outcome, FUT_9_callbacks_come_after_a_failure_and_a_cancel_too) {
    int calls = 0;
    auto failing = create_task(fail("x"));
    auto stopped = create_task(brio::sleep(1s));
    const auto count = [&calls](const brio::task_handle&) { ++calls; };
    failing.add_done_callback(count);
    stopped.add_done_callback(count);
    stopped.cancel();
    co_await brio::sleep(1s);
    EXPECT_EQ(calls, 2);
    EXPECT_NE(failing.exception(), nullptr);
}

BRIO_TEST_FIFO(task_outcome, FUT_10_a_removed_callback_is_not_called) {
    std::string order;
    auto task = create_task(brio::sleep(1s));
    task.add_done_callback([&order](const brio::task_handle&) { order += "a"; });
    const auto middle = task.add_done_callback([&order](const brio::task_handle&) { order += "b"; });
    task.add_done_callback([&order](const brio::task_handle&) { order += "c"; });
    EXPECT_TRUE(task.remove_done_callback(middle));
    EXPECT_FALSE(task.remove_done_callback(middle));
    co_await brio::sleep(2s);
    EXPECT_EQ(order, "ac");
}

BRIO_TEST_FIFO(task_outcome, FUT_13_a_callback_on_a_done_task_comes_soon_not_inline) {
    auto task = create_task([]() -> awaitable<> { co_return; });
    co_await task.join();
    int calls = 0;
    task.add_done_callback([&calls](const brio::task_handle&) { ++calls; });
    EXPECT_EQ(calls, 0);
    co_await brio::sleep(0s);
    EXPECT_EQ(calls, 1);
}

BRIO_TEST(task_outcome, FUT_9_an_exception_of_a_callback_goes_to_the_handler_and_stops_nobody) {
    captured_errors errors(brio::get_running_loop());
    int calls = 0;
    auto task = create_task(brio::sleep(1s));
    task.add_done_callback([](const brio::task_handle&) { throw std::runtime_error("bad callback"); });
    task.add_done_callback([&calls](const brio::task_handle&) { ++calls; });
    co_await brio::sleep(2s);
    EXPECT_EQ(calls, 1);
    BRIO_ASSERT_EQ(errors.size(), 1U);
    EXPECT_TRUE(contains(errors.text(), "bad callback"));
    brio::get_running_loop().set_exception_handler({});
}

BRIO_TEST(task_outcome, FUT_14_an_exception_that_nobody_fetched_is_reported) {
    captured_errors errors(brio::get_running_loop());
    {
        auto task = create_task(fail("lost"), "loser");
        co_await brio::sleep(1s);
        EXPECT_TRUE(task.done());
        EXPECT_EQ(errors.size(), 0U) << "too early: somebody could still fetch it";
    }
    BRIO_ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].task_name(), "loser");
    EXPECT_TRUE(contains(errors[0].message(), "never retrieved"));
    EXPECT_TRUE(contains(errors.text(), "lost"));
    brio::get_running_loop().set_exception_handler({});
}

BRIO_TEST(task_outcome, FUT_14_also_when_there_never_was_a_handle) {
    captured_errors errors(brio::get_running_loop());
    create_task(fail("lost"));
    co_await brio::sleep(1s);
    EXPECT_EQ(errors.size(), 1U);
    brio::get_running_loop().set_exception_handler({});
}

TEST(task_outcome, FUT_14_a_handle_that_outlives_the_loop_reports_to_the_log) {
    captured_log log;
    {
        brio::task<> kept;
        brio::run([&kept]() -> awaitable<> {
            kept = create_task(fail("late"));
            co_await brio::sleep(1ms);
        });
        EXPECT_EQ(log.size(), 0U) << log.text();
    }
    EXPECT_EQ(log.count("late"), 1U) << log.text();
}

BRIO_TEST(task_outcome, FUT_15_fetching_silences_the_report) {
    captured_errors errors(brio::get_running_loop());
    {
        auto a = create_task(fail("a"));
        auto b = create_task(fail("b"));
        auto c = create_task(fail("c"));
        co_await brio::sleep(1s);
        EXPECT_THROW(a.result(), std::runtime_error);
        EXPECT_NE(b.exception(), nullptr);
        EXPECT_THROW(co_await c.join(), std::runtime_error);
    }
    co_await brio::sleep(0s);
    EXPECT_EQ(errors.size(), 0U) << errors.text();
    brio::get_running_loop().set_exception_handler({});
}

BRIO_TEST(task_outcome, FUT_15_asking_whether_it_is_done_does_not_silence) {
    captured_errors errors(brio::get_running_loop());
    {
        auto task = create_task(fail("a"));
        co_await brio::sleep(1s);
        EXPECT_TRUE(task.done());
        EXPECT_FALSE(task.cancelled());
    }
    EXPECT_EQ(errors.size(), 1U);
    brio::get_running_loop().set_exception_handler({});
}

BRIO_TEST(task_outcome, FUT_16_unread_results_and_cancelled_tasks_are_silent) {
    captured_errors errors(brio::get_running_loop());
    {
        auto value = create_task([]() -> awaitable<int> { co_return 1; });
        auto stopped = create_task(brio::sleep(1h));
        stopped.cancel();
        co_await brio::sleep(1s);
    }
    EXPECT_EQ(errors.size(), 0U) << errors.text();
    brio::get_running_loop().set_exception_handler({});
}

BRIO_TEST(task_outcome, FUT_17_cancelling_a_failed_task_counts_as_seen) {
    captured_errors errors(brio::get_running_loop());
    {
        auto task = create_task(fail("seen"));
        co_await brio::sleep(1s);
        EXPECT_FALSE(task.cancel());
    }
    EXPECT_EQ(errors.size(), 0U) << errors.text();
    brio::get_running_loop().set_exception_handler({});
}

BRIO_TEST(task_outcome, FUT_18_the_report_says_where_the_task_was_made) {
    captured_errors errors(brio::get_running_loop());
    create_task(fail("x"));
    co_await brio::sleep(1s);
    BRIO_ASSERT_EQ(errors.size(), 1U);
    EXPECT_TRUE(contains(errors[0].created_at(), "done_callback_test.cpp:")) << errors[0].created_at();
    brio::get_running_loop().set_exception_handler({});
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// A task in one line.
#include <brio/detail/task_text.hpp>

#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::captured_errors;
using brio_test::contains;

constexpr unsigned event_line = __LINE__ + 1;
awaitable<> wait_for_event(brio::event& signal) { co_await signal.wait(); }
awaitable<int> answer() { co_return 42; }
awaitable<> fail(std::string text) {
    throw std::runtime_error(text);
    co_return;
}

BRIO_TEST(task_text, TASK_9_name_state_and_place) {
    brio::event signal;
    auto task = create_task(wait_for_event(signal), "worker");
    EXPECT_TRUE(to_string(task).starts_with("worker [not started], created at task_text_test.cpp:")) << to_string(task);
    EXPECT_TRUE(contains(to_string(brio::current_task()), " [running], ")) << to_string(brio::current_task());
    co_await brio::sleep(0s);
    EXPECT_TRUE(to_string(task).starts_with("worker [waiting] in ")) << to_string(task);
    signal.set();
    EXPECT_TRUE(to_string(task).starts_with("worker [ready] in ")) << to_string(task);
    co_await task.join();
    EXPECT_TRUE(to_string(task).starts_with("worker [done: a value], created at ")) << to_string(task);
}

BRIO_TEST(task_text, TASK_9_how_it_ended) {
    captured_errors errors(brio::get_running_loop());
    auto number = create_task(answer(), "number");
    auto failed = create_task(fail("boom"), "failed");
    auto cancelled = create_task(brio::sleep(1h), "cancelled");
    auto message = create_task(brio::sleep(1h), "message");
    cancelled.cancel();
    message.cancel("no longer needed");
    co_await brio::sleep(1s);
    EXPECT_TRUE(contains(to_string(number), "[done: a value]")) << to_string(number);
    EXPECT_TRUE(contains(to_string(failed), "[done: std::runtime_error: boom]")) << to_string(failed);
    EXPECT_TRUE(contains(to_string(cancelled), "[done: cancelled]")) << to_string(cancelled);
    EXPECT_TRUE(contains(to_string(message), "[done: cancelled: no longer needed]")) << to_string(message);
    failed = {};
    EXPECT_EQ(errors.size(), 1U) << "to look at a text is not to fetch the error";
    brio::get_running_loop().set_exception_handler({});
}

BRIO_TEST(task_text, TASK_9_a_pending_cancel) {
    auto task = create_task([]() -> awaitable<> {
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error&) {
        }
        co_await brio::sleep(1s);
    }, "stubborn");
    co_await brio::sleep(0s);
    task.cancel();
    EXPECT_TRUE(contains(to_string(task), "stubborn [ready, cancelling]")) << to_string(task);
    co_await brio::sleep(0s);
    EXPECT_TRUE(contains(to_string(task), "stubborn [waiting, cancelling] in sleep at ")) << to_string(task);
    co_await task.join();
}

BRIO_TEST_REAL_TIME(task_text, TASK_10_what_it_waits_for_and_where) {
    brio::event signal;
    auto task = create_task(wait_for_event(signal), "worker");
    auto joiner = create_task([&task]() -> awaitable<> { co_await task.join(); }, "joiner");
    auto raw = create_task([]() -> awaitable<> {
        boost::asio::steady_timer timer(brio::get_running_loop().context(), 5ms);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }, "raw");
    co_await brio::sleep(0s);
    EXPECT_TRUE(contains(to_string(task), "in event.wait() at task_text_test.cpp:" + std::to_string(event_line))) << to_string(task);
    EXPECT_TRUE(contains(to_string(joiner), "in task.join() at task_text_test.cpp:")) << to_string(joiner);
    EXPECT_TRUE(contains(to_string(raw), "in an Asio operation, created")) << to_string(raw);
    signal.set();
    co_await joiner.join();
    co_await raw.join();
}

BRIO_TEST(task_text, FUT_23_number_of_callbacks_and_waiters) {
    brio::event signal;
    auto task = create_task(wait_for_event(signal), "worker");
    EXPECT_FALSE(contains(to_string(task), "callback")) << to_string(task);
    EXPECT_FALSE(contains(to_string(task), "waiter(s)")) << to_string(task);
    task.add_done_callback([](const brio::task_handle&) {});
    task.add_done_callback([](const brio::task_handle&) {});
    auto joiner = create_task([&task]() -> awaitable<> { co_await task.join(); }, "joiner");
    co_await brio::sleep(0s);
    EXPECT_TRUE(contains(to_string(task), ", 2 callback(s), 1 waiter(s)")) << to_string(task);
    signal.set();
    co_await joiner.join();
    EXPECT_FALSE(contains(to_string(task), "callback")) << to_string(task);
}

TEST(task_text, no_task) { EXPECT_EQ(to_string(brio::task_handle()), "no task"); }

TEST(task_text, durations) {
    EXPECT_EQ(brio::detail::duration_text(0s), "0 us");
    EXPECT_EQ(brio::detail::duration_text(999us), "999 us");
    EXPECT_EQ(brio::detail::duration_text(1ms), "1 ms");
    EXPECT_EQ(brio::detail::duration_text(999ms), "999 ms");
    EXPECT_EQ(brio::detail::duration_text(1250ms), "1.2 s");
    EXPECT_EQ(brio::detail::duration_text(1h), "3600.0 s");
}

}  // namespace

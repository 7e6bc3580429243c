// SPDX-License-Identifier: BSL-1.0
// The task tree seen from other threads and on a signal; loops that do not answer.
#include <brio/debug/remote_tasks.hpp>

#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <csignal>
#include <future>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::contains;
using brio_test::thrown_by;

awaitable<> wait_for_event(brio::event& signal) { co_await signal.wait(); }

struct sigaction disposition(int number) {
    struct sigaction now {};
    ::sigaction(number, nullptr, &now);
    return now;
}

BRIO_TEST_REAL_TIME(remote_tasks, another_thread_sees_the_tasks) {
    brio::event signal;
    auto& loop = brio::get_running_loop();
    auto waiting = create_task(wait_for_event(signal), "waiter");
    co_await brio::sleep(0s);
    const std::string text = co_await brio::to_thread(
        [](brio::loop& target) { return brio::capture_task_tree_threadsafe(target, 5s).to_text(); }, std::ref(loop));
    EXPECT_TRUE(contains(text, "waiter [waiting] in event.wait() at remote_tasks_test.cpp:")) << text;
    EXPECT_TRUE(contains(text, "main [waiting] in ")) << text;
    signal.set();
    co_await waiting.join();
}

BRIO_TEST_REAL_TIME(remote_tasks, on_the_loop_s_own_thread_it_does_not_block) {
    EXPECT_EQ(brio::capture_task_tree_threadsafe(brio::get_running_loop(), 0ms).tasks().size(), 1U);
    co_return;
}

// What another thread is told while the calling step blocks the loop.
std::string asked_while_blocked(brio::loop& loop) {
    return std::async(std::launch::async, [&loop] {
        return thrown_by([&loop] { static_cast<void>(brio::capture_task_tree_threadsafe(loop, 20ms)); });
    }).get();
}

BRIO_TEST_REAL_TIME(remote_tasks, a_blocked_loop_is_named_with_its_step_in_debug_mode) {
    auto& loop = brio::get_running_loop();
    loop.set_debug(true);
    loop.set_slow_step_duration(1h);
    std::string told;
    auto task = create_task([&]() -> awaitable<> {
        told = asked_while_blocked(loop);
        co_return;
    }, "hog");
    co_await task.join();
    EXPECT_TRUE(contains(told, "brio::timeout_error: the event loop did not answer within 20 ms: task hog (created at "
                               "remote_tasks_test.cpp:")) << told;
    EXPECT_TRUE(contains(told, "has run one step for ")) << told;
    loop.call_soon([&] { told = asked_while_blocked(loop); });
    co_await brio::sleep(0s);
    EXPECT_TRUE(contains(told, "a callback has run one step for ")) << told;
}

BRIO_TEST_REAL_TIME(remote_tasks, a_blocked_loop_without_debug_mode_says_how_to_learn_more) {
    auto& loop = brio::get_running_loop();
    loop.set_debug(false);
    const std::string told = asked_while_blocked(loop);
    EXPECT_TRUE(contains(told, "BRIO_DEBUG=1")) << told;
    co_return;
}

TEST(remote_tasks, a_loop_that_nobody_runs_and_a_closed_one) {
    brio::loop loop;
    loop.set_debug(true);
    const std::string told = asked_while_blocked(loop);
    EXPECT_TRUE(contains(told, "is there a thread that runs the loop?")) << told;
    loop.scheduler().close();
    const std::string closed = asked_while_blocked(loop);
    EXPECT_TRUE(contains(closed, "brio::loop_error: capture_task_tree: the event loop is closed")) << closed;
}

// Standard error, until `part` has come.
std::string error_text_with(const std::string& part) {
    std::string text;
    for (int i = 0; i < 500 && !contains(text, part); ++i) {
        std::this_thread::sleep_for(10ms);
        text += ::testing::internal::GetCapturedStderr();
        ::testing::internal::CaptureStderr();
    }
    return text;
}

BRIO_TEST_REAL_TIME(remote_tasks, prints_on_a_signal_and_puts_the_handler_back) {
    brio::event signal;
    auto waiting = create_task(wait_for_event(signal), "waiter");
    co_await brio::sleep(0s);
    const auto before = disposition(SIGUSR1).sa_handler;
    ::testing::internal::CaptureStderr();
    {
        const auto printer = brio::print_tasks_on_signal(SIGUSR1);
        EXPECT_NE(disposition(SIGUSR1).sa_handler, before);
        std::raise(SIGUSR1);
        const std::string text =
            co_await brio::to_thread([] { return error_text_with("waiter [waiting] in event.wait()"); });
        EXPECT_TRUE(contains(text, "tasks, on signal " + std::to_string(SIGUSR1) + ": 2 task(s) not done\n")) << text;
        EXPECT_TRUE(contains(text, "waiter [waiting] in event.wait() at remote_tasks_test.cpp:")) << text;
    }
    static_cast<void>(::testing::internal::GetCapturedStderr());
    EXPECT_EQ(disposition(SIGUSR1).sa_handler, before);
    signal.set();
    co_await waiting.join();
}

BRIO_TEST_REAL_TIME(remote_tasks, a_signal_to_a_blocked_loop_names_the_step) {
    auto& loop = brio::get_running_loop();
    loop.set_debug(true);
    loop.set_slow_step_duration(1h);
    const auto printer = brio::print_tasks_on_signal(SIGUSR2);
    ::testing::internal::CaptureStderr();
    std::string text;
    auto task = create_task([&text]() -> awaitable<> {
        std::raise(SIGUSR2);
        text = error_text_with("did not answer");
        co_return;
    }, "hog");
    co_await task.join();
    static_cast<void>(::testing::internal::GetCapturedStderr());
    EXPECT_TRUE(contains(text, "task hog (created at remote_tasks_test.cpp:")) << text;
}

BRIO_TEST_REAL_TIME(remote_tasks, one_printer_a_signal_and_only_signals_that_can_be_handled) {
    const auto printer = brio::print_tasks_on_signal(SIGUSR1);
    const auto refused = [](int number) {
        return thrown_by([number] { static_cast<void>(brio::print_tasks_on_signal(number)); });
    };
    EXPECT_TRUE(contains(refused(SIGUSR1), "another signal_printer has it")) << refused(SIGUSR1);
    EXPECT_TRUE(contains(refused(SIGKILL), "signal 9 cannot be handled: Invalid argument")) << refused(SIGKILL);
    EXPECT_TRUE(contains(refused(-1), "there is no such signal")) << refused(-1);
    EXPECT_TRUE(contains(refused(12345), "there is no such signal")) << refused(12345);
    co_return;
}

void own_handler(int) {}

BRIO_TEST_REAL_TIME(remote_tasks, a_handler_set_meanwhile_stays) {
    const auto before = disposition(SIGUSR1);
    {
        const auto printer = brio::print_tasks_on_signal(SIGUSR1);
        std::signal(SIGUSR1, &own_handler);
    }
    EXPECT_EQ(disposition(SIGUSR1).sa_handler, &own_handler);
    ::sigaction(SIGUSR1, &before, nullptr);
    co_return;
}

TEST(remote_tasks, a_printer_may_outlive_its_loop_and_needs_one_to_begin) {
    EXPECT_THROW(static_cast<void>(brio::print_tasks_on_signal(SIGUSR1)), brio::loop_error);
    ::testing::internal::CaptureStderr();
    std::string text;
    {
        auto loop = std::make_unique<brio::loop>();
        const auto printer = brio::print_tasks_on_signal(SIGUSR1, *loop);
        loop.reset();
        std::raise(SIGUSR1);
        text = error_text_with("closed");
    }
    static_cast<void>(::testing::internal::GetCapturedStderr());
    EXPECT_TRUE(contains(text, "the event loop is closed")) << text;
}

}  // namespace

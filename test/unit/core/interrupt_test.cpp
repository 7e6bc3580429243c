// SPDX-License-Identifier: BSL-1.0
// Ctrl-C during run. Signals are sent to this very process: these tests need its main thread, which GoogleTest uses.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <csignal>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;

using handler = void (*)(int);

handler sigint_handler() {
    struct sigaction now {};
    ::sigaction(SIGINT, nullptr, &now);
    return now.sa_handler;
}

void ignore_signal(int) {}

TEST(interrupt, RUN_20_ctrl_c_while_main_yields) {
    bool cancelled = false;
    EXPECT_THROW(brio::run([&cancelled]() -> awaitable<> {
        brio::get_running_loop().call_soon([] { std::raise(SIGINT); });
        try {
            for (;;) co_await brio::sleep(0s);
        } catch (const brio::cancelled_error&) {
            cancelled = true;
            throw;
        }
    }), brio::interrupted);
    EXPECT_TRUE(cancelled);
    EXPECT_EQ(sigint_handler(), SIG_DFL);
}

TEST(interrupt, RUN_21_ctrl_c_cancels_what_main_waits_for) {
    brio::task<> inner;
    EXPECT_THROW(brio::run([&inner]() -> awaitable<> {
        inner = create_task(brio::sleep(1h));
        brio::get_running_loop().call_later(1ms, [] { std::raise(SIGINT); });
        co_await inner.join();
    }), brio::interrupted);
    EXPECT_TRUE(inner.cancelled());
}

TEST(interrupt, RUN_21_a_signal_from_another_thread_wakes_a_sleeping_loop) {
    const auto begin = std::chrono::steady_clock::now();
    std::thread other;
    const pthread_t main_thread = ::pthread_self();
    EXPECT_THROW(brio::run([&]() -> awaitable<> {
        other = std::thread([main_thread] { ::pthread_kill(main_thread, SIGINT); });
        co_await brio::sleep(20s);
    }), brio::interrupted);
    other.join();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s);
}

TEST(interrupt, RUN_22_ctrl_c_and_another_cancel_is_a_cancel) {
    EXPECT_THROW(brio::run([]() -> awaitable<> {
        brio::event signalled;
        brio::get_running_loop().call_soon([] { std::raise(SIGINT); });
        const brio::task_handle self = brio::current_task();
        const auto watch = [](brio::task_handle main) -> awaitable<> {
            while (main.cancelling() == 0) co_await brio::sleep(0s);
            main.cancel("somebody else");
        };
        create_task(watch(self));
        co_await signalled.wait();
    }), brio::cancelled_error);
}

TEST(interrupt, RUN_24_RUN_27_in_another_thread_the_run_works_without_the_handler) {
    handler inside = nullptr;
    int value = 0;
    std::thread([&] {
        value = brio::run([&inside]() -> awaitable<int> {
            inside = sigint_handler();
            co_await brio::sleep(1ms);
            co_return 42;
        });
    }).join();
    EXPECT_EQ(value, 42);
    EXPECT_EQ(inside, SIG_DFL);
}

TEST(interrupt, RUN_25_main_may_swallow_it_and_return_a_value) {
    const int value = brio::run([]() -> awaitable<int> {
        brio::get_running_loop().call_soon([] { std::raise(SIGINT); });
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error&) {
        }
        co_await brio::sleep(1ms);
        co_return 42;
    });
    EXPECT_EQ(value, 42);
}

TEST(interrupt, RUN_25_an_error_of_mains_own_is_not_replaced) {
    EXPECT_THROW(brio::run([]() -> awaitable<> {
        brio::get_running_loop().call_soon([] { std::raise(SIGINT); });
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error&) {
            throw std::runtime_error("cleanup");
        }
    }), std::runtime_error);
}

TEST(interrupt, RUN_26_the_second_ctrl_c_acts_at_once) {
    EXPECT_EXIT(
        {
            brio::run([]() -> awaitable<> {
                std::raise(SIGINT);
                std::raise(SIGINT);  // this step does not even reach a suspension
                co_return;
            });
        },
        ::testing::KilledBySignal(SIGINT), "");
}

TEST(interrupt, RUN_26_every_run_counts_anew) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_THROW(brio::run([]() -> awaitable<> {
            std::raise(SIGINT);
            co_await brio::sleep(1h);
        }), brio::interrupted);
    }
}

TEST(interrupt, RUN_27_the_handler_is_there_during_the_run_only) {
    EXPECT_EQ(sigint_handler(), SIG_DFL);
    handler inside = nullptr;
    brio::run([&inside]() -> awaitable<> {
        inside = sigint_handler();
        co_return;
    });
    EXPECT_NE(inside, SIG_DFL);
    EXPECT_EQ(sigint_handler(), SIG_DFL);
}

TEST(interrupt, RUN_27_a_handler_of_the_programs_own_stays) {
    std::signal(SIGINT, &ignore_signal);
    handler inside = nullptr;
    brio::run([&inside]() -> awaitable<> {
        inside = sigint_handler();
        std::raise(SIGINT);
        co_await brio::sleep(1ms);
    });
    EXPECT_EQ(inside, &ignore_signal);
    EXPECT_EQ(sigint_handler(), &ignore_signal);
    std::signal(SIGINT, SIG_DFL);
}

TEST(interrupt, RUN_27_it_can_be_refused) {
    handler inside = nullptr;
    brio::run(
        [](handler& out) -> awaitable<> {
            out = sigint_handler();
            co_return;
        }(inside),
        brio::run_options().handle_sigint(false));
    EXPECT_EQ(inside, SIG_DFL);
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// Waiting for signals: wait_signal, signal_listener, Ctrl-C, storms.
#include "unit/compose/outcome.hpp"
#include "unit/core/capture.hpp"
#include "unit/io/signal_world.hpp"

#include <brio/io/signal.hpp>
#include <brio/testing/test.hpp>

#include <boost/asio/io_context.hpp>

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::signal_listener;
using brio::wait_signal;
using brio_test::action_of;
using brio_test::end_of;
using brio_test::heard;
using brio_test::with_action;

awaitable<> note_signal(int* out) { *out = co_await wait_signal(SIGUSR1); }

awaitable<> raise_when_cancelled(const int* calls) {
    try {
        co_await brio::sleep(1h);
    } catch (const brio::cancelled_error&) {
    }
    std::raise(SIGINT);
    while (*calls == 0) co_await brio::sleep(0s);
}

awaitable<> count_signals(signal_listener* from, int* out) {
    for (;;) {
        co_await from->next();
        ++*out;
    }
}

awaitable<> count_ticks(int* out) {
    for (;;) {
        co_await brio::sleep(100us);
        ++*out;
    }
}

BRIO_TEST(wait_signal, gives_the_number) {
    auto waiting = create_task(wait_signal(SIGUSR1, SIGUSR2));
    co_await heard();
    EXPECT_NE(action_of(SIGUSR1), SIG_DFL);
    std::raise(SIGUSR2);
    EXPECT_EQ(co_await waiting.join(), SIGUSR2);
    EXPECT_EQ(action_of(SIGUSR1), SIG_DFL);
    EXPECT_EQ(action_of(SIGUSR2), SIG_DFL);
}

BRIO_TEST(wait_signal, all_who_wait_are_told) {
    std::vector<brio::task<int>> waiting;
    for (int i = 0; i < 3; ++i) waiting.push_back(create_task(wait_signal(SIGUSR1)));
    co_await heard();
    std::raise(SIGUSR1);
    for (const auto& each : waiting) EXPECT_EQ(co_await each.join(), SIGUSR1);
}

BRIO_TEST(wait_signal, an_older_signal_is_not_given) {
    brio::add_signal_handler(SIGUSR1, [] {});
    std::raise(SIGUSR1);
    auto waiting = create_task(wait_signal(SIGUSR1));
    co_await heard();
    EXPECT_FALSE(waiting.done());
    std::raise(SIGUSR1);
    co_await waiting.join();
    brio::remove_signal_handler(SIGUSR1);
}

BRIO_TEST(wait_signal, cancelled_before_it_starts) {
    auto waiting = create_task(wait_signal(SIGUSR1));
    waiting.cancel();
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled");
    EXPECT_EQ(action_of(SIGUSR1), SIG_DFL);
}

BRIO_TEST(wait_signal, cancelled_while_it_waits_puts_the_action_back) {
    const with_action ignored(SIGUSR1, SIG_IGN);
    auto waiting = create_task(wait_signal(SIGUSR1));
    co_await heard();
    EXPECT_NE(action_of(SIGUSR1), SIG_IGN);
    waiting.cancel();
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled");
    EXPECT_EQ(action_of(SIGUSR1), SIG_IGN);
}

BRIO_TEST(wait_signal, a_signal_that_has_come_is_delivered_before_the_cancel) {
    std::string log;
    const auto body = [](std::string* out) -> awaitable<> {
        const int number = co_await wait_signal(SIGUSR1);
        *out += brio::signal_name(number);
        co_await brio::sleep(1s);
        *out += " not reached";
    };
    auto waiting = create_task(body(&log));
    co_await heard();
    std::raise(SIGUSR1);  // the loop has not looked yet
    waiting.cancel();
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled");
    EXPECT_EQ(log, "SIGUSR1");
}

BRIO_TEST(wait_signal, times_out_in_virtual_time) {
    EXPECT_EQ(co_await end_of(brio::wait_for(wait_signal(SIGUSR1), 1h)), "timeout");
    EXPECT_EQ(action_of(SIGUSR1), SIG_DFL);
}

BRIO_TEST(wait_signal, the_task_tree_names_it) {
    auto waiting = create_task(wait_signal(SIGUSR1), "reloader");
    co_await heard();
    const std::string tree = brio::format_tasks(brio::get_running_loop());
    EXPECT_TRUE(brio_test::contains(tree, "in wait_signal at wait_signal_test.cpp:")) << tree;
    waiting.cancel();
    co_await end_of(waiting.join());
}

TEST(wait_signal, is_work_for_a_context_of_the_users_own) {
    boost::asio::io_context context;
    int got = 0;
    {
        brio::loop loop(context);
        loop.call_soon([&got] {
            create_task(note_signal(&got));
            brio::get_running_loop().call_later(1ms, [] { ::kill(::getpid(), SIGUSR1); });
        });
        context.run();
    }
    EXPECT_EQ(got, SIGUSR1);
    EXPECT_EQ(action_of(SIGUSR1), SIG_DFL);
}

BRIO_TEST(signal_listener, loses_nothing_between_two_waits) {
    signal_listener signals(SIGUSR1, SIGUSR2);
    std::raise(SIGUSR2);
    std::raise(SIGUSR1);
    std::raise(SIGUSR1);  // the same again: one
    co_await heard();
    EXPECT_EQ(co_await signals.next(), SIGUSR1);
    EXPECT_EQ(co_await signals.next(), SIGUSR2);
    auto third = create_task(signals.next());
    co_await heard();
    EXPECT_FALSE(third.done());
    std::raise(SIGUSR1);
    EXPECT_EQ(co_await third.join(), SIGUSR1);
}

BRIO_TEST(signal_listener, a_signal_goes_to_one_of_its_waiters_the_first) {
    signal_listener signals(SIGUSR1);
    std::vector<int> order;
    const auto body = [](signal_listener* from, std::vector<int>* out, int number) -> awaitable<> {
        co_await from->next();
        out->push_back(number);
    };
    auto a = create_task(body(&signals, &order, 1));
    auto b = create_task(body(&signals, &order, 2));
    co_await heard();
    std::raise(SIGUSR1);
    co_await heard();
    EXPECT_EQ(order, std::vector<int>{1});
    std::raise(SIGUSR1);
    co_await b.join();
    EXPECT_EQ(order, (std::vector<int>{1, 2}));
    co_await a.join();
}

BRIO_TEST(signal_listener, a_cancelled_wait_passes_its_signal_on) {
    signal_listener signals(SIGUSR1, SIGUSR2);
    auto a = create_task(signals.next());
    auto b = create_task(signals.next());
    brio::add_signal_handler(SIGUSR1, [&a] { a.cancel(); });  // when `a` is woken and has not run
    co_await heard();
    std::raise(SIGUSR1);
    EXPECT_EQ(co_await b.join(), SIGUSR1);
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    brio::remove_signal_handler(SIGUSR1);
}

BRIO_TEST(signal_listener, a_woken_wait_goes_on_when_another_took_its_signal) {
    signal_listener signals(SIGUSR1);
    auto woken = create_task(signals.next());
    int stolen = 0;
    // Woken in the same batch, but earlier in the queue.
    const auto thief = [](signal_listener* from, int* out) -> awaitable<> {
        co_await wait_signal(SIGUSR1);
        *out = co_await from->next();
    };
    co_await heard();
    brio::task<> other;
    {
        // Handlers are queued before those who wait: this one takes the signal on behalf of a task.
        brio::add_signal_handler(SIGUSR1, [&] {
            other = create_task(thief(&signals, &stolen), brio::task_options().eager());
        });
        std::raise(SIGUSR1);
        co_await heard();
        brio::remove_signal_handler(SIGUSR1);
    }
    EXPECT_TRUE(woken.done());
    std::raise(SIGUSR1);
    co_await heard();
    EXPECT_EQ(stolen, SIGUSR1);
    co_await other.join();
}

BRIO_TEST(signal_listener, its_end_puts_the_action_back) {
    const with_action ignored(SIGUSR1, SIG_IGN);
    signal_listener first(SIGUSR1);
    {
        signal_listener second(std::move(first));
        EXPECT_NE(action_of(SIGUSR1), SIG_IGN);
    }
    EXPECT_EQ(action_of(SIGUSR1), SIG_IGN);
    co_return;
}

// Ctrl-C: the main thread runs these.

TEST(signal_and_ctrl_c, an_own_handler_replaces_that_of_run) {
    int calls = 0;
    brio::run([&calls]() -> awaitable<> {
        brio::add_signal_handler(SIGINT, [&calls] { ++calls; });
        for (int i = 0; i < 3; ++i) {  // run's own would end the process at the second
            std::raise(SIGINT);
            co_await heard();
        }
    });
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(action_of(SIGINT), SIG_DFL);
}

TEST(signal_and_ctrl_c, SIG_5_removing_it_restores_ctrl_c) {
    EXPECT_THROW(brio::run([]() -> awaitable<> {
        brio::add_signal_handler(SIGINT, [] {});
        std::raise(SIGINT);
        co_await heard();
        EXPECT_TRUE(brio::remove_signal_handler(SIGINT));
        std::raise(SIGINT);
        co_await brio::sleep(1h);
    }), brio::interrupted);
    EXPECT_EQ(action_of(SIGINT), SIG_DFL);
}

TEST(signal_and_ctrl_c, wait_signal_hears_it_in_place_of_run) {
    const int got = brio::run([]() -> awaitable<int> {
        brio::get_running_loop().call_soon([] { std::raise(SIGINT); });
        co_return co_await wait_signal(SIGTERM, SIGINT);
    });
    EXPECT_EQ(got, SIGINT);
    EXPECT_EQ(action_of(SIGINT), SIG_DFL);
}

TEST(signal_and_ctrl_c, an_own_handler_stays_while_the_rest_of_the_tasks_ends) {
    int calls = 0;
    brio::run([&calls]() -> awaitable<> {
        brio::add_signal_handler(SIGINT, [&calls] { ++calls; });
        create_task(raise_when_cancelled(&calls));  // when main has ended
        co_await heard();
    });
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(action_of(SIGINT), SIG_DFL);
}

TEST(signal_and_ctrl_c, runs_of_another_loop_come_and_go_meanwhile) {
    std::atomic<int> stage{0};
    std::thread other([&stage] {
        brio::run([&stage]() -> awaitable<> {
            while (stage == 0) co_await brio::sleep(1ms);
            const signal_listener mine(SIGINT);  // over the handler of run in the main thread
            stage = 2;
            while (stage == 2) co_await brio::sleep(1ms);
        });
    });
    brio::run([&stage]() -> awaitable<> {
        stage = 1;
        while (stage == 1) co_await brio::sleep(1ms);
    });
    EXPECT_NE(action_of(SIGINT), SIG_DFL);  // the other one's
    stage = 3;
    other.join();
    EXPECT_EQ(action_of(SIGINT), SIG_DFL);
}

BRIO_TEST_REAL_TIME(signal_and_task_printer, in_either_order) {
    {
        const auto printer = brio::print_tasks_on_signal(SIGUSR1);
        brio::add_signal_handler(SIGUSR1, [] {});
    }
    brio::remove_signal_handler(SIGUSR1);
    EXPECT_EQ(action_of(SIGUSR1), SIG_DFL);
    brio::add_signal_handler(SIGUSR1, [] {});
    {
        const auto printer = brio::print_tasks_on_signal(SIGUSR1);
        brio::remove_signal_handler(SIGUSR1);
    }
    EXPECT_EQ(action_of(SIGUSR1), SIG_DFL);
    co_return;
}

// Storms.

BRIO_TEST_REAL_TIME(signal_storm, ten_thousand_signals_one_by_one_are_all_heard) {
    signal_listener signals(SIGUSR1, SIGUSR2);
    for (int i = 0; i < 10'000; ++i) {
        const int sent = i % 2 ? SIGUSR1 : SIGUSR2;
        ::kill(::getpid(), sent);
        const int got = co_await signals.next();
        if (got != sent) ADD_FAILURE() << "signal " << i << " was " << got;
    }
}

BRIO_TEST_REAL_TIME(signal_storm, ten_thousand_at_once_merge_but_the_last_one_is_heard) {
    std::atomic<int> sent{0};
    int handled = 0;
    int seen = 0;
    brio::event last;
    constexpr int all = 10'000;
    brio::add_signal_handler(SIGUSR1, [&] {
        ++handled;
        seen = sent;
        if (seen == all) last.set();
    });
    signal_listener also(SIGUSR2);
    int heard = 0;
    auto listening = create_task(count_signals(&also, &heard));
    int ticks = 0;
    auto ticking = create_task(count_ticks(&ticks));
    std::thread other([&sent] {
        for (int i = 0; i < all; ++i) {
            ++sent;
            ::kill(::getpid(), SIGUSR1);
            if (i % 10 == 0) ::kill(::getpid(), SIGUSR2);
        }
    });
    co_await last.wait();
    other.join();
    ticking.cancel();
    listening.cancel();
    co_await end_of(ticking.join());
    co_await end_of(listening.join());
    brio::remove_signal_handler(SIGUSR1);
    EXPECT_EQ(seen, all);
    EXPECT_GT(handled, 0);
    EXPECT_LE(handled, all);
    EXPECT_GT(heard, 0);
    EXPECT_GT(ticks, 0);
}

TEST(signal_storm, handlers_come_and_go_in_other_loops_meanwhile) {
    const with_action ignored(SIGUSR1, SIG_IGN);
    std::atomic<bool> over{false};
    std::thread sender([&over] {
        while (!over) ::kill(::getpid(), SIGUSR1);
    });
    std::vector<std::thread> loops;
    for (int i = 0; i < 3; ++i) {
        loops.emplace_back([] {
            for (int k = 0; k < 50; ++k) {
                brio::run([]() -> awaitable<> {
                    co_await wait_signal(SIGUSR1);
                    signal_listener signals(SIGUSR1);
                    co_await signals.next();
                });
            }
        });
    }
    for (std::thread& each : loops) each.join();
    over = true;
    sender.join();
    EXPECT_EQ(action_of(SIGUSR1), SIG_IGN);
}

TEST(wait_signal, cancelled_at_each_await) {
    const brio::testing::scenario_report report = brio::testing::cancel_at_each_await(
        brio::testing::with_state<std::vector<int>>(
            [](std::vector<int>& got) -> awaitable<> {
                const auto wait_once = [](std::vector<int>* out) -> awaitable<> {
                    out->push_back(co_await wait_signal(SIGUSR1, SIGUSR2));
                };
                auto waiting = create_task(wait_once(&got));
                signal_listener signals(SIGUSR1);
                co_await brio::sleep(1s);
                std::raise(SIGUSR1);
                brio::testing::cancel_point();
                got.push_back(co_await signals.next());
                co_await waiting.join();
            },
            [](std::vector<int>& got) {
                for (const int number : got) EXPECT_EQ(number, SIGUSR1);
                EXPECT_EQ(action_of(SIGUSR1), SIG_DFL);
                EXPECT_EQ(action_of(SIGUSR2), SIG_DFL);
            }),
        brio::testing::scenario_options().every_task().allow_leftovers());
    EXPECT_GT(report.injected, 5u);
}

}  // namespace

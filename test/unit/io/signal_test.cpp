// SPDX-License-Identifier: BSL-1.0
// Signal handlers of a loop (asyncio.md 2.29), sent to this very process.
#include "unit/core/capture.hpp"
#include "unit/io/denied_call.hpp"
#include "unit/io/signal_world.hpp"

#include <brio/io/signal.hpp>
#include <brio/testing/test.hpp>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::add_signal_handler;
using brio::awaitable;
using brio::remove_signal_handler;
using brio_test::action_of;
using brio_test::heard;
using brio_test::with_action;

int calls_of_earlier = 0;
void earlier(int) { ++calls_of_earlier; }

BRIO_TEST(signal, SIG_1_a_handler_runs_as_a_callback_of_the_loop) {
    std::string log;
    add_signal_handler(SIGUSR1, [&log] { log += "handler "; });
    std::raise(SIGUSR1);
    log += "step ";
    co_await heard();
    EXPECT_EQ(log, "step handler ");
    EXPECT_TRUE(remove_signal_handler(SIGUSR1));
}

BRIO_TEST(signal, SIG_1_with_its_arguments_each_time) {
    std::vector<std::string> got;
    const auto note = [](std::vector<std::string>* out, const std::string& text, int n) { out->push_back(text + std::to_string(n)); };
    add_signal_handler(SIGUSR1, note, &got, std::string("a text that is longer than any small buffer "), 1);
    for (int i = 0; i < 3; ++i) {
        std::raise(SIGUSR1);
        co_await heard();
    }
    remove_signal_handler(SIGUSR1);
    EXPECT_EQ(got, std::vector<std::string>(3, "a text that is longer than any small buffer 1"));
}

BRIO_TEST(signal, SIG_1_one_that_throws_stays) {
    int calls = 0;
    const brio_test::captured_errors errors(brio::get_running_loop());
    add_signal_handler(SIGUSR1, [&calls] {
        ++calls;
        throw std::runtime_error("on purpose");
    });
    for (int i = 0; i < 2; ++i) {
        std::raise(SIGUSR1);
        co_await heard();
    }
    remove_signal_handler(SIGUSR1);
    brio::get_running_loop().set_exception_handler({});
    EXPECT_EQ(calls, 2);
    BRIO_ASSERT_EQ(errors.size(), 2u);
    EXPECT_EQ(errors[0].to_string(), "exception in the handler of SIGUSR1: std::runtime_error: on purpose");
}

BRIO_TEST(signal, SIG_1_in_the_context_in_which_it_was_added) {
    static brio::context_var<int> user("user", 0);
    std::vector<int> got;
    user.set(7);
    add_signal_handler(SIGUSR1, [&got] { got.push_back(user.get()); });
    user.set(8);
    std::raise(SIGUSR1);
    co_await heard();
    remove_signal_handler(SIGUSR1);
    EXPECT_EQ(got, std::vector<int>{7});
}

BRIO_TEST(signal, SIG_1_wakes_a_loop_in_virtual_time_without_stopping_it) {
    int calls = 0;
    add_signal_handler(SIGUSR1, [&calls] { ++calls; });
    co_await brio::sleep(1h);  // would stand still if the wait for the signal were work
    std::raise(SIGUSR1);
    co_await brio::sleep(1h);
    EXPECT_EQ(calls, 1);
    remove_signal_handler(SIGUSR1);
    co_await brio::sleep(1h);
}

BRIO_TEST_REAL_TIME(signal, SIG_1_wakes_a_loop_that_sleeps) {
    brio::event seen;
    add_signal_handler(SIGUSR1, [&seen] { seen.set(); });
    const pthread_t here = ::pthread_self();
    std::thread other([here] { ::pthread_kill(here, SIGUSR1); });
    co_await seen.wait();
    other.join();
    remove_signal_handler(SIGUSR1);
}

BRIO_TEST(signal, SIG_1_a_second_handler_replaces_the_first) {
    std::string log;
    add_signal_handler(SIGUSR1, [&log] { log += "first "; });
    std::raise(SIGUSR1);  // still the first one's, which is gone when its turn comes
    add_signal_handler(SIGUSR1, [&log] { log += "second "; });
    co_await heard();
    EXPECT_EQ(log, "");
    std::raise(SIGUSR1);
    co_await heard();
    EXPECT_EQ(log, "second ");
    EXPECT_TRUE(remove_signal_handler(SIGUSR1));
    EXPECT_FALSE(remove_signal_handler(SIGUSR1));
}

std::string refusal(int number) {
    try {
        add_signal_handler(number, [] {});
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
    return "none";
}

BRIO_TEST(signal, SIG_3_refused_numbers) {
    EXPECT_EQ(refusal(0), "signal 0 cannot be handled: there is no such signal");
    EXPECT_EQ(refusal(-1), "signal -1 cannot be handled: there is no such signal");
    EXPECT_EQ(refusal(65), "signal 65 cannot be handled: there is no such signal");
    EXPECT_TRUE(refusal(SIGKILL).starts_with("SIGKILL cannot be handled: the system acts on it")) << refusal(SIGKILL);
    EXPECT_TRUE(refusal(SIGSTOP).starts_with("SIGSTOP cannot be handled")) << refusal(SIGSTOP);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
        EXPECT_TRUE(brio_test::contains(refusal(fault), "reports a fault")) << refusal(fault);
    }
    EXPECT_TRUE(brio_test::contains(refusal(32), "the C library keeps it")) << refusal(32);
    EXPECT_THROW(remove_signal_handler(SIGKILL), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(brio::wait_signal(SIGTERM, SIGKILL)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(brio::signal_listener(SIGTERM, 99)), std::invalid_argument);
    EXPECT_EQ(action_of(SIGTERM), SIG_DFL);
    co_return;
}

TEST(signal, SIG_3_outside_of_a_loop) {
    EXPECT_THROW(add_signal_handler(SIGUSR1, [] {}), brio::loop_error);
    EXPECT_THROW(remove_signal_handler(SIGUSR1), brio::loop_error);
    EXPECT_EQ(action_of(SIGUSR1), SIG_DFL);
}

awaitable<> note_later(std::vector<std::string>* out, std::string text) {
    co_await brio::sleep(1s);
    out->push_back(text + " in " + brio::current_task().name());
}

BRIO_TEST(signal, SIG_4_a_coroutine_function_becomes_a_task_each_time) {
    std::vector<std::string> got;
    add_signal_handler(SIGUSR1, note_later, &got, "reload");
    for (int i = 0; i < 2; ++i) {
        std::raise(SIGUSR1);
        co_await heard();
    }
    EXPECT_EQ(brio::all_tasks().size(), 3u);
    remove_signal_handler(SIGUSR1);  // those that run go on
    co_await brio::sleep(2s);
    EXPECT_EQ(got, std::vector<std::string>(2, "reload in handler of SIGUSR1"));
}

// A coroutine function with something in it that has a life of its own.
class count_later {
public:
    count_later(int& live, std::vector<int>& out) : counter_(live), live_(&live), out_(&out) {}
    awaitable<> operator()() const {
        co_await brio::sleep(1s);
        out_->push_back(*live_);
    }

private:
    brio_test::counted counter_;
    int* live_;
    std::vector<int>* out_;
};

awaitable<> fail_later() {
    co_await brio::sleep(0s);
    throw std::runtime_error("on purpose");
}

BRIO_TEST(signal, SIG_4_its_captures_live_as_long_as_the_task) {
    int live = 0;
    std::vector<int> seen;
    add_signal_handler(SIGUSR1, count_later(live, seen));
    std::raise(SIGUSR1);
    co_await heard();
    remove_signal_handler(SIGUSR1);
    EXPECT_EQ(live, 1);
    co_await brio::sleep(2s);
    EXPECT_EQ(seen, std::vector<int>{1});
    EXPECT_EQ(live, 0);
}

BRIO_TEST(signal, SIG_4_its_failure_is_reported) {
    const brio_test::captured_errors errors(brio::get_running_loop());
    add_signal_handler(SIGUSR1, fail_later);
    std::raise(SIGUSR1);
    co_await brio::sleep(1s);
    remove_signal_handler(SIGUSR1);
    brio::get_running_loop().set_exception_handler({});
    BRIO_ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].task_name(), "handler of SIGUSR1");
    EXPECT_TRUE(errors[0].created_at().starts_with("signal_test.cpp:")) << errors[0].created_at();
}

BRIO_TEST(signal, SIG_5_removing_restores_the_default_and_says_whether_there_was_one) {
    EXPECT_FALSE(remove_signal_handler(SIGUSR1));
    add_signal_handler(SIGUSR1, [] {});
    EXPECT_NE(action_of(SIGUSR1), SIG_DFL);
    EXPECT_TRUE(remove_signal_handler(SIGUSR1));
    EXPECT_EQ(action_of(SIGUSR1), SIG_DFL);
    EXPECT_FALSE(remove_signal_handler(SIGUSR1));
    co_return;
}

BRIO_TEST(signal, SIG_5_removing_restores_a_handler_of_the_programs_own) {
    const with_action mine(SIGUSR1, &earlier);
    calls_of_earlier = 0;
    add_signal_handler(SIGUSR1, [] {});
    std::raise(SIGUSR1);
    co_await heard();
    EXPECT_EQ(calls_of_earlier, 0);
    remove_signal_handler(SIGUSR1);
    EXPECT_EQ(action_of(SIGUSR1), &earlier);
    std::raise(SIGUSR1);
    EXPECT_EQ(calls_of_earlier, 1);
}

BRIO_TEST(signal, SIG_5_a_handler_that_somebody_set_meanwhile_stays) {
    const with_action saved(SIGUSR1, SIG_DFL);
    add_signal_handler(SIGUSR1, [] {});
    std::signal(SIGUSR1, &earlier);
    remove_signal_handler(SIGUSR1);
    EXPECT_EQ(action_of(SIGUSR1), &earlier);
    co_return;
}

BRIO_TEST(signal, SIG_5_added_again_it_takes_over_from_one_set_meanwhile) {
    const with_action saved(SIGUSR1, SIG_DFL);
    int calls = 0;
    add_signal_handler(SIGUSR1, [&calls] { ++calls; });
    std::signal(SIGUSR1, &earlier);
    {
        const brio::signal_listener also(SIGUSR1);
        std::raise(SIGUSR1);
        co_await heard();
        EXPECT_EQ(calls, 1);
    }
    remove_signal_handler(SIGUSR1);
    EXPECT_EQ(action_of(SIGUSR1), &earlier);
}

// What the installation of a handler throws while a system call fails.
awaitable<> try_without(long call, std::uint32_t argument, int error, std::string* text) {
    co_await brio::sleep(1ms);  // what the loop itself needs is there
    brio_test::deny_call(call, argument, error);
    try {
        add_signal_handler(SIGUSR1, [] {});
    } catch (const std::system_error& e) {
        *text = e.what();
    }
    if (remove_signal_handler(SIGUSR1)) *text += ", but something is installed";
    // Another one is not affected, and nothing stands in its way.
    if (call == SYS_rt_sigaction) {
        int calls = 0;
        add_signal_handler(SIGUSR2, [&calls] { ++calls; });
        std::raise(SIGUSR2);
        co_await heard();
        if (calls != 1 || !remove_signal_handler(SIGUSR2)) *text += ", and others do not work";
    }
}

void exit_like(const std::string& text, const std::string& expected) {
    if (text != expected) std::fprintf(stderr, "got: %s\n", text.c_str());
    std::exit(text == expected ? 0 : 1);
}

TEST(signal, SIG_6_a_failed_installation_leaves_nothing) {
    EXPECT_EXIT({
        std::string text;
        brio::run(try_without, SYS_rt_sigaction, std::uint32_t{SIGUSR1}, EPERM, &text);
        exit_like(text, "the handler of SIGUSR1 could not be installed: Operation not permitted");
    }, ::testing::ExitedWithCode(0), "");
}

TEST(signal, SIG_6_nor_does_a_lack_of_descriptors) {
    EXPECT_EXIT({
        std::string text;
        brio::run(try_without, SYS_eventfd2, std::uint32_t{0}, EMFILE, &text);
        exit_like(text, "no descriptor for the loop's signals: close some, or raise the limit (ulimit -n): Too many open files");
    }, ::testing::ExitedWithCode(0), "");
}

BRIO_TEST(signal, SIG_7_a_handler_removed_meanwhile_is_not_called) {
    int calls = 0;
    add_signal_handler(SIGUSR1, [&calls] { ++calls; });
    std::raise(SIGUSR1);
    remove_signal_handler(SIGUSR1);
    co_await heard();
    // ... and when it stands in the ready queue already
    add_signal_handler(SIGUSR1, [&calls] { ++calls; });
    add_signal_handler(SIGUSR2, [] { remove_signal_handler(SIGUSR1); });
    {
        const brio::signal_listener other(SIGUSR1);  // the signal stays handled
        std::raise(SIGUSR2);
        std::raise(SIGUSR1);
        co_await heard();
    }
    EXPECT_LE(calls, 1);  // whichever of the two ran first
    remove_signal_handler(SIGUSR2);
    EXPECT_FALSE(remove_signal_handler(SIGUSR1));
}

BRIO_TEST(signal, SIG_7_an_unknown_signal_is_ignored) {
    const with_action saved(SIGUSR1, SIG_DFL);
    add_signal_handler(SIGUSR1, [] {});
    struct sigaction ours {};
    ::sigaction(SIGUSR1, nullptr, &ours);
    remove_signal_handler(SIGUSR1);
    ::sigaction(SIGUSR1, &ours, nullptr);  // by code that saves and restores actions
    std::raise(SIGUSR1);                   // would kill by default
    co_await heard();
    ::sigaction(SIGUSR1, nullptr, &ours);
    add_signal_handler(SIGUSR1, [] {});
    EXPECT_TRUE(remove_signal_handler(SIGUSR1));
}

TEST(signal, SIG_8_closing_the_loop_removes_all_handlers) {
    const with_action mine(SIGUSR2, &earlier);
    brio::run([]() -> awaitable<> {
        add_signal_handler(SIGUSR1, [] {});
        add_signal_handler(SIGUSR2, [] {});
        co_return;
    });
    EXPECT_EQ(action_of(SIGUSR1), SIG_DFL);
    EXPECT_EQ(action_of(SIGUSR2), &earlier);
}

TEST(signal, SIG_8_a_listener_may_outlive_its_loop) {
    std::optional<brio::signal_listener> listener;
    brio::run([&listener]() -> awaitable<> {
        listener.emplace(SIGUSR1, SIGUSR2);
        co_return;
    });
    EXPECT_EQ(action_of(SIGUSR1), SIG_DFL);
    listener.reset();
    EXPECT_EQ(action_of(SIGUSR2), SIG_DFL);
}

TEST(signal, SIG_8_a_task_that_is_cancelled_at_the_end_still_has_signals) {
    std::string text;
    brio::run([&text]() -> awaitable<> {
        add_signal_handler(SIGUSR1, [] {});
        const auto body = [](std::string* out) -> awaitable<> {
            try {
                co_await brio::sleep(1h);
            } catch (const brio::cancelled_error&) {
            }
            *out = brio_test::thrown_by([] { add_signal_handler(SIGUSR1, [] {}); });
        };
        brio::create_task(body(&text));
        co_await brio::sleep(0s);
    });
    EXPECT_EQ(text, "nothing");
    EXPECT_EQ(action_of(SIGUSR1), SIG_DFL);
}

TEST(signal, SIG_9_works_in_any_thread_and_every_loop_is_told) {
    constexpr int loops = 4;
    std::atomic<int> ready{0};
    std::atomic<int> told{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < loops; ++i) {
        threads.emplace_back([&] {
            brio::run([&]() -> awaitable<> {
                brio::event seen;
                add_signal_handler(SIGUSR1, [&] {
                    ++told;
                    seen.set();
                });
                ++ready;
                co_await seen.wait();
            });
        });
    }
    while (ready < loops) std::this_thread::yield();
    ::kill(::getpid(), SIGUSR1);
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(told, loops);
    EXPECT_EQ(action_of(SIGUSR1), SIG_DFL);
}

TEST(signal, a_child_between_fork_and_exec_takes_the_signal_as_if_brio_were_not_there) {
    int calls = 0;
    int status = 0;
    brio::run([&]() -> awaitable<> {
        add_signal_handler(SIGTERM, [&calls] { ++calls; });
        const pid_t child = ::fork();
        if (child == 0) {
            std::raise(SIGTERM);
            ::_exit(0);
        }
        ::waitpid(child, &status, 0);
        co_await heard();
        EXPECT_EQ(calls, 0);
        std::raise(SIGTERM);
        co_await heard();
        EXPECT_EQ(calls, 1);
    });
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

BRIO_TEST(signal, names) {
    EXPECT_EQ(brio::signal_name(SIGTERM), "SIGTERM");
    EXPECT_EQ(brio::signal_name(SIGRTMIN), "SIGRTMIN");
    EXPECT_EQ(brio::signal_name(SIGRTMIN + 2), "SIGRTMIN+2");
    EXPECT_EQ(brio::signal_name(99), "signal 99");
    add_signal_handler(SIGRTMAX, [] {});
    EXPECT_TRUE(remove_signal_handler(SIGRTMAX));
    co_return;
}

}  // namespace

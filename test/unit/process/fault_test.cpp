// SPDX-License-Identifier: BSL-1.0
// Children on systems that lack calls, refuse them or lie: pidfd missing, forbidden or ready too early.
#include "process/process_calls.hpp"

#include "unit/compose/outcome.hpp"
#include "unit/process/children.hpp"

#include <brio/testing/test.hpp>

#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::command;
using brio::create_subprocess_exec;
using brio::process;
using brio_test::end_of;
using brio_test::errno_of;
using brio_test::exists;

// Other system calls for the life of this object.
class calls {
public:
    calls() : before_(brio::detail::current_process_calls()) {}
    calls(const calls&) = delete;
    calls& operator=(const calls&) = delete;
    ~calls() { brio::detail::current_process_calls() = before_; }
    brio::detail::process_calls* operator->() const noexcept { return &brio::detail::current_process_calls(); }

private:
    brio::detail::process_calls before_;
};

int no_pidfd(pid_t) noexcept {
    errno = ENOSYS;
    return -1;
}
int no_descriptor_left(pid_t) noexcept {
    errno = EMFILE;
    return -1;
}
int forbidden(int, int) noexcept {
    errno = EPERM;
    return -1;
}

awaitable<> use_all() {
    EXPECT_EQ(co_await brio_test::code_of(command::shell("exit 3")), 3);
    process child = co_await create_subprocess_exec("sleep", "1000");
    auto waiting = brio::create_task(child.wait());
    co_await brio_test::settle();
    EXPECT_FALSE(waiting.done());
    child.terminate();
    EXPECT_EQ(co_await waiting.join(), -SIGTERM);
    EXPECT_EQ(errno_of([&] { child.kill(); }), ESRCH);
    EXPECT_FALSE(exists(child.pid()));
    process closed = co_await create_subprocess_exec("sleep", "1000");
    closed.close();
    EXPECT_EQ(co_await closed.wait(), -SIGKILL);
    process unnoticed = co_await create_subprocess_exec(command::shell("exit 4"));
    siginfo_t info{};
    EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(unnoticed.pid()), &info, WEXITED | WNOWAIT), 0);
    unnoticed.close();
    EXPECT_EQ(co_await unnoticed.wait(), 4);
}

BRIO_TEST(process_faults, SUB_42_a_thread_per_child_where_there_is_no_pidfd) {
    const calls other;
    other->open_pidfd = &no_pidfd;
    co_await use_all();
}

BRIO_TEST(process_faults, SUB_42_a_thread_per_child_without_descriptors) {
    const calls other;
    other->open_pidfd = &no_descriptor_left;
    co_await use_all();
}

BRIO_TEST(process_faults, pidfd_without_the_right_to_signal_by_it) {
    const calls other;
    other->signal_pidfd = &forbidden;
    co_await use_all();
}

// As long as a thread waits for a child, the virtual clock must not jump, nor the io_context run out of work.
BRIO_TEST(process_faults, a_waiter_thread_holds_the_clock) {
    const calls other;
    other->open_pidfd = &no_pidfd;
    const auto begin = brio::get_running_loop().time();
    process child = co_await create_subprocess_exec("sleep", "0.03");
    EXPECT_EQ(co_await brio::wait_for(child.wait(), 1h), 0);
    EXPECT_EQ(brio::get_running_loop().time(), begin);
}

BRIO_TEST(process_faults, storm_of_waiter_threads) {
    const calls other;
    other->open_pidfd = &no_pidfd;
    std::vector<awaitable<int>> all;
    for (int i = 0; i < 200; ++i) all.push_back(brio_test::code_of(command::shell("exit " + std::to_string(i % 100))));
    const std::vector<int> codes = co_await brio::gather(brio::limit(8), std::move(all));
    for (int i = 0; i < 200; ++i) EXPECT_EQ(codes[static_cast<std::size_t>(i)], i % 100);
}

BRIO_TEST(process_faults, report_21_sigchld_ignored_with_waiter_threads) {
    const calls other;
    other->open_pidfd = &no_pidfd;
    const brio_test::disposition child_signal(SIGCHLD, SIG_IGN);
    EXPECT_EQ(co_await brio_test::code_of(command::shell("exit 3")), 255);
    process slow = co_await create_subprocess_exec("sleep", "1000");
    slow.kill();
    EXPECT_EQ(co_await slow.wait(), 255);
}

TEST(process_faults, the_end_of_the_loop_with_waiter_threads) {
    const calls other;
    other->open_pidfd = &no_pidfd;
    std::optional<process> left;
    std::optional<process> detached;
    brio::run([&]() -> awaitable<> {
        left = co_await create_subprocess_exec("sleep", "1000");
        detached = co_await create_subprocess_exec("sleep", "1000");
        detached->detach();
    });
    EXPECT_EQ(left->returncode(), -SIGKILL);
    EXPECT_FALSE(exists(left->pid()));
    EXPECT_TRUE(exists(detached->pid()));
    ::kill(detached->pid(), SIGKILL);
    while (exists(detached->pid())) std::this_thread::yield();
}

// report 16: the loop was blocked in waitpid after a spurious wake-up.
BRIO_TEST_REAL_TIME(process_faults, report_16_a_pidfd_that_is_ready_too_early_does_not_stop_the_loop) {
    const calls other;
    other->open_pidfd = [](pid_t) noexcept { return ::eventfd(1, EFD_CLOEXEC); };  // readable from the start, for ever
    other->signal_pidfd = &forbidden;
    process child = co_await create_subprocess_exec("sleep", "1000");
    for (int turn = 0; turn < 20; ++turn) co_await brio::sleep(1ms);
    EXPECT_EQ(child.returncode(), std::nullopt);
    child.kill();
    EXPECT_EQ(co_await child.wait(), -SIGKILL);
}

int signals_sent = 0;

// report 20: a signal after the child was reaped would meet whoever has its number now.
BRIO_TEST(process_faults, SUB_16_report_20_no_signal_leaves_this_program_once_the_child_is_reaped) {
    const calls other;
    other->signal_pidfd = [](int, int) noexcept { return ++signals_sent, 0; };
    other->signal = [](pid_t, int) noexcept { return ++signals_sent, 0; };
    for (const bool by_thread : {false, true}) {
        if (by_thread) other->open_pidfd = &no_pidfd;
        process child = co_await create_subprocess_exec(command("true").new_session());
        co_await child.wait();
        signals_sent = 0;
        EXPECT_EQ(errno_of([&] { child.kill(); }), ESRCH);
        EXPECT_EQ(errno_of([&] { child.send_group_signal(SIGKILL); }), ESRCH);
        child.close();
        child = process();
        EXPECT_EQ(signals_sent, 0);
    }
}

// Whichever of the calls fails, and from whichever on: everything works, by other means.
TEST(process_faults, each_call_about_pidfds_fails_in_turn) {
    const calls other;
    static const brio::detail::process_calls real = *other.operator->();
    other->open_pidfd = [](pid_t pid) noexcept {
        if (!brio::testing::fault_points::fails("pidfd_open")) return real.open_pidfd(pid);
        errno = EMFILE;
        return -1;
    };
    other->signal_pidfd = [](int descriptor, int number) noexcept {
        if (!brio::testing::fault_points::fails("pidfd_send_signal")) return real.signal_pidfd(descriptor, number);
        errno = EPERM;
        return -1;
    };
    brio::testing::fail_each(&use_all);
}

int waits_left = 0;

BRIO_TEST(process_faults, an_interrupted_waitid_is_tried_again) {
    const calls other;
    static const auto real = other->wait;
    waits_left = 5;
    other->wait = [](pid_t pid, siginfo_t& info, int options) noexcept {
        if (waits_left-- > 0) {
            errno = EINTR;
            return -1;
        }
        return real(pid, info, options);
    };
    EXPECT_EQ(co_await brio_test::code_of(command::shell("exit 3")), 3);
    EXPECT_LE(waits_left, 0);
}

}  // namespace

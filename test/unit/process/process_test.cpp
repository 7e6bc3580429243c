// SPDX-License-Identifier: BSL-1.0
// process: waiting, return codes, closing and dropping handles (asyncio.md 2.26).
#include "unit/compose/outcome.hpp"
#include "unit/process/children.hpp"

#include <brio/testing/test.hpp>

#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::command;
using brio::create_subprocess_exec;
using brio::create_subprocess_shell;
using brio::create_task;
using brio::process;
using brio_test::end_of;
using brio_test::errno_of;
using brio_test::exists;
using brio_test::settle;

awaitable<process> sleeper() {
    co_return co_await create_subprocess_exec("sleep", "1000");
}

BRIO_TEST(process, returncode_is_nothing_while_it_runs) {
    process child = co_await sleeper();
    EXPECT_EQ(child.returncode(), std::nullopt);
    child.kill();
    EXPECT_EQ(child.returncode(), std::nullopt) << "the loop has not seen it yet";
    EXPECT_EQ(co_await child.wait(), -SIGKILL);
    EXPECT_EQ(child.returncode(), -SIGKILL);
    EXPECT_FALSE(exists(child.pid())) << "it is reaped";
}

BRIO_TEST(process, wait_does_not_suspend_when_the_end_is_known) {
    process child = co_await create_subprocess_shell("exit 3");
    EXPECT_EQ(co_await child.wait(), 3);
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    EXPECT_EQ(co_await child.wait(), 3);
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);
}

BRIO_TEST(process, SUB_37_ten_tasks_wait_for_one_process) {
    process child = co_await create_subprocess_exec("sleep", "0.05");
    std::vector<brio::task<int>> waiting;
    for (int i = 0; i < 10; ++i) waiting.push_back(create_task(child.wait()));
    const std::vector<int> codes = co_await brio::gather(std::move(waiting));
    EXPECT_EQ(codes, std::vector<int>(10, 0));
}

BRIO_TEST(process, SUB_44_an_end_wakes_each_waiter_once) {
    process child = co_await sleeper();
    int woken = 0;
    auto wait = [&]() -> awaitable<> {
        EXPECT_EQ(co_await child.wait(), -SIGTERM);
        ++woken;
    };
    auto one = create_task(wait);
    auto two = create_task(wait);
    co_await settle();
    child.terminate();
    co_await brio::gather(one, two);
    EXPECT_EQ(woken, 2);
}

BRIO_TEST(process, SUB_26_cancelling_wait_leaves_the_child_running) {
    process child = co_await sleeper();
    auto waiting = create_task(child.wait());
    auto other = create_task(child.wait());
    co_await settle();
    waiting.cancel();
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled");
    EXPECT_EQ(child.returncode(), std::nullopt);
    EXPECT_TRUE(exists(child.pid()));
    EXPECT_FALSE(other.done());
    child.kill();
    EXPECT_EQ(co_await child.wait(), -SIGKILL);
    EXPECT_EQ(co_await other.join(), -SIGKILL);
}

BRIO_TEST(process, a_cancel_that_comes_after_the_end_waits_for_the_next_suspension) {
    process child = co_await sleeper();
    int code = 0;
    brio::task<> waiting;
    auto first = create_task([&]() -> awaitable<> {  // is woken first, and runs first
        co_await child.wait();
        waiting.cancel();
    });
    co_await settle();
    waiting = create_task([&]() -> awaitable<> {
        code = co_await child.wait();
        co_await brio::sleep(1h);
    });
    co_await settle();
    child.kill();
    co_await first.join();
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled");
    EXPECT_EQ(code, -SIGKILL);
}

BRIO_TEST(process, cancelled_before_it_waits) {
    process child = co_await sleeper();
    auto waiting = create_task(child.wait());
    waiting.cancel();
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled");
    child.close();
    EXPECT_EQ(co_await child.wait(), -SIGKILL);
}

BRIO_TEST_REAL_TIME(process, SUB_50_a_wait_that_times_out_leaves_the_child_running) {
    process child = co_await sleeper();
    EXPECT_EQ(co_await end_of(brio::wait_for(child.wait(), 10ms)), "timeout");
    EXPECT_EQ(child.returncode(), std::nullopt);
    EXPECT_TRUE(exists(child.pid()));
    child.kill();
    EXPECT_EQ(co_await child.wait(), -SIGKILL);
}

BRIO_TEST(process, the_handle_may_go_while_others_wait) {
    std::optional<process> child = co_await sleeper();
    const int pid = child->pid();
    auto waiting = create_task(child->wait());
    co_await settle();
    child->terminate();
    child.reset();
    EXPECT_EQ(co_await waiting.join(), -SIGTERM);
    EXPECT_FALSE(exists(pid));
}

// report 30: a dropped child stays a zombie until another one is looked at.
BRIO_TEST_REAL_TIME(process, report_30_a_dropped_child_is_reaped_by_the_loop) {
    std::vector<int> pids;
    for (int i = 0; i < 10; ++i) {
        process child = co_await create_subprocess_exec("sleep", "0.02");
        pids.push_back(child.pid());
        process killed = co_await sleeper();
        pids.push_back(killed.pid());
        killed.kill();
    }
    for (const int pid : pids) {
        while (exists(pid)) co_await brio::sleep(1ms);  // the test's watchdog is the limit
    }
    siginfo_t info{};
    EXPECT_NE(::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), 0);
    EXPECT_EQ(errno, ECHILD);
}

BRIO_TEST(process, SUB_30_closing_the_handle_of_a_running_child_kills_it) {
    process child = co_await sleeper();
    child.close();
    EXPECT_EQ(co_await child.wait(), -SIGKILL);
}

BRIO_TEST(process, SUB_31_closing_does_not_signal_one_that_has_ended_unnoticed) {
    process child = co_await create_subprocess_shell("exit 4");
    siginfo_t info{};
    BRIO_ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT), 0);  // blocks the loop, too
    EXPECT_EQ(child.returncode(), std::nullopt);
    child.close();
    EXPECT_EQ(child.returncode(), 4);
    EXPECT_EQ(co_await child.wait(), 4);
}

BRIO_TEST(process, SUB_40_closing_after_the_end_does_nothing) {
    process child = co_await create_subprocess_exec("true");
    EXPECT_EQ(co_await child.wait(), 0);
    child.close();
    child.close();
    EXPECT_EQ(child.returncode(), 0);
}

BRIO_TEST(process, kill_on_drop) {
    brio::task<int> waiting;
    {
        process child = co_await create_subprocess_exec(command("sleep", "1000").kill_on_drop());
        waiting = create_task(child.wait());
        co_await settle();
        process moved = std::move(child);
        child = std::move(moved);
        EXPECT_EQ(child.returncode(), std::nullopt);
    }
    EXPECT_EQ(co_await waiting.join(), -SIGKILL);
}

BRIO_TEST(process, assigning_to_a_handle_drops_what_it_had) {
    process child = co_await create_subprocess_exec(command("sleep", "1000").kill_on_drop());
    auto waiting = create_task(child.wait());
    co_await settle();
    child = co_await create_subprocess_exec("true");
    EXPECT_EQ(co_await waiting.join(), -SIGKILL);
    EXPECT_EQ(co_await child.wait(), 0);
    child = process();
    EXPECT_FALSE(child.has_process());
}

TEST(process, a_handle_without_process) {
    process none;
    EXPECT_FALSE(none.has_process());
    none.close();
    EXPECT_THROW(static_cast<void>(none.pid()), brio::invalid_state_error);
    EXPECT_THROW(static_cast<void>(none.returncode()), brio::invalid_state_error);
    EXPECT_THROW(none.kill(), brio::invalid_state_error);
    EXPECT_THROW(static_cast<void>(none.wait()), brio::invalid_state_error);
}

// What brio logs meanwhile.
class log_lines {
public:
    log_lines() : before_(brio::set_log_sink([this](brio::log_level, std::string_view line) { text_ += std::string(line) + "\n"; })) {}
    log_lines(const log_lines&) = delete;
    log_lines& operator=(const log_lines&) = delete;
    ~log_lines() { brio::set_log_sink(before_); }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
    brio::log_sink before_;
};

TEST(process, what_runs_at_the_end_of_the_loop_is_killed_and_reaped) {
    const log_lines lines;
    int pid = 0;
    std::optional<process> kept;  // outlives the loop
    brio::run([&]() -> awaitable<> {
        process dropped = co_await sleeper();
        pid = dropped.pid();
        kept = co_await sleeper();
    });
    EXPECT_FALSE(exists(pid));
    EXPECT_FALSE(exists(kept->pid()));
    EXPECT_EQ(kept->returncode(), -SIGKILL);
    EXPECT_EQ(errno_of([&] { kept->kill(); }), ESRCH);
    EXPECT_NE(lines.text().find("process " + std::to_string(pid) + " (sleep) still runs while its event loop closes, and is killed"), std::string::npos)
        << lines.text();
}

TEST(process, one_that_has_ended_unnoticed_at_the_end_of_the_loop_is_reaped_in_silence) {
    const log_lines lines;
    std::optional<process> kept;
    brio::run([&]() -> awaitable<> {
        kept = co_await create_subprocess_shell("exit 9");
        siginfo_t info{};
        EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(kept->pid()), &info, WEXITED | WNOWAIT), 0);
    });
    EXPECT_EQ(kept->returncode(), 9);
    EXPECT_FALSE(exists(kept->pid()));
    EXPECT_EQ(lines.text(), "");
}

TEST(process, a_detached_one_outlives_the_loop) {
    const log_lines lines;
    std::optional<process> kept;
    brio::run([&]() -> awaitable<> {
        kept = co_await sleeper();
        kept->detach();
    });
    EXPECT_EQ(lines.text(), "");
    EXPECT_EQ(kept->returncode(), std::nullopt);
    EXPECT_EQ(errno_of([&] { kept->kill(); }), ESRCH) << "its loop has closed: nobody guards its number";
    EXPECT_TRUE(exists(kept->pid()));
    EXPECT_EQ(brio::run(end_of(kept->wait())), "process.wait(): process " + std::to_string(kept->pid()) + " has outlived its event loop: nobody can tell its end");
    ::kill(kept->pid(), SIGKILL);
    while (exists(kept->pid())) std::this_thread::yield();  // a thread reaps it
}

TEST(process, a_process_is_waited_for_in_its_own_loop) {
    brio::run([]() -> awaitable<> {
        process child = co_await sleeper();
        std::string how;
        co_await brio::to_thread([&] { how = brio::run(end_of(child.wait())); });
        EXPECT_NE(how.find("was started by another event loop"), std::string::npos) << how;
        child.close();
        co_await child.wait();
    });
}

}  // namespace

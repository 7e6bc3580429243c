// SPDX-License-Identifier: BSL-1.0
// Signals to children, and the signal state in which they start.
#include "unit/compose/outcome.hpp"
#include "unit/process/children.hpp"

#include <brio/testing/test.hpp>

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::command;
using brio::create_subprocess_exec;
using brio::process;
using brio_test::disposition;
using brio_test::errno_of;
using brio_test::lives;
using brio_test::output_of;

BRIO_TEST(child_signals, SUB_11_the_code_is_the_negative_number_of_the_signal) {
    for (const int number : {SIGKILL, SIGTERM, SIGHUP, SIGUSR1, SIGINT}) {
        process child = co_await create_subprocess_exec("sleep", "1000");
        if (number == SIGKILL) {
            child.kill();
        } else if (number == SIGTERM) {
            child.terminate();
        } else {
            child.send_signal(number);
        }
        EXPECT_EQ(co_await child.wait(), -number);
    }
}

BRIO_TEST(child_signals, a_core_dump_is_an_end_by_a_signal) {
    process child = co_await create_subprocess_exec(command("sleep", "1000").limit(brio::process_limit::core_bytes, 0));
    child.send_signal(SIGQUIT);
    EXPECT_EQ(co_await child.wait(), -SIGQUIT);
}

BRIO_TEST(child_signals, stopping_and_going_on_is_no_end) {
    process child = co_await create_subprocess_exec("sleep", "1000");
    child.send_signal(SIGSTOP);
    siginfo_t info{};
    BRIO_ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WSTOPPED | WNOWAIT), 0);
    co_await brio_test::settle();
    EXPECT_EQ(child.returncode(), std::nullopt);
    child.send_signal(SIGCONT);
    child.terminate();
    EXPECT_EQ(co_await child.wait(), -SIGTERM);
}

BRIO_TEST(child_signals, SUB_14_none_is_sent_once_the_end_is_known) {
    process child = co_await create_subprocess_exec("true");
    co_await child.wait();
    EXPECT_EQ(errno_of([&] { child.terminate(); }), ESRCH);
    EXPECT_EQ(errno_of([&] { child.kill(); }), ESRCH);
    EXPECT_EQ(errno_of([&] { child.send_signal(0); }), ESRCH);
}

BRIO_TEST(child_signals, SUB_15_between_the_end_and_that_moment_they_have_no_effect) {
    process child = co_await create_subprocess_exec(command::shell("exit 6"));
    siginfo_t info{};
    BRIO_ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT), 0);
    EXPECT_EQ(errno_of([&] { child.kill(); }), 0);
    EXPECT_EQ(co_await child.wait(), 6);
}

// report 18: one party kills, another waits: always the exact code.
BRIO_TEST(child_signals, SUB_15_report_18_kill_races_with_the_end) {
    int killed = 0;
    for (int i = 0; i < 300; ++i) {
        process child = co_await create_subprocess_exec("true");
        auto waiting = brio::create_task(child.wait());
        co_await brio::sleep(0s);
        for (int spin = 0; spin < i * 20 && !waiting.done(); ++spin) co_await brio::sleep(0s);
        try {
            child.kill();
        } catch (const std::system_error& error) {
            EXPECT_EQ(error.code().value(), ESRCH);
        }
        const int code = co_await waiting.join();
        EXPECT_TRUE(code == 0 || code == -SIGKILL) << code;
        killed += code != 0;
    }
    EXPECT_GT(killed, 0);
}

BRIO_TEST(child_signals, an_invalid_number_is_an_error) {
    process child = co_await create_subprocess_exec("sleep", "1000");
    EXPECT_EQ(errno_of([&] { child.send_signal(9999); }), EINVAL);
    EXPECT_EQ(errno_of([&] { child.send_signal(0); }), 0);
    child.close();
    co_await child.wait();
}

BRIO_TEST(child_signals, SUB_10_a_session_of_its_own) {
    process child = co_await create_subprocess_exec(command("sleep", "1000").new_session());
    EXPECT_EQ(::getsid(child.pid()), child.pid());
    EXPECT_EQ(::getpgid(child.pid()), child.pid());
    child.close();
    EXPECT_EQ(co_await child.wait(), -SIGKILL);
    process limited = co_await create_subprocess_exec(command("sleep", "1000").new_session().limit(brio::process_limit::core_bytes, 0));
    EXPECT_EQ(::getsid(limited.pid()), limited.pid());
    limited.close();
    EXPECT_EQ(co_await limited.wait(), -SIGKILL);
}

BRIO_TEST(child_signals, groups) {
    process leader = co_await create_subprocess_exec(command("sleep", "1000").process_group());
    EXPECT_EQ(::getpgid(leader.pid()), leader.pid());
    EXPECT_NE(::getsid(leader.pid()), leader.pid());
    process member = co_await create_subprocess_exec(command("sleep", "1000").process_group(leader.pid()));
    EXPECT_EQ(::getpgid(member.pid()), leader.pid());
    process stranger = co_await create_subprocess_exec("sleep", "1000");
    EXPECT_EQ(errno_of([&] { stranger.send_group_signal(SIGTERM); }), ESRCH);
    EXPECT_EQ(errno_of([&] { member.send_group_signal(SIGTERM); }), ESRCH);
    leader.send_group_signal(SIGTERM);
    EXPECT_EQ(co_await leader.wait(), -SIGTERM);
    EXPECT_EQ(co_await member.wait(), -SIGTERM);
    EXPECT_EQ(errno_of([&] { leader.send_group_signal(SIGTERM); }), ESRCH);
    EXPECT_EQ(stranger.returncode(), std::nullopt);
    stranger.close();
    EXPECT_EQ(co_await stranger.wait(), -SIGKILL);
    EXPECT_EQ(co_await brio_test::errno_of_start(command("true").process_group(leader.pid())), EPERM) << "there is no such group any more";
}

BRIO_TEST_REAL_TIME(child_signals, closing_kills_the_group_that_a_child_leads) {
    const brio_test::temp_folder folder;
    command what = command::shell("sleep 1000 & echo $! > pid.new; mv pid.new pid; wait");
    process child = co_await create_subprocess_exec(what.cwd(folder.path()).new_session());
    while (!std::filesystem::exists(folder / "pid")) co_await brio::sleep(1ms);
    const int grandchild = std::stoi(brio_test::read_file(folder / "pid"));
    child.close();
    EXPECT_EQ(co_await child.wait(), -SIGKILL);
    while (lives(grandchild)) co_await brio::sleep(1ms);  // whoever has adopted it reaps it
}

// The masks of blocked, ignored and caught signals, as the kernel shows them.
command signal_masks() { return command("grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status"); }
constexpr const char* no_signals = "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n";

class blocked {
public:
    explicit blocked(int number) {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, number);
        pthread_sigmask(SIG_BLOCK, &set, &before_);
    }
    blocked(const blocked&) = delete;
    blocked& operator=(const blocked&) = delete;
    ~blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_;
};

BRIO_TEST(child_signals, SUB_45_a_child_starts_with_all_signals_as_the_system_has_them) {
    const disposition pipe(SIGPIPE, SIG_IGN);
    const disposition hup(SIGHUP, SIG_IGN);
    const disposition usr(SIGUSR1, [](int) {});
    const blocked usr2(SIGUSR2);
    EXPECT_EQ(co_await output_of(signal_masks()), no_signals);
    EXPECT_EQ(co_await output_of(signal_masks().limit(brio::process_limit::core_bytes, 0)), no_signals);
}

BRIO_TEST(child_signals, SUB_45_or_goes_on_ignoring_what_the_parent_ignores) {
    const disposition hup(SIGHUP, SIG_IGN);
    const disposition usr(SIGUSR1, [](int) {});
    const blocked usr2(SIGUSR2);
    const std::string only_hup = "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000001\n";
    EXPECT_EQ(co_await output_of(signal_masks().keep_ignored_signals()), only_hup);
    EXPECT_EQ(co_await output_of(signal_masks().keep_ignored_signals().limit(brio::process_limit::core_bytes, 0)), only_hup);
}

// report 21: the system reaps, and nobody ever learns the status.
BRIO_TEST(child_signals, report_21_sigchld_ignored_gives_255_and_no_hang) {
    const disposition child_signal(SIGCHLD, SIG_IGN);
    process quick = co_await create_subprocess_exec(command::shell("exit 3"));
    EXPECT_EQ(co_await quick.wait(), 255);
    process slow = co_await create_subprocess_exec("sleep", "1000");
    slow.kill();
    EXPECT_EQ(co_await slow.wait(), 255);
    EXPECT_EQ(errno_of([&] { slow.kill(); }), ESRCH);
    EXPECT_EQ(co_await brio_test::errno_of_start(command("/no/such/program")), ENOENT);
    process dropped = co_await create_subprocess_exec("sleep", "1000");
    dropped.close();
}

BRIO_TEST(child_signals, a_status_taken_by_others_gives_255) {
    process child = co_await create_subprocess_exec(command::shell("exit 3"));
    BRIO_ASSERT_EQ(::waitpid(child.pid(), nullptr, 0), child.pid());
    EXPECT_EQ(errno_of([&] { child.kill(); }), 0) << "it has ended unnoticed";
    EXPECT_EQ(co_await child.wait(), 255);
}

}  // namespace

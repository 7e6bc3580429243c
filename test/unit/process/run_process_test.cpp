// SPDX-License-Identifier: BSL-1.0
// run_process: results, errors, stopping what takes too long.
#include "unit/compose/outcome.hpp"
#include "unit/process/children.hpp"

#include <brio/testing/test.hpp>

#include <unistd.h>

#include <csignal>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::command;
using brio::create_task;
using brio::output_until;
using brio::process_error;
using brio::process_result;
using brio::process_timeout_error;
using brio::run_process;
using brio::run_process_options;
using brio::stdio;
using brio_test::end_of;
using brio_test::exists;
using brio_test::lives;

BRIO_TEST(run_process, captures_both_outputs) {
    const process_result done = co_await run_process(command::shell("echo out; echo err >&2; exit 3"));
    EXPECT_EQ(done.out(), "out\n");
    EXPECT_EQ(done.err(), "err\n");
    EXPECT_EQ(done.returncode(), 3);
    EXPECT_EQ(done.command(), "/bin/sh -c 'echo out; echo err >&2; exit 3'");
}

BRIO_TEST(run_process, input) {
    const process_result done = co_await run_process(command("sort"), run_process_options().input("b\na\n"));
    EXPECT_EQ(done.out(), "a\nb\n");
    const process_result empty = co_await run_process(command("cat"), run_process_options().input(""));
    EXPECT_EQ(empty.out(), "");
    const process_result none = co_await run_process(command("cat"));
    EXPECT_EQ(none.out(), "") << "without input there is none, not this program's";
    const process_result piped = co_await run_process(command("cat").stdin_from(stdio::pipe), run_process_options().input("x"));
    EXPECT_EQ(piped.out(), "x");
    EXPECT_NE((co_await end_of(run_process(command("cat").stdin_from(stdio::null), run_process_options().input("x")))).find("is given an input"),
              std::string::npos);
}

BRIO_TEST(run_process, check_makes_an_error_of_a_status) {
    std::optional<process_error> error;
    try {
        co_await run_process(command::shell("echo out; echo one >&2; echo 'the reason' >&2; exit 3"), run_process_options().check());
    } catch (const process_error& thrown) {
        error = thrown;
    }
    BRIO_ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->returncode(), 3);
    EXPECT_EQ(error->out(), "out\n");
    EXPECT_EQ(error->err(), "one\nthe reason\n");
    EXPECT_NE(std::string(error->what()).find("has ended with exit status 3: the reason"), std::string::npos) << error->what();
    EXPECT_EQ(co_await end_of(run_process(command::shell("kill -9 $$"), run_process_options().check())),
              "'/bin/sh -c 'kill -9 $$'' was ended by signal 9 (Killed)");
    const process_result fine = co_await run_process(command("true"), run_process_options().check());
    fine.check();
}

BRIO_TEST(run_process, what_cannot_be_started) {
    EXPECT_NE((co_await end_of(run_process(command("brio-no-such-program")))).find("no directory of PATH"), std::string::npos);
}

BRIO_TEST(run_process, the_command_says_where_outputs_go) {
    const brio_test::temp_folder folder;
    command what = command::shell("echo out; echo err >&2");
    const process_result merged = co_await run_process(command(what).stderr_to(stdio::merged));
    EXPECT_EQ(merged.out(), "out\nerr\n");
    EXPECT_EQ(merged.err(), "");
    const process_result filed = co_await run_process(what.stdout_to(folder / "file"));
    EXPECT_EQ(filed.out(), "");
    EXPECT_EQ(filed.err(), "err\n");
    EXPECT_EQ(brio_test::read_file(folder / "file"), "out\n");
    const process_result piped = co_await run_process(command::shell("echo out; echo err >&2").stdout_to(stdio::pipe).stderr_to(stdio::pipe),
                                                      run_process_options().capture(false));
    EXPECT_EQ(piped.out() + piped.err(), "out\nerr\n");
    const process_result inherited = co_await run_process(command("true"), run_process_options().capture(false));
    EXPECT_EQ(inherited.returncode(), 0);
}

BRIO_TEST(run_process, lines_as_they_come) {
    std::string seen;
    run_process_options options;
    options.on_line([&](std::string_view line) { seen += "[" + std::string(line) + "]"; });
    options.on_error_line([&](std::string_view line) { seen += "<" + std::string(line) + ">"; });
    const process_result done = co_await run_process(command::shell("echo a; echo b; printf c"), options);
    EXPECT_EQ(seen, "[a][b][c]");
    EXPECT_EQ(done.out(), "");
    co_await run_process(command::shell("echo e >&2"), options.capture(false));
    EXPECT_EQ(seen, "[a][b][c]<e>");
}

BRIO_TEST(run_process, what_a_line_function_throws_stops_the_program) {
    run_process_options options;
    options.on_line([](std::string_view line) {
        if (line == "2") throw std::runtime_error("enough");
    });
    EXPECT_EQ(co_await end_of(run_process(command::shell("i=0; while :; do echo $i; i=$((i+1)); done"), options)), "enough");
}

BRIO_TEST_REAL_TIME(run_process, a_timeout_stops_it) {
    std::optional<process_timeout_error> error;
    try {
        co_await run_process(command::shell("echo early; exec sleep 1000"), run_process_options().timeout(50ms));
    } catch (const process_timeout_error& thrown) {
        error = thrown;
    }
    BRIO_ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->out(), "early\n");
    EXPECT_EQ(error->result().returncode(), -SIGTERM);
    EXPECT_EQ(std::string(error->what()), "'/bin/sh -c 'echo early; exec sleep 1000'' did not end within 50 ms and was stopped");
}

BRIO_TEST_REAL_TIME(run_process, what_ignores_sigterm_is_killed_after_the_grace) {
    const auto begin = std::chrono::steady_clock::now();
    std::optional<int> code;
    try {
        co_await run_process(command::shell("trap '' TERM; echo ready; while :; do sleep 1000; done"), run_process_options().timeout(100ms).grace(100ms));
    } catch (const process_timeout_error& thrown) {
        code = thrown.result().returncode();
    }
    EXPECT_EQ(code, -SIGKILL);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 200ms);
    try {
        co_await run_process(command("sleep", "1000"), run_process_options().timeout(0s).grace(0s));
    } catch (const process_timeout_error& thrown) {
        code = thrown.result().returncode();
    }
    EXPECT_EQ(code, -SIGKILL);
}

BRIO_TEST_REAL_TIME(run_process, the_whole_group_is_stopped) {
    int grandchild = 0;
    run_process_options options;
    options.timeout(50ms).grace(20ms).on_line([&](std::string_view line) { grandchild = std::stoi(std::string(line)); });
    // The grandchild ignores SIGTERM and holds the output open, the shell ends.
    EXPECT_EQ(co_await end_of(run_process(command::shell("(trap '' TERM; exec sleep 1000) & echo $!; wait"), options)), "timeout");
    BRIO_ASSERT_GT(grandchild, 0);
    while (lives(grandchild)) co_await brio::sleep(1ms);
}

BRIO_TEST_REAL_TIME(run_process, a_timeout_finds_the_group_of_a_leader_that_has_ended) {
    int grandchild = 0;
    run_process_options options;
    options.timeout(100ms).on_line([&](std::string_view line) { grandchild = std::stoi(std::string(line)); });
    EXPECT_EQ(co_await end_of(run_process(command::shell("sleep 1000 & echo $!"), options)), "timeout");
    BRIO_ASSERT_GT(grandchild, 0);
    while (lives(grandchild)) co_await brio::sleep(1ms);
}

BRIO_TEST(run_process, until_the_exit_a_grandchild_is_left_alone) {
    const process_result done = co_await run_process(command::shell("sleep 1000 & echo $!"), run_process_options().read_until(output_until::exit));
    EXPECT_EQ(done.returncode(), 0);
    const int grandchild = std::stoi(done.out());
    EXPECT_TRUE(lives(grandchild));
    ::kill(grandchild, SIGKILL);
}

BRIO_TEST(run_process, a_cancel_stops_it_before_it_is_thrown) {
    int pid = 0;
    run_process_options options;
    options.on_line([&](std::string_view line) { pid = std::stoi(std::string(line)); });
    auto running = create_task(run_process(command::shell("echo $$; exec sleep 1000"), options));
    while (pid == 0) co_await brio::sleep(0s);
    running.cancel();
    EXPECT_EQ(co_await end_of(running.join()), "cancelled");
    EXPECT_FALSE(exists(pid));
    auto not_begun = create_task(run_process(command("sleep", "1000")));
    not_begun.cancel();
    EXPECT_EQ(co_await end_of(not_begun.join()), "cancelled");
    auto just_begun = create_task(run_process(command("sleep", "1000")));
    co_await brio::sleep(0s);
    just_begun.cancel();
    EXPECT_EQ(co_await end_of(just_begun.join()), "cancelled");
}

BRIO_TEST(run_process, a_second_cancel_ends_the_grace) {
    int pid = 0;
    run_process_options options;
    options.grace(1h).on_line([&](std::string_view line) { pid = std::stoi(std::string(line)); });
    auto running = create_task(run_process(command::shell("trap '' TERM; echo $$; while :; do sleep 1000; done"), options));
    while (pid == 0) co_await brio::sleep(0s);
    running.cancel();
    co_await brio_test::settle();
    EXPECT_FALSE(running.done());
    EXPECT_TRUE(exists(pid));
    running.cancel();
    EXPECT_EQ(co_await end_of(running.join()), "cancelled");
    EXPECT_FALSE(exists(pid));
}

BRIO_TEST(run_process, a_loop_that_ends_half_way_leaves_nothing) {
    std::optional<int> pid;
    std::thread([&] {
        brio::loop one;
        run_process_options options;
        options.on_line([&](std::string_view line) {
            pid = std::stoi(std::string(line));
            one.stop();
        });
        one.call_soon([&] { static_cast<void>(create_task(run_process(command::shell("echo $$; exec sleep 1000"), options))); });
        one.run_forever();
    }).join();
    BRIO_ASSERT_TRUE(pid.has_value());
    EXPECT_FALSE(exists(*pid));
    co_return;
}

BRIO_TEST(run_process, report_21_sigchld_ignored_gives_255) {
    const brio_test::disposition child_signal(SIGCHLD, SIG_IGN);
    const process_result done = co_await run_process(command::shell("echo out"));
    EXPECT_EQ(done.out(), "out\n");
    EXPECT_EQ(done.returncode(), 255);
}

BRIO_TEST(run_process, a_child_with_inherited_input_stays_in_our_group) {
    const std::string ours = std::to_string(::getpgrp());
    const char* const print_group = "cut -d' ' -f5 /proc/$$/stat";
    const process_result inherits = co_await run_process(command::shell(print_group).stdin_from(stdio::inherit));
    EXPECT_EQ(inherits.out(), ours + "\n");
    const process_result alone = co_await run_process(command::shell(std::string("echo $$; ") + print_group));
    const std::string half = alone.out().substr(0, alone.out().size() / 2);
    EXPECT_EQ(alone.out(), half + half) << "it leads its own";
}

}  // namespace

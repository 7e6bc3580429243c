// SPDX-License-Identifier: BSL-1.0
// Children cancelled at every await: no process, descriptor, task or byte is left behind or lost.
#include "unit/process/children.hpp"

#include <brio/testing/test.hpp>

#include <csignal>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using brio::awaitable;
using brio::command;
using brio::create_subprocess_exec;
using brio::create_task;
using brio::process;
using brio::process_output;
using brio::run_process;
using brio::run_process_options;
using brio::stdio;
using brio::testing::cancel_at_each_await;
using brio::testing::scenario_options;
using brio::testing::with_state;

awaitable<> start_and_wait() {
    process child = co_await create_subprocess_exec(command::shell("exit 3").kill_on_drop());
    EXPECT_EQ(co_await child.wait(), 3);
}

TEST(process_sweep, SUB_27_starting_and_waiting) { cancel_at_each_await(start_and_wait); }

awaitable<> several_wait() {
    process child = co_await create_subprocess_exec(command("sleep", "1000").kill_on_drop());
    std::vector<brio::task<int>> waiting;
    for (int i = 0; i < 3; ++i) waiting.push_back(create_task(child.wait()));
    co_await brio::sleep(std::chrono::seconds(0));
    child.kill();
    co_await brio::gather(brio::return_exceptions, std::move(waiting));
}

TEST(process_sweep, SUB_26_several_wait_and_any_of_them_is_cancelled) {
    cancel_at_each_await(several_wait, scenario_options().every_task());
}

struct transcript {
    std::optional<std::string> got;
    bool started = false;
    int code = 0;
};

// Whenever it is cancelled, the next communicate finds everything.
awaitable<> communicate_and_rescue(transcript& t) {
    process child = co_await create_subprocess_exec(command("cat").stdin_from(stdio::pipe).stdout_to(stdio::pipe).kill_on_drop());
    t.started = true;
    std::string input(100'000, 'x');
    while (!t.got) {
        try {
            process_output output = co_await child.communicate(std::exchange(input, std::string()));
            t.got = std::move(output.out);
            t.code = *child.returncode();
        } catch (const brio::cancelled_error&) {
        }
    }
}

TEST(process_sweep, SUB_29_a_cancelled_communicate_loses_nothing) {
    cancel_at_each_await(with_state<transcript>(communicate_and_rescue, [](transcript& t) {
        if (!t.started) return;
        EXPECT_EQ(t.got, std::string(100'000, 'x'));
        EXPECT_EQ(t.code, 0);
    }));
}

awaitable<> run_with_input() {
    const brio::process_result done = co_await run_process(command("cat"), run_process_options().input(std::string(70'000, 'x')));
    EXPECT_EQ(done.out().size(), 70'000U);
}

TEST(process_sweep, run_process) { cancel_at_each_await(run_with_input); }
TEST(process_sweep, run_process_in_a_hundred_schedules) {
    brio::testing::for_each_seed(run_with_input, 1, 101);
}
TEST(process_sweep, run_process_any_task_of_it) { cancel_at_each_await(run_with_input, scenario_options().every_task()); }

awaitable<> run_pipeline() {
    const brio::process_result done = co_await run_process(command("yes") | command("head", "-n", "2") | command("cat"));
    EXPECT_EQ(done.out(), "y\ny\n");
    EXPECT_EQ(done.returncode(), 0);
}

TEST(process_sweep, pipeline) { cancel_at_each_await(run_pipeline); }

awaitable<> run_until_exit() {
    run_process_options options;
    options.read_until(brio::output_until::exit).check();
    const brio::process_result done = co_await run_process(command("echo", "text"), options);
    EXPECT_EQ(done.out(), "text\n");
}

TEST(process_sweep, run_process_until_the_exit) { cancel_at_each_await(run_until_exit); }

awaitable<> dialogue() {
    process child = co_await create_subprocess_exec(command("cat").stdin_from(stdio::pipe).stdout_to(stdio::pipe).kill_on_drop());
    for (const char* const line : {"one", "two"}) {
        co_await child.stdin_stream().write(std::string(line) + "\n");
        EXPECT_EQ(co_await child.stdout_stream().next_line(), line);
    }
    child.stdin_stream().close();
    EXPECT_EQ(co_await child.wait(), 0);
}

TEST(process_sweep, SUB_24_a_dialogue) { cancel_at_each_await(dialogue); }

}  // namespace
